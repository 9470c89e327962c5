// Calls: one list over all providers, filtered by what stands in the address, with the details of one call beside it.
import { useCallback, useMemo, useState } from 'react';
import { useApp } from '../app-context';
import { callFilter } from '../call-filter';
import { linesOf } from '../call-list';
import { CallsDocument, ProviderHealthDocument } from '../gql/graphql';
import { CallDrawer } from '../parts/call-drawer';
import { CallFilters } from '../parts/call-filters';
import { CallTable, COLUMNS, SHOWN_AT_FIRST, type Column } from '../parts/call-table';
import { Failures, OpenQuery } from '../parts/notices';
import { go, useRoute } from '../router';
import { useCallList } from '../use-call-list';
import { useLatest } from '../use-load';
import { useQuery } from '../use-query';

const BESIDE_DETAILS: readonly Column[] = ['time', 'from', 'to', 'status', 'talk'];
const KEPT = 'telegraphql:columns';

export function Calls() {
  const { words: { t, number } } = useApp();
  const { parameters } = useRoute();
  const { shown, toggle } = useColumns();
  const filter = callFilter(parameters);
  const columns = { withRecordings: shown.includes('recordings'), withQueue: shown.includes('queue'), withCost: shown.includes('cost') };
  const { list, isLoading, errors, isUnreachable, more, close, reload } = useCallList(filter, columns);
  const providers = useQuery(ProviderHealthDocument, {});
  const lines = useMemo(() => linesOf(list), [list]);
  const openId = parameters.get('call');

  const current = useLatest(parameters);
  const change = useCallback((changes: Record<string, readonly string[] | string | null>) => {
    const before = current.current;
    const names = new Set([...before.keys(), ...Object.keys(changes)]);
    const next = Object.fromEntries([...names].map((name) => [name, name in changes ? changes[name] : before.getAll(name)]));
    go('calls', next, { replace: !('call' in changes) });
  }, [current]);

  return (
    <div className={`page calls ${openId ? 'with-drawer' : ''}`}>
      <header className="page-head">
        <h1>{t('page.calls')}</h1>
        <p className="quiet" aria-live="polite">{t(list.isComplete ? 'calls.shownAll' : 'calls.shown', { n: number(list.calls.length) })}</p>
        <ColumnChoice shown={shown} onToggle={toggle} />
        <OpenQuery document={CallsDocument} variables={{ first: 100, after: null, filter, ...columns }} />
      </header>
      <CallFilters parameters={parameters} providers={providers.data?.providers.map((each) => each.name) ?? []} onChange={change} />
      <Failures isUnreachable={isUnreachable} errors={errors} />
      {isUnreachable && <button type="button" onClick={reload}>{t('tryAgain')}</button>}
      <div className="split">
        <CallTable
          lines={lines} shown={openId ? shown.filter((each) => BESIDE_DETAILS.includes(each)) : shown} isLoading={isLoading} isComplete={list.isComplete} openId={openId}
          onOpen={(call) => { change({ call }); }} onMore={more} onClose={close}
        />
        {openId && <CallDrawer id={openId} onOpen={(call) => { change({ call }); }} onClose={() => { change({ call: null }); }} />}
      </div>
    </div>
  );
}

function useColumns(): { shown: readonly Column[]; toggle: (column: Column) => void } {
  const [shown, setShown] = useState<readonly Column[]>(() => {
    const kept = localStorage.getItem(KEPT)?.split(',') ?? [];
    const known = COLUMNS.filter((each) => kept.includes(each));
    return known.length ? known : SHOWN_AT_FIRST;
  });
  const toggle = (column: Column): void => {
    const next = COLUMNS.filter((each) => (each === column ? !shown.includes(each) : shown.includes(each)));
    localStorage.setItem(KEPT, next.join(','));
    setShown(next);
  };
  return { shown, toggle };
}

function ColumnChoice({ shown, onToggle }: { shown: readonly Column[]; onToggle: (column: Column) => void }) {
  const { words: { t } } = useApp();
  return (
    <details className="select columns">
      <summary>{t('calls.columns')}</summary>
      <fieldset>
        <legend className="visually-hidden">{t('calls.columns')}</legend>
        {COLUMNS.filter((each) => each !== 'time').map((each) => (
          <label key={each} className="check">
            <input type="checkbox" checked={shown.includes(each)} onChange={() => { onToggle(each); }} />
            <span>{t(`call.${each}`)}</span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}
