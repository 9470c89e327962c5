// Figures of calls: read to their end, part by part, and put into periods and series.
import { ask, KeyNeeded, type Failure } from './gateway';
import { ActivityDocument, type ActivityQuery, type ActivityQueryVariables, type ProblemPartsFragment } from './gql/graphql';
import { useEffect, useState } from 'react';
import { useApp } from './app-context';

const MOST_PARTS = 20;
export type Group = ActivityQuery['callStatistics']['groups'][number];
export type Question = Omit<ActivityQueryVariables, 'after'>;
export type Figures = { groups: readonly Group[]; problems: readonly ProblemPartsFragment[]; errors: readonly Failure[]; isUnreachable: boolean };

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

/** Return the figures that a question asks for, renewed every so many milliseconds. Null while they are read for the first time. */
export function useFigures(question: Question, every?: number): { figures: Figures | null; isLoading: boolean } {
  const wanted = JSON.stringify(question);
  const [state, setState] = useState<{ of: string; figures: Figures | null }>({ of: '', figures: null });
  const { onKeyNeeded } = useApp();
  useEffect(() => {
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const figures = await read(JSON.parse(wanted) as Question, stop.signal);
        setState({ of: wanted, figures });
      } catch (error) {
        if (stop.signal.aborted) return;
        if (error instanceof KeyNeeded) onKeyNeeded(error.message);
        else setState({ of: wanted, figures: { groups: [], problems: [], errors: [], isUnreachable: true } });
      }
    };
    void load();
    const timer = every ? setInterval(() => { if (!document.hidden) void load(); }, every) : undefined;
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [wanted, every, onKeyNeeded]);
  return { figures: state.figures, isLoading: state.of !== wanted };
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

export const PERIODS = ['today', '24h', '7d', '30d'] as const;
export type Period = (typeof PERIODS)[number];
const HOURS: Record<Exclude<Period, 'today'>, number> = { '24h': 24, '7d': 168, '30d': 720 };

export const isPeriod = (name: string | null): name is Period => PERIODS.some((each) => each === name);

/** Return the first moment of a period that ends now, on a full hour so that the same question is asked within it. */
export function periodStart(period: Period, now: number): string {
  const start = new Date(now);
  start.setMinutes(0, 0, 0);
  if (period === 'today') start.setHours(0);
  else start.setTime(start.getTime() - (HOURS[period] - 1) * 3_600_000);
  return start.toISOString();
}
