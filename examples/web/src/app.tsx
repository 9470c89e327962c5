// The page: who asks, for which calls, and the list of them.
import { useCallback, useEffect, useMemo, useState } from 'react';
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
  const onStranger = useCallback(() => { setStranger(true); }, []);

  return (
    <>
      <header>
        <h1>Calls</h1>
        <span className="live" data-live={isLive}>{isLive ? 'Live' : 'Not live'}</span>
        <Key value={key} isWanted={isStranger} onKey={(given) => { setStranger(false); setKey(given); }} />
      </header>
      <Filters asked={asked} onFilter={onFilter} />
      <List key={`${key} ${JSON.stringify(filter)}`} gateway={gateway} filter={filter} onStranger={onStranger} />
    </>
  );
}
