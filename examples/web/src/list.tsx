// The list: calls by day, more as one scrolls down, and what is missing from it.
import { Fragment, useEffect, useRef, useState } from 'react';
import { reason, type Gateway } from './gateway';
import type { CallFilter } from './gql/graphql';
import { hasMore, isLong, listed, missing, type Call } from './log';
import { Missing, Refused } from './notices';
import type { Playing } from './player';
import { Row } from './row';
import { useLog } from './use-log';
import { dayOf } from './words';

const WHO = 'This gateway asks who you are: enter your API key above.';

export function List({ gateway, filter, onStranger }: { gateway: Gateway; filter: CallFilter; onStranger: () => void }) {
  const [log, dispatch] = useLog(gateway.client, filter);
  const [playing, choose] = useState<string | null>(null);
  const player: Playing = { gateway, id: playing, choose };
  const calls = listed(log);
  const refusal = log.error && reason(log.error);
  const wantsKey = refusal?.needsKey && !gateway.hasKey;
  const again = () => { dispatch({ type: 'again' }); };

  useEffect(() => {
    if (refusal?.needsKey) onStranger();
  }, [refusal?.needsKey, onStranger]);

  return (
    <main aria-busy={log.asking !== null}>
      <Missing problems={missing(log)} isAsking={log.asking !== null} onRetry={again} />
      {log.live.length > 0 && <Day name="Just ended" calls={log.live} playing={player} />}
      {byDay(calls).map(([name, those]) => <Day key={those[0]?.id} name={name} calls={those} playing={player} />)}
      {refusal && <Refused text={wantsKey ? WHO : refusal.text} onRetry={refusal.needsKey ? null : again} />}
      <p role="status" className="end">
        {log.asking ? 'Loading …' : refusal || hasMore(log) ? '' : calls.length + log.live.length ? 'These are all calls.' : 'No calls.'}
      </p>
      {hasMore(log) && !log.asking && !refusal && (
        <More key={log.pages.length} isByHand={isLong(log)} onMore={() => { dispatch({ type: 'more' }); }} />
      )}
    </main>
  );
}

function Day({ name, calls, playing }: { name: string; calls: Call[]; playing: Playing }) {
  return (
    <Fragment>
      <h2>{name}</h2>
      <ol>{calls.map((call) => <Row key={call.id} call={call} playing={playing} />)}</ol>
    </Fragment>
  );
}

/** A button for the keyboard, which presses itself when it comes near. */
function More({ isByHand, onMore }: { isByHand: boolean; onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isByHand || !button.current) return;
    const observer = new IntersectionObserver(([entry]) => { if (entry?.isIntersecting) onMore(); }, { rootMargin: '600px' });
    observer.observe(button.current);
    return () => { observer.disconnect(); };
  });
  return <button ref={button} type="button" className="more" onClick={onMore}>{isByHand ? 'Search further back' : 'More'}</button>;
}

/** Neighbours of one day stand together. The list's order stays what the gateway gave. */
function byDay(calls: Call[]): [string, Call[]][] {
  const days: [string, Call[]][] = [];
  for (const call of calls) {
    const name = dayOf(call.startedAt);
    const last = days.at(-1);
    if (last?.[0] === name) last[1].push(call);
    else days.push([name, [call]]);
  }
  return days;
}
