// The pages: who asks, and the list of calls or one of them.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useRoute } from 'wouter';
import { CallPage } from './call';
import { Filters, useFilters } from './filters';
import { connect } from './gateway';
import { Key, useKey } from './key';
import { List } from './list';

export function App() {
  const [key, setKey] = useKey();
  const [asked, filter, onFilter] = useFilters();
  const [isLive, setLive] = useState(false);
  const [isStranger, setStranger] = useState(false);
  const gateway = useMemo(() => connect(key, setLive), [key]);
  useEffect(() => gateway.close, [gateway]);
  const [isCall, route] = useRoute('/calls/:id');
  const onStranger = useCallback(() => { setStranger(true); }, []);

  return (
    <>
      <header>
        <h1>Calls</h1>
        <span className="live" data-live={isLive}>{isLive ? 'Live' : 'Not live'}</span>
        <Key value={key} isWanted={isStranger} onKey={(given) => { setStranger(false); setKey(given); }} />
      </header>
      {/* The list stays as it is behind a call, so that going back loads nothing anew. */}
      <div hidden={isCall}>
        <Filters asked={asked} onFilter={onFilter} />
        <List key={`${key} ${JSON.stringify(filter)}`} gateway={gateway} filter={filter} onStranger={onStranger} />
      </div>
      {isCall && <CallPage key={`${key} ${route.id}`} gateway={gateway} id={route.id} />}
    </>
  );
}
