// The filters of the list of calls, as they stand in the address.
import type { CallDirection, CallFilter, CallStatus } from './gql/graphql';
import { STATUSES } from './series';

export const DIRECTIONS = ['INBOUND', 'OUTBOUND', 'INTERNAL', 'TRANSIT', 'UNKNOWN'] as const;

const WHOLE_NUMBER = /^\+\d[\d ]{7,}$/;

const known = <T extends string>(names: readonly string[], all: readonly T[]): T[] => all.filter((each) => names.includes(each));

const moment = (text: string | null): string | null => {
  const time = text ? new Date(text) : null;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
};

/** Return the filter that the parameters of an address say; what they do not say is not filtered. */
export function callFilter(parameters: URLSearchParams): CallFilter {
  const filter: CallFilter = {};
  const [since, until] = [moment(parameters.get('since')), moment(parameters.get('until'))];
  if (since || until) filter.startedAt = { since, until };
  const statuses: CallStatus[] = known(parameters.getAll('status'), STATUSES);
  if (statuses.length) filter.status = statuses;
  const directions: CallDirection[] = known(parameters.getAll('direction'), DIRECTIONS);
  if (directions.length) filter.direction = directions;
  const providers = parameters.getAll('provider');
  if (providers.length) filter.providers = providers;
  const search = parameters.get('search')?.trim();
  // Providers can look for a whole number themselves.
  if (search && WHOLE_NUMBER.test(search)) filter.number = { equals: [search] };
  else if (search) filter.search = search;
  if (parameters.get('recorded')) filter.hasRecording = true;
  return filter;
}

const NUMBER = /^[+(]?[\d][\d ()./-]{5,}$/;

/** Return true for what looks like a whole telephone number. */
export const isNumber = (text: string): boolean => NUMBER.test(text);

/** Return true for the id by which the API knows a call. */
export function isCallId(text: string): boolean {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/')).startsWith('Call:');
  } catch {
    return false;
  }
}
