// Overview: how the providers are, how many calls there were, and calls as they end.
import { useCallback, useState } from 'react';
import { useApp } from '../app-context';
import { ActivityDocument, ProviderHealthDocument, QueueVisitsDocument, type CallRowFragment, type CallStatisticsDimension } from '../gql/graphql';
import { useLiveCalls } from '../live-calls';
import { Bars } from '../parts/bars';
import { Direction, PartyCell, partyName, Provider, Status } from '../parts/call-parts';
import { Failures, Notice, OpenQuery } from '../parts/notices';
import { ProviderTiles } from '../parts/provider-tiles';
import { Choice } from '../parts/choice';
import { go, link, useRoute } from '../router';
import { dayBars, hourBars, seriesOf } from '../series';
import { answerRate, averageTalk, periodStart, totals, useFigures, type Group } from '../statistics';
import { useLatest } from '../use-load';
import { useNow, useQuery } from '../use-query';
import { zone } from '../words';

const FRESH = 5_000;
const COUNTED = 15_000;
const VISITS = 500;

export function Overview() {
  const now = useNow();
  const { words: { t } } = useApp();
  const { parameters } = useRoute();
  const isWeek = parameters.get('period') === '7d';
  const by = parameters.get('by') === 'PROVIDER' ? 'PROVIDER' : 'STATUS';
  const period = isWeek ? '7d' : '24h';
  const since = periodStart(period, now);
  const dimensions: CallStatisticsDimension[] = isWeek ? ['DAY', 'STATUS', 'PROVIDER'] : ['DAY', 'HOUR', 'STATUS', 'PROVIDER'];
  const question = { filter: { startedAt: { since } }, by: dimensions, timeZone: zone };
  const { figures } = useFigures(question, COUNTED);
  const health = useQuery(ProviderHealthDocument, {}, { every: FRESH });
  const choose = (changes: Record<string, string>): void => {
    go('overview', { ...Object.fromEntries(parameters), ...changes }, { replace: true });
  };

  return (
    <div className="page overview">
      <h1>{t('page.overview')}</h1>
      <Failures isUnreachable={health.isUnreachable} errors={health.errors} />
      {health.data && <ProviderTiles providers={health.data.providers} now={now} onChange={health.reload} />}
      <Sums groups={figures?.groups ?? []} since={since} label={t(isWeek ? 'overview.lastWeek' : 'overview.lastDay')} />
      <section className="card activity" aria-labelledby="activity">
        <header>
          <h2 id="activity">{t('overview.activity')}</h2>
          <Choice
            label={t('overview.by')} value={by} onChange={(value) => { choose({ by: value }); }}
            options={[['STATUS', t('overview.byStatus')], ['PROVIDER', t('overview.byProvider')]]}
          />
          <Choice
            label={t('overview.period')} value={period} onChange={(value) => { choose({ period: value }); }}
            options={[['24h', t('overview.perHour')], ['7d', t('overview.perDay')]]}
          />
          <OpenQuery document={ActivityDocument} variables={question} />
        </header>
        <Activity groups={figures?.groups ?? []} by={by} since={since} now={now} isWeek={isWeek} />
        {figures && figures.problems.length > 0 && <Incomplete names={figures.problems.map((each) => each.provider?.name ?? '')} />}
      </section>
      <LiveCalls />
    </div>
  );
}

type ActivityProps = { groups: readonly Group[]; by: 'STATUS' | 'PROVIDER'; since: string; now: number; isWeek: boolean };

function Activity({ groups, by, since, now, isWeek }: ActivityProps) {
  const { words } = useApp();
  const bars = (isWeek ? dayBars : hourBars)(groups, by, since, now, words);
  return <Bars bars={bars} series={seriesOf(by, groups, words)} caption={words.t('overview.activity')} />;
}

function Incomplete({ names }: { names: readonly string[] }) {
  const { words } = useApp();
  return <Notice kind="warning">{words.t('overview.incomplete', { providers: words.list([...new Set(names)]) })}</Notice>;
}

function Sums({ groups, since, label }: { groups: readonly Group[]; since: string; label: string }) {
  const { words: { t, number, percent, duration } } = useApp();
  const sum = totals(groups);
  const visits = useQuery(QueueVisitsDocument, { first: VISITS, filter: { enteredAt: { since } } }, { every: COUNTED });
  const waits = visits.data?.queueVisits.nodes.map((each) => each.waitSeconds ?? 0) ?? [];
  const figures: [string, string, string][] = [
    [t('overview.calls'), number(sum.calls), link('calls', { since })],
    [t('overview.answered'), number(sum.answered), link('calls', { since, status: ['ANSWERED'] })],
    [t('overview.answerRate'), percent(answerRate(sum)), link('statistics')],
    [t('overview.talk'), duration(averageTalk(sum)), link('statistics')],
    [t('overview.longestWait'), waits.length ? duration(Math.max(...waits)) : '–', link('queues')],
  ];
  return (
    <ul className="sums">
      {figures.map(([name, value, target]) => (
        <li key={name}>
          <a href={target}>
            <span className="value">{value}</span>
            <span className="name">{name}</span>
            <span className="quiet">{label}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function LiveCalls() {
  const { words, announce } = useApp();
  const { t } = words;
  const [fresh, setFresh] = useState<string | null>(null);
  const speech = useLatest((call: CallRowFragment): string =>
    t('overview.live.announce', {
      status: words.code('status', call.status),
      from: partyName(call.from, t('call.unknownParty')),
      to: partyName(call.to, t('call.unknownParty')),
      provider: call.provider.name,
    }));
  const onCall = useCallback((call: CallRowFragment) => {
    setFresh(call.id);
    announce(speech.current(call));
  }, [announce, speech]);
  const { calls, isLive } = useLiveCalls(onCall);
  return (
    <section className="card live" aria-labelledby="live">
      <header>
        <h2 id="live">{t('overview.live')}</h2>
        <span className={`pulse ${isLive ? 'on' : ''}`}>{t(isLive ? 'overview.live.on' : 'overview.live.off')}</span>
      </header>
      {calls.length === 0 && <p className="quiet">{t('overview.live.none')}</p>}
      <ul className="plain rows">
        {calls.map((call) => (
          <li key={call.id} className={call.id === fresh ? 'fresh' : undefined}>
            <a href={link('calls', { call: call.id })}>
              <time dateTime={call.startedAt}>{words.time(call.startedAt)}</time>
              <Provider name={call.provider.name} />
              <Direction direction={call.direction} />
              <PartyCell party={call.from} />
              <span className="arrow" aria-hidden="true">→</span>
              <PartyCell party={call.to} />
              <Status status={call.status} />
              <span className="figure">{words.duration(call.talkSeconds ?? call.durationSeconds)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
