// Figures of calls: read to their end, part by part, of a period and of the one before.
import { ask, type Failure } from './gateway';
import { ActivityDocument, type ActivityQuery, type ActivityQueryVariables, type ProblemPartsFragment } from './gql/graphql';
import { useLoaded } from './use-load';

const MOST_PARTS = 20;
export type Group = ActivityQuery['callStatistics']['groups'][number];
export type Question = Omit<ActivityQueryVariables, 'after'>;
export type Figures = { groups: readonly Group[]; problems: readonly ProblemPartsFragment[]; errors: readonly Failure[]; isUnreachable: boolean };

const UNREACHABLE: Figures = { groups: [], problems: [], errors: [], isUnreachable: true };

async function read(question: Question, signal: AbortSignal): Promise<Figures> {
  const groups: Group[] = [];
  let after: string | null = null;
  for (let part = 0; ; part++) {
    const { data, errors } = await ask(ActivityDocument, { ...question, after }, signal);
    if (!data) return { groups, problems: [], errors, isUnreachable: false };
    const found: ActivityQuery['callStatistics'] = data.callStatistics;
    groups.push(...found.groups);
    // Only a limit ends a part early; what failed is not asked again at once.
    const isCut = found.problems.length > 0 && found.problems.every((each) => each.code === 'SCAN_LIMIT');
    after = found.endCursor;
    if (!isCut || !after || part === MOST_PARTS) return { groups, problems: found.problems, errors, isUnreachable: false };
  }
}

/** Return the figures that a question asks for, renewed every so many milliseconds. Null while they are read for the first time, or without a question. */
export function useFigures(question: Question | null, every?: number): { figures: Figures | null; isLoading: boolean } {
  const { value, isLoading, isUnreachable } = useLoaded(question && JSON.stringify(question), async (signal) => (question ? read(question, signal) : null), every);
  return { figures: isUnreachable ? UNREACHABLE : question && value, isLoading };
}

export type Totals = { calls: number; answered: number; counted: number; talkSeconds: number; talkSecondsKnown: number };

/** Add up groups. `counted` are the calls of known outcome, of which the answer rate is a share. */
export const totals = (groups: readonly Group[]): Totals =>
  groups.reduce<Totals>(
    (sum, { status, figures }) => ({
      calls: sum.calls + figures.calls,
      answered: sum.answered + figures.answered,
      counted: sum.counted + (status === 'IN_PROGRESS' || status === 'UNKNOWN' ? 0 : figures.calls),
      talkSeconds: sum.talkSeconds + figures.talkSeconds,
      talkSecondsKnown: sum.talkSecondsKnown + figures.talkSecondsKnown,
    }),
    { calls: 0, answered: 0, counted: 0, talkSeconds: 0, talkSecondsKnown: 0 },
  );

/** Return the answered share of the calls of known outcome. Null: there is none. */
export const answerRate = ({ answered, counted }: Totals): number | null => (counted ? answered / counted : null);

/** Return the seconds that an answered call lasted on average. Null: none is known. */
export const averageTalk = ({ talkSeconds, talkSecondsKnown }: Totals): number | null => (talkSecondsKnown ? talkSeconds / talkSecondsKnown : null);

export const PERIODS = ['today', '24h', '7d', '30d'] as const;
export type Period = (typeof PERIODS)[number];
const HOURS: Record<Exclude<Period, 'today'>, number> = { '24h': 24, '7d': 168, '30d': 720 };

/** How many days a period is after the one before it. */
export const DAYS_OF: Record<Period, number> = { today: 1, '24h': 1, '7d': 7, '30d': 30 };
const STEP = 300_000;

export const isPeriod = (name: string | null): name is Period => PERIODS.some((each) => each === name);

/** Return the first moment of a period that ends now, on a full hour so that the same question is asked within it. */
export function periodStart(period: Period, now: number): string {
  const start = new Date(now);
  start.setMinutes(0, 0, 0);
  if (period === 'today') start.setHours(0);
  else start.setTime(start.getTime() - (HOURS[period] - 1) * 3_600_000);
  return start.toISOString();
}

/** Return the period before, up to the same time of the day, in steps of five minutes so that the same question is asked within one. */
export function periodBefore(period: Period, now: number): { since: string; until: string } {
  const earlier = (time: Date): string => {
    time.setDate(time.getDate() - DAYS_OF[period]);
    return time.toISOString();
  };
  return { since: earlier(new Date(periodStart(period, now))), until: earlier(new Date(Math.floor(now / STEP) * STEP)) };
}
