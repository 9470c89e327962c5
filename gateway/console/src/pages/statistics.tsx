// Statistics: calls in groups over a period, as bars and as a table, to download.
import { useApp } from '../app-context';
import { download } from '../csv';
import { ActivityDocument } from '../gql/graphql';
import { Choice } from '../parts/choice';
import { Icon } from '../parts/icon';
import { Failures, OpenQuery, Problems } from '../parts/notices';
import { go, useRoute } from '../router';
import { isPeriod, PERIODS, periodStart, totals, useFigures, type Group } from '../statistics';
import { useNow } from '../use-query';
import { zone, type Words } from '../words';

const DIMENSIONS = ['DAY', 'HOUR', 'PROVIDER', 'STATUS', 'DIRECTION', 'QUEUE'] as const;
type Dimension = (typeof DIMENSIONS)[number];
type Row = { keys: string[]; groups: Group[] };

const isDimension = (name: string | null): name is Dimension => DIMENSIONS.some((each) => each === name);

function nameOf(group: Group, dimension: Dimension, words: Words): string {
  switch (dimension) {
    case 'DAY': return group.day ?? '';
    case 'HOUR': return `${String(group.hour ?? 0).padStart(2, '0')}:00`;
    case 'PROVIDER': return group.provider?.name ?? '';
    case 'STATUS': return words.code('status', group.status ?? '');
    case 'DIRECTION': return words.code('direction', group.direction ?? '');
    case 'QUEUE': return group.queue?.name ?? words.t('queues.noQueue');
  }
}

/** Return the groups of the chosen dimensions. The outcome is asked for too, since the answer rate leaves some outcomes out. */
export function rowsOf(groups: readonly Group[], by: readonly Dimension[], words: Words): Row[] {
  const rows = new Map<string, Row>();
  for (const group of groups) {
    const keys = by.map((each) => nameOf(group, each, words));
    const row = rows.get(keys.join('\n')) ?? { keys, groups: [] };
    row.groups.push(group);
    rows.set(keys.join('\n'), row);
  }
  const isTime = by[0] === 'DAY' || by[0] === 'HOUR';
  const calls = (row: Row): number => totals(row.groups).calls;
  return [...rows.values()].sort((a, b) => (isTime ? a.keys.join('\n').localeCompare(b.keys.join('\n')) : calls(b) - calls(a)));
}

export function Statistics() {
  const { words } = useApp();
  const { t, number, percent, duration } = words;
  const { parameters } = useRoute();
  const now = useNow(60_000);
  const named = parameters.get('period');
  const period = isPeriod(named) ? named : '7d';
  const first = isDimension(parameters.get('by')) ? (parameters.get('by') as Dimension) : 'DAY';
  const then = isDimension(parameters.get('then')) && parameters.get('then') !== first ? (parameters.get('then') as Dimension) : null;
  const by = then ? [first, then] : [first];
  const question = { filter: { startedAt: { since: periodStart(period, now) } }, by: [...new Set([...by, 'STATUS' as const])], timeZone: zone };
  const { figures, isLoading } = useFigures(question);
  const rows = figures ? rowsOf(figures.groups, by, words) : [];
  const all = totals(figures?.groups ?? []);
  const most = Math.max(1, ...rows.map((row) => totals(row.groups).calls));
  const choose = (changes: Record<string, string>): void => {
    go('statistics', { ...Object.fromEntries(parameters), ...changes }, { replace: true });
  };
  const save = (): void => {
    const head = [...by.map((each) => t(`dimension.${each}`)), 'calls', 'answered', 'answer_rate', 'talk_seconds'];
    download(`calls-${period}.csv`, [head, ...rows.map((row) => {
      const sum = totals(row.groups);
      return [...row.keys, sum.calls, sum.answered, sum.counted ? Math.round((sum.answered / sum.counted) * 10_000) / 10_000 : '', sum.talkSeconds];
    })]);
  };
  return (
    <div className="page statistics">
      <header className="page-head">
        <h1>{t('page.statistics')}</h1>
        <button type="button" onClick={save} disabled={rows.length === 0}><Icon name="download" />{t('statistics.csv')}</button>
        <OpenQuery document={ActivityDocument} variables={question} />
      </header>
      <div className="filters">
        <Choice
          label={t('statistics.period')} value={period} onChange={(value) => { choose({ period: value }); }}
          options={PERIODS.map((each) => [each, t(`period.${each}`)] as const)}
        />
        <label>
          <span>{t('statistics.by')}</span>
          <select value={first} onChange={(event) => { choose({ by: event.target.value }); }}>
            {DIMENSIONS.map((each) => <option key={each} value={each}>{t(`dimension.${each}`)}</option>)}
          </select>
        </label>
        <label>
          <span>{t('statistics.then')}</span>
          <select value={then ?? ''} onChange={(event) => { choose({ then: event.target.value }); }}>
            <option value="">{t('statistics.nothing')}</option>
            {DIMENSIONS.filter((each) => each !== first).map((each) => <option key={each} value={each}>{t(`dimension.${each}`)}</option>)}
          </select>
        </label>
      </div>
      {figures && <Failures isUnreachable={figures.isUnreachable} errors={figures.errors} />}
      {figures && <Problems problems={figures.problems} />}
      {isLoading && <p className="quiet" role="status">{t('loading')}</p>}
      {!isLoading && rows.length === 0 && <p className="quiet">{t('statistics.none')}</p>}
      {rows.length > 0 && (
        <div className="card scroll" tabIndex={0} role="region" aria-label={t('page.statistics')}>
          <table className="wide">
            <thead>
              <tr>
                {by.map((each) => <th key={each} scope="col">{t(`dimension.${each}`)}</th>)}
                <th scope="col">{t('overview.calls')}</th>
                <th scope="col" className="figure">{t('overview.answered')}</th>
                <th scope="col" className="figure">{t('overview.answerRate')}</th>
                <th scope="col" className="figure">{t('overview.talk')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => <Line key={row.keys.join('\n')} row={row} most={most} />)}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row" colSpan={by.length}>{t('chart.total')}</th>
                <td>{number(all.calls)}</td>
                <td className="figure">{number(all.answered)}</td>
                <td className="figure">{percent(all.counted ? all.answered / all.counted : null)}</td>
                <td className="figure">{duration(all.talkSecondsKnown ? all.talkSeconds / all.talkSecondsKnown : null)}</td>
              </tr>
            </tfoot>
          </table>
        </div>
      )}
    </div>
  );
}

function Line({ row, most }: { row: Row; most: number }) {
  const { words: { number, percent, duration } } = useApp();
  const sum = totals(row.groups);
  return (
    <tr>
      {row.keys.map((key, index) => (index === 0 ? <th key={index} scope="row">{key}</th> : <td key={index}>{key}</td>))}
      <td><span className="meter bar"><i aria-hidden="true"><b style={{ width: `${String((sum.calls / most) * 100)}%` }} /></i>{number(sum.calls)}</span></td>
      <td className="figure">{number(sum.answered)}</td>
      <td className="figure">{percent(sum.counted ? sum.answered / sum.counted : null)}</td>
      <td className="figure">{duration(sum.talkSecondsKnown ? sum.talkSeconds / sum.talkSecondsKnown : null)}</td>
    </tr>
  );
}
