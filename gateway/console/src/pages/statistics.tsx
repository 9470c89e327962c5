// Statistics: calls in groups over a period, as a chart and as a table, beside the period before, to download.
import { useRef } from 'react';
import { useApp } from '../app-context';
import { download } from '../csv';
import { asOfNow, barsOf, DIMENSIONS, isDimension, rowsOf, type Dimension, type Row } from '../grouping';
import { ActivityDocument } from '../gql/graphql';
import { Bars } from '../parts/bars';
import { Choice } from '../parts/choice';
import { Icon } from '../parts/icon';
import { Failures, OpenQuery, Problems } from '../parts/notices';
import { FigureTable, Totals } from '../parts/figure-table';
import { downloadPicture } from '../picture';
import { go, useRoute } from '../router';
import { answerRate, isPeriod, periodBefore, PERIODS, periodStart, totals, useFigures, type Period } from '../statistics';
import { useNow } from '../use-query';
import { zone } from '../words';

type Chosen = { period: Period; first: Dimension; then: Dimension | null; isCompared: boolean };

function chosenIn(parameters: URLSearchParams): Chosen {
  const [period, first, then] = ['period', 'by', 'then'].map((name) => parameters.get(name)) as [string | null, string | null, string | null];
  const by = isDimension(first) ? first : 'DAY';
  return { period: isPeriod(period) ? period : '7d', first: by, then: isDimension(then) && then !== by ? then : null, isCompared: parameters.has('compare') };
}

export function Statistics() {
  const { words } = useApp();
  const { t } = words;
  const { parameters } = useRoute();
  const now = useNow(60_000);
  const chart = useRef<SVGSVGElement>(null);
  const chosen = chosenIn(parameters);
  const { period, first, then, isCompared } = chosen;
  const by = then ? [first, then] : [first];
  const since = periodStart(period, now);
  // The outcome is asked for too, since the answer rate leaves some outcomes out.
  const parts = { by: [...new Set([...by, 'STATUS' as const])], timeZone: zone };
  const question = { filter: { startedAt: { since } }, ...parts };
  const { figures, isLoading } = useFigures(question);
  const earlier = useFigures(isCompared ? { filter: { startedAt: periodBefore(period, now) }, ...parts } : null);
  const groups = figures?.groups ?? [];
  const before = earlier.figures ? asOfNow(earlier.figures.groups, period) : [];
  const rows = rowsOf(groups, before, by, words);
  const { bars, series } = barsOf(groups, first, then ?? 'STATUS', since, now, words);
  const savePicture = (): void => {
    if (chart.current) void downloadPicture(`calls-${period}.png`, chart.current, series);
  };
  return (
    <div className="page statistics">
      <header className="page-head">
        <h1>{t('page.statistics')}</h1>
        <button type="button" onClick={() => { saveTable(chosen, by.map((each) => t(`dimension.${each}`)), rows); }} disabled={rows.length === 0}>
          <Icon name="download" />{t('statistics.csv')}
        </button>
        <button type="button" onClick={savePicture} disabled={groups.length === 0}><Icon name="download" />{t('statistics.png')}</button>
        <OpenQuery document={ActivityDocument} variables={question} />
      </header>
      <Choices chosen={chosen} onChange={(changes) => { go('statistics', { ...Object.fromEntries(parameters), ...changes }, { replace: true }); }} />
      {figures && <Failures isUnreachable={figures.isUnreachable} errors={figures.errors} />}
      {figures && <Problems problems={figures.problems} />}
      {earlier.figures && <Problems problems={earlier.figures.problems} />}
      {(isLoading || (isCompared && earlier.isLoading)) && <p className="quiet" role="status">{t('loading')}</p>}
      {!isLoading && rows.length === 0 && <p className="quiet">{t('statistics.none')}</p>}
      {isCompared && earlier.figures && <Totals now={totals(groups)} before={totals(before)} />}
      {groups.length > 0 && (
        <section className="card" aria-label={t('statistics.chart')}><Bars bars={bars} series={series} caption={t('statistics.chart')} chart={chart} /></section>
      )}
      {rows.length > 0 && <FigureTable dimensions={by} rows={rows} isCompared={isCompared} />}
    </div>
  );
}

function saveTable({ period, isCompared }: Chosen, names: readonly string[], rows: readonly Row[]): void {
  const head = [...names, 'calls', 'answered', 'answer_rate', 'talk_seconds', ...(isCompared ? ['calls_before'] : [])];
  download(`calls-${period}.csv`, [head, ...rows.map((row) => {
    const sum = totals(row.groups);
    const rate = answerRate(sum);
    return [...row.keys, sum.calls, sum.answered, rate === null ? '' : Math.round(rate * 10_000) / 10_000, sum.talkSeconds, ...(isCompared ? [totals(row.before).calls] : [])];
  })]);
}

function Choices({ chosen: { period, first, then, isCompared }, onChange }: { chosen: Chosen; onChange: (changes: Record<string, string>) => void }) {
  const { words: { t } } = useApp();
  return (
    <div className="filters">
      <Choice
        label={t('statistics.period')} value={period} onChange={(value) => { onChange({ period: value }); }}
        options={PERIODS.map((each) => [each, t(`period.${each}`)] as const)}
      />
      <label>
        <span>{t('statistics.by')}</span>
        <select value={first} onChange={(event) => { onChange({ by: event.target.value }); }}>
          {DIMENSIONS.map((each) => <option key={each} value={each}>{t(`dimension.${each}`)}</option>)}
        </select>
      </label>
      <label>
        <span>{t('statistics.then')}</span>
        <select value={then ?? ''} onChange={(event) => { onChange({ then: event.target.value }); }}>
          <option value="">{t('statistics.nothing')}</option>
          {DIMENSIONS.filter((each) => each !== first).map((each) => <option key={each} value={each}>{t(`dimension.${each}`)}</option>)}
        </select>
      </label>
      <label className="check">
        <input type="checkbox" checked={isCompared} onChange={(event) => { onChange({ compare: event.target.checked ? 'yes' : '' }); }} />
        <span>{t('statistics.compare')}</span>
      </label>
    </div>
  );
}
