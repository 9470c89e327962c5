// The legs of a session as a ladder: a line for each party, an arrow for each leg, from top to bottom in time.
import { useWords } from '../app-context';
import type { PartyPartsFragment } from '../gql/graphql';
import type { Detail } from './call-drawer';
import { useWidth } from '../use-width';
import { partyName } from './call-parts';

type Leg = NonNullable<NonNullable<Detail['session']>['calls']>[number];
type Props = { legs: readonly Leg[]; current: string; onOpen: (id: string) => void };

const TOP = 44;
const STEP = 46;
const PAD = 46;

export function Ladder({ legs, current, onOpen }: Props) {
  const { t, code, time, duration } = useWords();
  const [box, width] = useWidth<HTMLDivElement>();
  const name = (party: PartyPartsFragment | null): string => partyName(party, t('call.unknownParty'));
  const ordered = [...legs].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  const parties = [...new Set(ordered.flatMap((leg) => [name(leg.from), name(leg.to)]))];
  const x = (party: string): number => PAD + (parties.indexOf(party) * Math.max(0, width - 2 * PAD)) / Math.max(1, parties.length - 1);
  const height = TOP + ordered.length * STEP + 12;
  const cut = Math.max(6, Math.floor(width / Math.max(1, parties.length) / 6.5));
  return (
    <div className="ladder" ref={box}>
      {width > 0 && (
        <svg width={width} height={height} aria-hidden="true">
          {parties.map((party) => (
            <g key={party}>
              <title>{party}</title>
              <text x={x(party)} y={18} textAnchor="middle">{party.length > cut ? `${party.slice(0, cut - 1)}…` : party}</text>
              <line className="rail" x1={x(party)} x2={x(party)} y1={28} y2={height} />
            </g>
          ))}
          {ordered.map((leg, index) => {
            const [from, to, y] = [x(name(leg.from)), x(name(leg.to)), TOP + index * STEP + 18];
            const way = to >= from ? 1 : -1;
            return (
              <g key={leg.id} className={`leg ${leg.id === current ? 'current' : ''}`} style={{ color: `var(--status-${leg.status})` }}>
                {from === to ? <circle cx={from} cy={y} r={5} /> : <path d={`M${String(from)} ${String(y)}H${String(to - way * 7)}m0 -4l${String(way * 7)} 4l${String(-way * 7)} 4`} />}
                <text x={(from + to) / 2} y={y - 7} textAnchor="middle">{`${code('status', leg.status)} ${duration(leg.talkSeconds ?? leg.durationSeconds)}`}</text>
              </g>
            );
          })}
        </svg>
      )}
      <ol aria-label={t('detail.ladder')}>
        {ordered.map((leg) => (
          <li key={leg.id} aria-current={leg.id === current ? 'true' : undefined}>
            <button type="button" className="link" disabled={leg.id === current} onClick={() => { onOpen(leg.id); }}>
              {time(leg.startedAt)} {name(leg.from)} → {name(leg.to)}
            </button>
            <span className="quiet">
              {' '}{code('status', leg.status)}, {duration(leg.talkSeconds ?? leg.durationSeconds)}{leg.id === current && ` (${t('detail.thisLeg')})`}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
