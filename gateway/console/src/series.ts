// Series of charts: the groups of statistics as bars over hours or days.
import type { Bar, Series } from './parts/bars';
import type { Group } from './statistics';
import type { Words } from './words';

export const STATUSES = ['ANSWERED', 'VOICEMAIL', 'NO_ANSWER', 'CANCELED', 'BUSY', 'CONGESTION', 'FAILED', 'IN_PROGRESS', 'UNKNOWN'] as const;
const HOUR = 3_600_000;
const PALETTE = 8;

/** Return the colored series of some names of a kind: outcomes have colors of their own, others take them in turn. */
export const seriesOf = (by: 'STATUS' | 'PROVIDER', groups: readonly Group[], words: Words): Series[] => {
  const present = new Set(groups.map((each) => keyOf(by, each)));
  if (by === 'STATUS')
    return STATUSES.filter((each) => present.has(each)).map((each) => ({ key: each, name: words.code('status', each), color: `var(--status-${each})` }));
  return [...present].sort().map((each, index) => ({ key: each, name: each, color: `var(--series-${String((index % PALETTE) + 1)})` }));
};

const keyOf = (by: 'STATUS' | 'PROVIDER', group: Group): string => (by === 'STATUS' ? group.status : group.provider?.name) ?? '';

/** Return a bar for each hour since a moment, also for hours without calls. */
export function hourBars(groups: readonly Group[], by: 'STATUS' | 'PROVIDER', since: string, now: number, words: Words): Bar[] {
  const bars = new Map<string, Bar>();
  for (let at = new Date(since).getTime(); at <= now; at += HOUR) {
    const time = new Date(at);
    const title = `${words.day(time)} ${words.clock(time)}`;
    bars.set(`${localDay(time)} ${String(time.getHours())}`, { label: words.clock(time), title });
  }
  return filled(bars, groups, by, (each) => `${each.day ?? ''} ${String(each.hour)}`);
}

/** Return a bar for each day since a moment. */
export function dayBars(groups: readonly Group[], by: 'STATUS' | 'PROVIDER', since: string, now: number, words: Words): Bar[] {
  const bars = new Map<string, Bar>();
  const time = new Date(since);
  for (time.setHours(12); localDay(time) <= localDay(new Date(now)); time.setDate(time.getDate() + 1))
    bars.set(localDay(time), { label: words.day(time), title: words.date(time) });
  return filled(bars, groups, by, (each) => each.day ?? '');
}

function filled(bars: Map<string, Bar>, groups: readonly Group[], by: 'STATUS' | 'PROVIDER', slot: (group: Group) => string): Bar[] {
  const keys = new Set(groups.map((each) => keyOf(by, each)));
  for (const bar of bars.values()) for (const key of keys) bar[key] = 0;
  for (const group of groups) {
    const bar = bars.get(slot(group));
    const key = keyOf(by, group);
    if (bar) bar[key] = Number(bar[key] ?? 0) + group.figures.calls;
  }
  return [...bars.values()];
}

/** Return the visitor's date of a moment, such as "2026-12-01". */
export const localDay = (time: Date): string =>
  [time.getFullYear(), time.getMonth() + 1, time.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
