// Times: what can be compared of a range's bounds and of a record's `occurredAt`, which have whole seconds.

/** A moment as the gateway writes it, or as a client's scalar mapping parses it. */
export type Moment = string | number | Date;

const SECOND = 1000;

export const millisOf = (moment: Moment): number => new Date(moment).getTime();

/** Return the next whole second as the gateway writes it. */
export const nextSecond = (moment: Moment): string => text(millisOf(moment) + SECOND);

export const text = (moment: Moment): string => new Date(moment).toISOString().replace(/\.\d+/, '');

/** Return the millisecond of a lower bound; without one, all of the past is in the range. */
export const lowerOf = (since: Moment | null | undefined): number => (since == null ? -Infinity : millisOf(since));

/** Return the millisecond of an upper bound; without one, all of the future is in the range. */
export const upperOf = (until: Moment | null | undefined): number => (until == null ? Infinity : millisOf(until));
