// Groups of calls as rows of a table and bars of a chart, beside those of the period before.
import type { Bar, Series } from './parts/bars';
import { localDay, STATUSES } from './series';
import { DAYS_OF, type Group, type Period } from './statistics';
import type { Words } from './words';

export const DIMENSIONS = ['DAY', 'HOUR', 'PROVIDER', 'STATUS', 'DIRECTION', 'QUEUE'] as const;
export type Dimension = (typeof DIMENSIONS)[number];
export type Row = { keys: string[]; groups: Group[]; before: Group[] };

const PALETTE = 8;
const HOURS = Array.from({ length: 24 }, (_, hour) => hourName(hour));

export const isDimension = (name: string | null): name is Dimension => DIMENSIONS.some((each) => each === name);

function hourName(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}

function nameOf(group: Group, dimension: Dimension, words: Words): string {
  switch (dimension) {
    case 'DAY': return group.day ?? '';
    case 'HOUR': return hourName(group.hour ?? 0);
    case 'PROVIDER': return group.provider?.name ?? '';
    case 'STATUS': return words.code('status', group.status ?? '');
    case 'DIRECTION': return words.code('direction', group.direction ?? '');
    case 'QUEUE': return group.queue?.name ?? words.t('queues.noQueue');
  }
}

const callsOf = (groups: readonly Group[]): number => groups.reduce((sum, each) => sum + each.figures.calls, 0);

/** Return groups of the period before as if they were of this one: its days are moved by the length of a period. */
export function asOfNow(groups: readonly Group[], period: Period): Group[] {
  return groups.map((group) => {
    if (!group.day) return group;
    const day = new Date(`${group.day}T12:00:00`);
    day.setDate(day.getDate() + DAYS_OF[period]);
    return { ...group, day: localDay(day) };
  });
}

/** Return a row for each group of the chosen dimensions: times in order, others the largest first. */
export function rowsOf(groups: readonly Group[], before: readonly Group[], by: readonly Dimension[], words: Words): Row[] {
  const rows = new Map<string, Row>();
  const put = (group: Group, side: 'groups' | 'before'): void => {
    const keys = by.map((each) => nameOf(group, each, words));
    const row = rows.get(keys.join('\n')) ?? { keys, groups: [], before: [] };
    row[side].push(group);
    rows.set(keys.join('\n'), row);
  };
  for (const group of groups) put(group, 'groups');
  for (const group of before) put(group, 'before');
  const isTime = by[0] === 'DAY' || by[0] === 'HOUR';
  return [...rows.values()].sort((a, b) => (isTime ? a.keys.join('\n').localeCompare(b.keys.join('\n')) : callsOf(b.groups) - callsOf(a.groups)));
}

/** Return a bar for each value of the first dimension, also for hours and days without calls, and its parts by the second one. */
export function barsOf(groups: readonly Group[], first: Dimension, parts: Dimension, since: string, now: number, words: Words): { bars: Bar[]; series: Series[] } {
  const bars = new Map<string, Bar>();
  const series = seriesOf(groups, parts, words);
  const nothing = Object.fromEntries(series.map((each) => [each.key, 0]));
  const empty = first === 'HOUR' ? HOURS : first === 'DAY' ? daysSince(since, now) : rowsOf(groups, [], [first], words).map((row) => row.keys[0] ?? '');
  for (const name of empty) {
    const label = first === 'DAY' ? words.day(`${name}T12:00:00`) : name;
    bars.set(name, { ...nothing, label, title: name });
  }
  for (const group of groups) {
    const bar = bars.get(nameOf(group, first, words));
    const key = nameOf(group, parts, words);
    if (bar) bar[key] = Number(bar[key] ?? 0) + group.figures.calls;
  }
  return { bars: [...bars.values()], series };
}

function daysSince(since: string, now: number): string[] {
  const days: string[] = [];
  const time = new Date(since);
  for (time.setHours(12, 0); localDay(time) <= localDay(new Date(now)); time.setDate(time.getDate() + 1)) days.push(localDay(time));
  return days;
}

function seriesOf(groups: readonly Group[], parts: Dimension, words: Words): Series[] {
  const present = new Set(groups.map((each) => nameOf(each, parts, words)));
  if (parts === 'STATUS')
    return STATUSES.map((each) => ({ key: words.code('status', each), name: words.code('status', each), color: `var(--status-${each})` })).filter((each) => present.has(each.key));
  return [...present].sort().map((key, index) => ({ key, name: key, color: `var(--series-${String((index % PALETTE) + 1)})` }));
}
