// Words: how moments, lengths and codes read, in the visitor's language and zone.
import type { CallDirection, CallStatus } from './gql/graphql';
import type { Call } from './log';

export const STATUS: Record<CallStatus, string> = {
  ANSWERED: 'Answered',
  NO_ANSWER: 'No answer',
  BUSY: 'Busy',
  FAILED: 'Failed',
  CONGESTION: 'No free line',
  CANCELED: 'Cancelled',
  VOICEMAIL: 'Voicemail',
  IN_PROGRESS: 'In progress',
  UNKNOWN: 'Unknown',
};

export const DIRECTION: Record<CallDirection, string> = {
  INBOUND: 'Incoming',
  OUTBOUND: 'Outgoing',
  INTERNAL: 'Internal',
  TRANSIT: 'Passed on',
  UNKNOWN: 'Call',
};

const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const minute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

export const dayOf = (moment: string): string => day.format(new Date(moment));
export const timeOf = (moment: string): string => minute.format(new Date(moment));
export const momentOf = (moment: string): string => full.format(new Date(moment));

/** 3661 reads 1:01:01, and 61 reads 1:01. */
export function lengthOf(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'));
  return hours ? [hours, ...parts].join(':') : parts.join(':').replace(/^0/, '');
}

type Party = Call['from'];

export const numberOf = (party: Party): string => party?.e164 ?? party?.number ?? '';
export const nameOf = (party: Party): string => party?.name ?? (numberOf(party) || 'Withheld');

/** The other side first: who called us, or whom we called. */
export const sides = (call: Call): [Party, Party] => (call.direction === 'OUTBOUND' ? [call.to, call.from] : [call.from, call.to]);
