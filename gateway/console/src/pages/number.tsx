// A number: every contact with it, over all providers and kinds.
import { useMemo } from 'react';
import { useApp } from '../app-context';
import { download } from '../csv';
import { TimelineDocument, type TimeRange, type TimelineQuery } from '../gql/graphql';
import { Direction, PartyCell, Provider, Status } from '../parts/call-parts';
import { Choice } from '../parts/choice';
import { Icon } from '../parts/icon';
import { Failures, OpenQuery, Problems } from '../parts/notices';
import { Timeline } from '../parts/timeline';
import { go, link, useRoute } from '../router';
import { isPeriod, PERIODS, periodStart } from '../statistics';
import { useGrowingList } from '../use-pages';
import { useNow, useQuery } from '../use-query';

const PAGE = 200;
export type Entry = TimelineQuery['timeline']['nodes'][number];

export function NumberPage() {
  const { words: { t } } = useApp();
  const { parameters } = useRoute();
  const now = useNow(60_000);
  const number = parameters.get('number')?.trim() ?? '';
  const named = parameters.get('period');
  const period = isPeriod(named) ? named : 'all';
  const at = period === 'all' ? null : { since: periodStart(period, now) };
  const submit = (event: React.SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    go('number', { number: (event.currentTarget.elements.namedItem('number') as HTMLInputElement).value.trim() });
  };
  return (
    <div className="page number-page">
      <header className="page-head">
        <h1>{number || t('number.title')}</h1>
        {number && <OpenQuery document={TimelineDocument} variables={{ number, first: PAGE, order: 'NEWEST_FIRST', at }} />}
      </header>
      <form className="filters" onSubmit={submit} key={number}>
        <label>
          <span>{t('number.field')}</span>
          <input name="number" type="search" inputMode="tel" autoComplete="off" defaultValue={number} placeholder="+41 61 692 58 79" />
        </label>
        <button type="submit" className="primary">{t('number.show')}</button>
        {number && (
          <Choice
            label={t('queues.period')} value={period} options={[['all', t('number.all')], ...PERIODS.map((each) => [each, t(`period.${each}`)] as const)]}
            onChange={(value) => { go('number', { number, period: value }, { replace: true }); }}
          />
        )}
      </form>
      {number ? <Contacts key={`${number} ${period}`} number={number} at={at} /> : <p className="quiet">{t('number.empty')}</p>}
    </div>
  );
}

type Contacted = { entries: readonly Entry[]; problems: TimelineQuery['timeline']['problems']; endCursor: string | null; isComplete: boolean };
const NONE: Contacted = { entries: [], problems: [], endCursor: null, isComplete: false };

const withPage = ({ entries }: Contacted, { timeline: { nodes, problems, pageInfo } }: TimelineQuery): Contacted => ({
  entries: [...entries, ...nodes], problems, endCursor: pageInfo.endCursor, isComplete: !pageInfo.hasNextPage,
});

function Contacts({ number, at }: { number: string; at: TimeRange | null }) {
  const { words: { t } } = useApp();
  const variables = { number, first: PAGE, after: null, order: 'NEWEST_FIRST' as const, at };
  const { list, isLoading, errors, isUnreachable, more, reload } = useGrowingList(TimelineDocument, variables, NONE, withPage);
  const first = useQuery(TimelineDocument, { number, first: 1, after: null, order: 'OLDEST_FIRST', at });
  const { entries } = list;
  const oldest = first.data?.timeline.nodes[0] ?? entries.at(-1);
  if (isLoading && entries.length === 0) return <p className="quiet">{t('loading')}</p>;
  return (
    <>
      <Failures isUnreachable={isUnreachable} errors={errors} />
      <Problems problems={list.problems} onRetry={reload} />
      {list.isComplete && entries.length === 0 && errors.length === 0 && <p className="quiet">{t('number.none')}</p>}
      {entries[0] && oldest && (
        <>
          <Sums entries={entries} hasMore={!list.isComplete} oldest={oldest} />
          <section className="card" aria-labelledby="timeline">
            <header><h2 id="timeline">{t('number.timeline')}</h2></header>
            <Timeline entries={entries} />
          </section>
          <Entries entries={entries} number={number} />
          {!list.isComplete && <button type="button" disabled={isLoading} onClick={more}>{t('number.more')}</button>}
        </>
      )}
    </>
  );
}

function Sums({ entries, hasMore, oldest }: { entries: readonly Entry[]; hasMore: boolean; oldest: Entry }) {
  const { words: { t, code, number, duration, date, clock } } = useApp();
  const kinds = useMemo(() => {
    const counted = new Map<string, number>();
    for (const each of entries) counted.set(each.__typename, (counted.get(each.__typename) ?? 0) + 1);
    return counted;
  }, [entries]);
  const talk = entries.reduce((sum, each) => sum + ('talkSeconds' in each ? (each.talkSeconds ?? 0) : 0), 0);
  const more = hasMore ? '+' : '';
  const newest = entries[0]?.occurredAt ?? oldest.occurredAt;
  const figures: [string, string, string][] = [
    [t('number.first'), date(oldest.occurredAt), clock(oldest.occurredAt)],
    [t('number.last'), date(newest), clock(newest)],
    [t('number.contacts'), number(entries.length) + more, [...kinds].map(([kind, n]) => `${code('kind', kind)}: ${number(n)}`).join(' · ')],
    [t('number.talk'), duration(talk) + more, ''],
  ];
  return (
    <ul className="sums">
      {figures.map(([name, value, more]) => (
        <li key={name}><div><span className="value">{value}</span><span className="name">{name}</span><span className="quiet">{more}</span></div></li>
      ))}
    </ul>
  );
}

function Entries({ entries, number }: { entries: readonly Entry[]; number: string }) {
  const { words } = useApp();
  const { t, code, short, duration } = words;
  const save = (): void => {
    const head = ['kind', 'time', 'provider', 'from', 'to', 'status', 'seconds'];
    const rows = entries.map((each) => [
      each.__typename, each.occurredAt, each.provider.name, each.from?.number, each.to?.number, 'status' in each ? each.status : '', each.durationSeconds,
    ]);
    download(`${number.replace(/\D/g, '')}.csv`, [head, ...rows]);
  };
  return (
    <section className="card" aria-labelledby="contacts">
      <header>
        <h2 id="contacts">{t('number.contacts')}</h2>
        <button type="button" onClick={save}><Icon name="download" />{t('number.csv')}</button>
      </header>
      <ul className="plain rows">
        {entries.map((each) => (
          <li key={`${each.__typename}${each.id}`}>
            <Row entry={each}>
              <time dateTime={each.occurredAt}>{short(each.occurredAt)}</time>
              <Provider name={each.provider.name} />
              {'direction' in each ? <Direction direction={each.direction} /> : <span className="direction"><Icon name={each.__typename === 'Message' ? 'message' : 'recording'} /><span>{code('kind', each.__typename)}</span></span>}
              <PartyCell party={each.from} />
              <span className="arrow" aria-hidden="true">→</span>
              <PartyCell party={each.to} />
              {'status' in each ? <Status status={each.status} /> : <span />}
              <span className="figure">{duration(each.durationSeconds)}</span>
            </Row>
          </li>
        ))}
      </ul>
    </section>
  );
}

const Row = ({ entry, children }: { entry: Entry; children: React.ReactNode }) =>
  entry.__typename === 'Call' ? <a href={link('calls', { call: entry.id })}>{children}</a> : <div>{children}</div>;
