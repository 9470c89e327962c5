// Stacked bars over time, with the same figures as a table.
import { AxisBottom, AxisLeft } from '@visx/axis';
import { scaleBand, scaleLinear, scaleOrdinal } from '@visx/scale';
import { BarStack } from '@visx/shape';
import { useState } from 'react';
import { useWords } from '../app-context';
import { useWidth } from '../use-width';

export type Bar = { label: string; title: string } & Record<string, string | number>;
export type Series = { key: string; name: string; color: string };
type Props = { bars: readonly Bar[]; series: readonly Series[]; caption: string; height?: number; chart?: React.Ref<SVGSVGElement> };

const MARGIN = { top: 8, right: 4, bottom: 26, left: 40 };
const LABEL_WIDTH = 58;

export function Bars({ bars, series, caption, height = 240, chart }: Props) {
  const { number, t } = useWords();
  const [box, width] = useWidth<HTMLDivElement>();
  const [hovered, setHovered] = useState<number | null>(null);
  const inner = { width: Math.max(10, width - MARGIN.left - MARGIN.right), height: height - MARGIN.top - MARGIN.bottom };
  const total = (bar: Bar): number => series.reduce((sum, each) => sum + Number(bar[each.key] ?? 0), 0);
  const x = scaleBand({ domain: bars.map((bar) => bar.title), range: [0, inner.width], paddingInner: 0.25, paddingOuter: 0.1 });
  const y = scaleLinear({ domain: [0, Math.max(4, ...bars.map(total))], range: [inner.height, 0], nice: true });
  const color = scaleOrdinal({ domain: series.map((each) => each.key), range: series.map((each) => each.color) });
  const every = Math.max(1, Math.ceil((bars.length * LABEL_WIDTH) / inner.width));
  const labels = new Map(bars.map((bar) => [bar.title, bar.label]));
  const shown = hovered === null ? null : bars[hovered];

  return (
    <figure className="bars" ref={box}>
      <ul className="legend" aria-hidden="true">
        {series.map((each) => <li key={each.key}><i style={{ background: each.color }} />{each.name}</li>)}
      </ul>
      <div className="plot">
        {width > 0 && (
          <svg ref={chart} width={width} height={height} role="img" aria-label={caption}>
            <g transform={`translate(${String(MARGIN.left)},${String(MARGIN.top)})`}>
              <AxisLeft
                scale={y} numTicks={4} hideAxisLine hideTicks axisClassName="axis"
                tickFormat={(value) => number(Number(value))} tickLength={4}
              />
              {y.ticks(4).map((tick) => <line key={tick} className="grid" x1={0} x2={inner.width} y1={y(tick)} y2={y(tick)} />)}
              <BarStack data={[...bars]} keys={series.map((each) => each.key)} x={(bar) => bar.title} xScale={x} yScale={y} color={color}>
                {(stacks) => stacks.map((stack) => stack.bars.map((bar) => bar.height > 0 && (
                  <rect
                    key={`${stack.key}-${String(bar.index)}`} x={bar.x} y={bar.y} width={bar.width} height={bar.height} fill={bar.color}
                    opacity={hovered === null || hovered === bar.index ? 1 : 0.45}
                  />
                )))}
              </BarStack>
              {bars.map((bar, index) => (
                <rect
                  key={bar.title} className="touch" x={(x(bar.title) ?? 0) - (x.step() - x.bandwidth()) / 2} y={0} width={x.step()} height={inner.height}
                  onPointerEnter={() => { setHovered(index); }} onPointerLeave={() => { setHovered(null); }}
                />
              ))}
              <AxisBottom
                scale={x} top={inner.height} hideTicks axisClassName="axis" tickLength={6}
                tickValues={bars.filter((_, index) => index % every === 0).map((bar) => bar.title)}
                tickFormat={(title) => labels.get(title) ?? ''}
              />
            </g>
          </svg>
        )}
        {shown && <Tip bar={shown} series={series} left={MARGIN.left + (x(shown.title) ?? 0)} width={width} />}
      </div>
      <details>
        <summary>{t('chart.table')}</summary>
        <div className="scroll" tabIndex={0} role="region" aria-label={caption}>
          <table>
            <caption className="visually-hidden">{caption}</caption>
            <thead>
              <tr>
                <th scope="col">{t('chart.time')}</th>
                {series.map((each) => <th key={each.key} scope="col" className="figure">{each.name}</th>)}
                <th scope="col" className="figure">{t('chart.total')}</th>
              </tr>
            </thead>
            <tbody>
              {bars.map((bar) => (
                <tr key={bar.title}>
                  <th scope="row">{bar.title}</th>
                  {series.map((each) => <td key={each.key} className="figure">{number(Number(bar[each.key] ?? 0))}</td>)}
                  <td className="figure">{number(total(bar))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

type TipProps = { bar: Bar; series: readonly Series[]; left: number; width: number };

function Tip({ bar, series, left, width }: TipProps) {
  const { number } = useWords();
  const isRight = left > width / 2;
  return (
    <div className="tip" style={isRight ? { right: width - left + 8 } : { left: left + 32 }} aria-hidden="true">
      <strong>{bar.title}</strong>
      {series.filter((each) => Number(bar[each.key] ?? 0) > 0).map((each) => (
        <div key={each.key}><i style={{ background: each.color }} />{each.name}<b>{number(Number(bar[each.key]))}</b></div>
      ))}
    </div>
  );
}
