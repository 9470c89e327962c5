// One call.
import { Link } from 'wouter';
import { Player, type Playing } from './player';
import type { Call } from './log';
import { DIRECTION, STATUS, lengthOf, momentOf, nameOf, numberOf, sides, timeOf } from './words';

export function Row({ call, playing }: { call: Call; playing: Playing }) {
  const [other, own] = sides(call);
  const seconds = call.talkSeconds ?? call.durationSeconds;
  return (
    <li className="call" data-id={call.id} data-status={call.status}>
      <Arrow direction={call.direction} />
      <div className="who">
        <Link href={`/calls/${encodeURIComponent(call.id)}`}><strong>{nameOf(other)}</strong></Link>
        <small>
          {other?.name && numberOf(other) !== other.name && <span>{numberOf(other)}</span>}
          <span>{call.direction === 'OUTBOUND' ? 'from' : 'to'} {nameOf(own)}</span>
          <span className="provider">{call.provider.name}</span>
        </small>
      </div>
      <span className="status">{STATUS[call.status]}</span>
      <span className="length">{seconds ? lengthOf(seconds) : ''}</span>
      <time dateTime={call.startedAt} title={momentOf(call.startedAt)}>{timeOf(call.startedAt)}</time>
      {call.recordings?.map((recording) => (
        <Player key={recording.id} recording={recording} of={nameOf(other)} playing={playing} />
      ))}
    </li>
  );
}

function Arrow({ direction }: { direction: Call['direction'] }) {
  return (
    <span className="arrow" data-direction={direction}>
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M18 6 6 18m0-9v9h9" /></svg>
      <span className="unseen">{DIRECTION[direction]}: </span>
    </span>
  );
}
