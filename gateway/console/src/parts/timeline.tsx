// A time line: a lane for each kind of contact, a mark for each contact, as long as it lasted.
import { AxisBottom } from '@visx/axis';
import { scaleTime } from '@visx/scale';
import { useApp } from '../app-context';
import type { Entry } from '../pages/number';
import { useWidth } from '../use-width';

const MARGIN = { left: 110, right: 14, top: 6, bottom: 26 };
const LANE = 40;

export function Timeline({ entries }: { entries: readonly Entry[] }) {
  const { words } = useApp();
  const [box, width] = useWidth<HTMLDivElement>();
  const left = width < 500 ? 84 : MARGIN.left;
  const lanes = [...new Set(entries.map(laneOf))].sort();
  const times = entries.map((each) => new Date(each.occurredAt).getTime());
  const [start, end] = [Math.min(...times), Math.max(...times)];
  const slack = Math.max(3_600_000, (end - start) * 0.03);
  const x = scaleTime({ domain: [start - slack, end + slack], range: [left, Math.max(left + 50, width - MARGIN.right)] });
  const height = MARGIN.top + lanes.length * LANE + MARGIN.bottom;
  const days = (end - start) / 86_400_000;
  const tick = days < 2 ? words.clock : days < 300 ? words.day : words.month;
  const name = (lane: string): string => {
    const [kind = '', direction] = lane.split(' ');
    return direction ? words.code('direction', direction) : words.code('kind', kind);
  };
  return (
    <div ref={box} className="timeline">
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={words.t('number.timeline')}>
          {lanes.map((lane, index) => (
            <g key={lane}>
              <line className="grid" x1={left} x2={width - MARGIN.right} y1={MARGIN.top + (index + 0.5) * LANE} y2={MARGIN.top + (index + 0.5) * LANE} />
              <text x={0} y={MARGIN.top + (index + 0.5) * LANE + 4}>{name(lane)}</text>
            </g>
          ))}
          {entries.map((each) => {
            const at = new Date(each.occurredAt).getTime();
            const to = at + (each.durationSeconds ?? 0) * 1000;
            const y = MARGIN.top + (lanes.indexOf(laneOf(each)) + 0.5) * LANE;
            const color = 'status' in each ? `var(--status-${each.status})` : 'var(--accent)';
            return (
              <rect key={`${each.__typename}${each.id}`} x={x(at) - 3} y={y - 9} width={Math.max(6, x(to) - x(at))} height={18} rx={3} fill={color} opacity={0.85}>
                <title>{`${words.moment(at)} · ${name(laneOf(each))}${'status' in each ? ` · ${words.code('status', each.status)}` : ''} · ${words.duration(each.durationSeconds)}`}</title>
              </rect>
            );
          })}
          <AxisBottom
            scale={x} top={MARGIN.top + lanes.length * LANE} hideTicks numTicks={Math.max(2, Math.floor(width / 130))} axisClassName="axis"
            tickFormat={(value) => tick(value as Date)}
          />
        </svg>
      )}
    </div>
  );
}

const laneOf = (entry: Entry): string => ('direction' in entry ? `${entry.__typename} ${entry.direction}` : entry.__typename);
