// Figures of groups of calls as a table, and the totals of two periods side by side.
import { useApp } from '../app-context';
import type { Dimension, Row } from '../grouping';
import { answerRate, averageTalk, totals, type Totals as Sums } from '../statistics';

/** The totals of a period, each with that of the period before and the change since. */
export function Totals({ now, before }: { now: Sums; before: Sums }) {
  const { words: { t, number, percent, duration, change } } = useApp();
  const rates = [answerRate(now), answerRate(before)] as const;
  const talks = [averageTalk(now), averageTalk(before)] as const;
  const was = (value: string, difference: string): string => t('statistics.was', { value, change: difference });
  const figures: [string, string, string][] = [
    [t('overview.calls'), number(now.calls), was(number(before.calls), change(now.calls, before.calls))],
    [t('overview.answered'), number(now.answered), was(number(before.answered), change(now.answered, before.answered))],
    [t('overview.answerRate'), percent(rates[0]), was(percent(rates[1]), change(rates[0] ?? 0, rates[1] ?? 0))],
    [t('overview.talk'), duration(talks[0]), was(duration(talks[1]), change(talks[0] ?? 0, talks[1] ?? 0))],
  ];
  return (
    <ul className="sums">
      {figures.map(([name, value, earlier]) => (
        <li key={name}><div><span className="value">{value}</span><span className="name">{name}</span><span className="quiet">{earlier}</span></div></li>
      ))}
    </ul>
  );
}

type Props = { dimensions: readonly Dimension[]; rows: readonly Row[]; isCompared: boolean };

export function FigureTable({ dimensions, rows, isCompared }: Props) {
  const { words: { t, number } } = useApp();
  const all = totals(rows.flatMap((row) => row.groups));
  const before = totals(rows.flatMap((row) => row.before));
  const most = Math.max(1, ...rows.map((row) => totals(row.groups).calls));
  return (
    <div className="card scroll" tabIndex={0} role="region" aria-label={t('page.statistics')}>
      <table className="wide">
        <thead>
          <tr>
            {dimensions.map((each) => <th key={each} scope="col">{t(`dimension.${each}`)}</th>)}
            <th scope="col">{t('overview.calls')}</th>
            {isCompared && (['before', 'change'] as const).map((each) => <th key={each} scope="col" className="figure">{t(`statistics.${each}`)}</th>)}
            {(['answered', 'answerRate', 'talk'] as const).map((each) => <th key={each} scope="col" className="figure">{t(`overview.${each}`)}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ keys, groups, before: earlier }) => {
            const sum = totals(groups);
            return (
              <tr key={keys.join('\n')}>
                {keys.map((key, index) => (index === 0 ? <th key={index} scope="row">{key}</th> : <td key={index}>{key}</td>))}
                <td><span className="meter bar"><i aria-hidden="true"><b style={{ width: `${String((sum.calls / most) * 100)}%` }} /></i>{number(sum.calls)}</span></td>
                <Cells sum={sum} before={isCompared ? totals(earlier) : null} />
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={dimensions.length}>{t('chart.total')}</th>
            <td>{number(all.calls)}</td>
            <Cells sum={all} before={isCompared ? before : null} />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function Cells({ sum, before }: { sum: Sums; before: Sums | null }) {
  const { words: { number, percent, duration, change } } = useApp();
  const cells = [
    ...(before ? [number(before.calls), change(sum.calls, before.calls)] : []),
    number(sum.answered), percent(answerRate(sum)), duration(averageTalk(sum)),
  ];
  return cells.map((each, index) => <td key={index} className="figure">{each}</td>);
}
