// Queues: who waited, who gave up, and how many were served in time.
import { useMemo } from 'react';
import { useApp } from '../app-context';
import { QueuesDocument, QueueVisitsDocument, type QueuesQuery, type QueueVisitsQuery } from '../gql/graphql';
import { Choice } from '../parts/choice';
import { Failures, Notice, OpenQuery, Problems } from '../parts/notices';
import { go, useRoute } from '../router';
import { isPeriod, PERIODS, periodStart } from '../statistics';
import { useNow } from '../use-query';
import { useWholeList } from '../use-pages';

const MOST_VISITS = 5_000;
const MOST_QUEUES = 1_000;
// The usual promise of call centers: 80 % within 20 seconds.
const IN_TIME = 20;

type Queue = QueuesQuery['queues']['nodes'][number];
type Visit = QueueVisitsQuery['queueVisits']['nodes'][number];
type Figures = { name: string; provider: string; agents: number | null; visits: number; serviced: number; abandoned: number; inTime: number; waits: number[]; level: number };

const pickQueues = (data: QueuesQuery) => data.queues;
const pickVisits = (data: QueueVisitsQuery) => data.queueVisits;

/** Return the figures of each queue, the busiest first. */
export function queueFigures(queues: readonly Queue[], visits: readonly Visit[], noQueue: string): Figures[] {
  const empty = { visits: 0, serviced: 0, abandoned: 0, inTime: 0 };
  const all = new Map<string, Figures>(queues.map((each) => [each.id, {
    ...empty, name: each.name, provider: each.provider.name, agents: each.agentCount, waits: [], level: each.serviceLevelSeconds?.[0] ?? IN_TIME,
  }]));
  for (const each of visits) {
    const id = each.queue?.id ?? each.provider.name;
    const found = all.get(id) ?? { ...empty, name: each.queue?.name ?? noQueue, provider: each.provider.name, agents: null, waits: [], level: IN_TIME };
    all.set(id, found);
    found.visits += 1;
    if (each.waitSeconds !== null) found.waits.push(each.waitSeconds);
    if (each.outcome === 'ABANDONED') found.abandoned += 1;
    if (each.outcome !== 'SERVICED') continue;
    found.serviced += 1;
    if (each.waitSeconds !== null && each.waitSeconds <= found.level) found.inTime += 1;
  }
  return [...all.values()].sort((a, b) => b.visits - a.visits || a.name.localeCompare(b.name));
}

export function Queues() {
  const { words } = useApp();
  const { t, number, percent, duration } = words;
  const { parameters } = useRoute();
  const now = useNow(60_000);
  const named = parameters.get('period');
  const period = isPeriod(named) ? named : 'today';
  const filter = { enteredAt: { since: periodStart(period, now) } };
  const queues = useWholeList(QueuesDocument, {}, pickQueues, MOST_QUEUES);
  const visits = useWholeList(QueueVisitsDocument, { filter }, pickVisits, MOST_VISITS);
  const rows = useMemo(() => queueFigures(queues.nodes, visits.nodes, t('queues.noQueue')), [queues.nodes, visits.nodes, t]);
  const longest = Math.max(0, ...rows.flatMap((row) => row.waits));
  const isLoading = queues.isLoading || visits.isLoading;
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('page.queues')}</h1>
        <Choice
          label={t('queues.period')} value={period} options={PERIODS.map((each) => [each, t(`period.${each}`)] as const)}
          onChange={(value) => { go('queues', { period: value }, { replace: true }); }}
        />
        <OpenQuery document={QueueVisitsDocument} variables={{ first: 500, after: null, filter }} />
      </header>
      <Failures isUnreachable={visits.isUnreachable || queues.isUnreachable} errors={[...visits.errors, ...queues.errors]} />
      <Problems problems={[...queues.problems, ...visits.problems]} />
      {visits.isCut && <Notice>{t('queues.limited', { n: number(MOST_VISITS) })}</Notice>}
      {isLoading && <p className="quiet">{t('loading')}</p>}
      {!isLoading && rows.length === 0 && <p className="quiet">{t('queues.none')}</p>}
      {rows.length > 0 && (
        <div className="card scroll" tabIndex={0} role="region" aria-label={t('page.queues')}>
          <table className="wide">
            <thead>
              <tr>
                <th scope="col">{t('queues.queue')}</th>
                <th scope="col">{t('provider')}</th>
                {(['agents', 'visits', 'serviced', 'abandoned', 'average', 'longest'] as const).map((each) => <th key={each} scope="col" className="figure">{t(`queues.${each}`)}</th>)}
                <th scope="col" title={t('queues.level.hint', { n: IN_TIME })}>{t('queues.level')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => {
                const most = row.waits.length ? Math.max(...row.waits) : null;
                const mean = row.waits.length ? row.waits.reduce((sum, each) => sum + each, 0) / row.waits.length : null;
                const offered = row.serviced + row.abandoned;
                return (
                  <tr key={row.provider + row.name}>
                    <th scope="row">{row.name}</th>
                    <td>{row.provider}</td>
                    <td className="figure">{row.agents ?? '–'}</td>
                    <td className="figure">{number(row.visits)}</td>
                    <td className="figure">{number(row.serviced)}</td>
                    <td className="figure">{number(row.abandoned)}</td>
                    <td className="figure">{duration(mean)}</td>
                    <td className={`figure ${most !== null && most === longest && most > 0 ? 'worst' : ''}`}>{duration(most)}</td>
                    <td>{offered ? <Meter share={row.inTime / offered} text={percent(row.inTime / offered)} title={t('queues.level.hint', { n: row.level })} /> : '–'}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

const Meter = ({ share, text, title }: { share: number; text: string; title: string }) => (
  <span className="meter" title={title}><i aria-hidden="true"><b style={{ width: `${String(Math.round(share * 100))}%` }} /></i>{text}</span>
);
