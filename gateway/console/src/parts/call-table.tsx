// The table of calls: only the rows in view exist, and the next page is asked for before its place is reached.
import { columnVisibilityFeature, createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useMemo, useRef, type KeyboardEvent } from 'react';
import { useApp, useWords } from '../app-context';
import type { CallRow, Gap, Line } from '../call-list';
import { useLatest } from '../use-load';
import { useIsNarrow } from '../use-width';
import { Direction, PartyCell, Provider, Status } from './call-parts';
import { GapLine } from './gap-line';
import { Icon } from './icon';

export const COLUMNS = ['time', 'provider', 'direction', 'from', 'to', 'status', 'ring', 'talk', 'duration', 'recordings', 'queue', 'cost'] as const;
export type Column = (typeof COLUMNS)[number];
export const SHOWN_AT_FIRST: readonly Column[] = ['time', 'provider', 'direction', 'from', 'to', 'status', 'talk', 'recordings'];

const WIDTHS: Record<Column, string> = {
  time: '10.5rem', provider: '7rem', direction: '7.5rem', from: 'minmax(9rem, 1.4fr)', to: 'minmax(9rem, 1.4fr)', status: '8.5rem',
  ring: '4.5rem', talk: '5rem', duration: '5rem', recordings: '6.5rem', queue: 'minmax(6rem, 1fr)', cost: '6rem',
};
const FIGURES: readonly string[] = ['ring', 'talk', 'duration', 'cost'];
const ROW = 44;
const CARD = 84;
const AHEAD = 30;

const features = tableFeatures({ columnVisibilityFeature });
const helper = createColumnHelper<typeof features, Line>();

type Props = {
  lines: readonly Line[];
  shown: readonly Column[];
  isLoading: boolean;
  isComplete: boolean;
  openId: string | null;
  onOpen: (id: string) => void;
  onMore: () => void;
  onClose: (gap: Gap) => Promise<number>;
};

export function CallTable({ lines, shown, isLoading, isComplete, openId, onOpen, onMore, onClose }: Props) {
  const { words: { t } } = useApp();
  const isNarrow = useIsNarrow();
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useMemo(() => helper.columns(COLUMNS.map((id) => helper.display({
    id,
    header: t(`call.${id}`),
  }))), [t]);
  const data = useMemo(() => [...lines], [lines]);
  const columnVisibility = useMemo(() => Object.fromEntries(COLUMNS.map((id) => [id, shown.includes(id)])), [shown]);
  const table = useTable({ features, columns, data, getRowId: (line) => line.id, state: { columnVisibility } });
  const { rows } = table.getRowModel();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? CARD : ROW),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (!isLoading && !isComplete && last >= rows.length - AHEAD) onMore();
  }, [last, rows.length, isLoading, isComplete, onMore]);
  useEffect(() => { virtual.measure(); }, [isNarrow, virtual]);

  const template = shown.map((id) => WIDTHS[id]).join(' ');
  const latest = useLatest(onOpen);
  const open = useCallback((id: string) => { latest.current(id); }, [latest]);
  const step = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const index = Number((event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset['index']);
    if (Number.isNaN(index)) return;
    const next = index + (event.key === 'ArrowDown' ? 1 : -1);
    event.preventDefault();
    virtual.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${String(next)}"] .opener`)?.focus());
  };

  return (
    <div className={`calls-table ${isNarrow ? 'narrow' : ''}`} ref={scroller} tabIndex={0} role="region" aria-label={t('page.calls')} onKeyDown={step}>
      <div role="table" aria-rowcount={isComplete ? rows.length + 1 : -1} aria-label={t('page.calls')} aria-busy={isLoading}>
        <div role="rowgroup" className="head">
          {table.getHeaderGroups().map((group) => (
            <div role="row" key={group.id} className="row" style={{ gridTemplateColumns: template }} aria-rowindex={1}>
              {group.headers.map((header) => (
                <div role="columnheader" key={header.id} className={FIGURES.includes(header.id) ? 'figure' : undefined}><table.FlexRender header={header} /></div>
              ))}
            </div>
          ))}
        </div>
        <div role="rowgroup" className="body" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const place = { transform: `translateY(${String(item.start)}px)` };
            const line = row.original;
            if (line.kind === 'gap')
              return (
                <div role="row" key={row.id} className="row gap" style={place} data-index={item.index} ref={virtual.measureElement} aria-rowindex={item.index + 2}>
                  <GapLine gap={line.gap} onClose={onClose} />
                </div>
              );
            return (
              <CallLine
                key={row.id} call={line.call} index={item.index} start={item.start} columns={shown} template={isNarrow ? undefined : template}
                isOpen={row.id === openId} measure={virtual.measureElement} onOpen={open}
              />
            );
          })}
        </div>
      </div>
      {isLoading && <p className="quiet foot">{t('loading')}</p>}
      {isComplete && <p className="quiet foot">{t(lines.length ? 'calls.end' : 'calls.none')}</p>}
    </div>
  );
}

type LineProps = {
  call: CallRow; index: number; start: number; columns: readonly Column[]; template: string | undefined;
  isOpen: boolean; measure: (element: Element | null) => void; onOpen: (id: string) => void;
};

// While somebody scrolls, only the rows that come into view are rendered.
const CallLine = memo(function CallLine({ call, index, start, columns, template, isOpen, measure, onOpen }: LineProps) {
  return (
    <div
      role="row" data-index={index} aria-rowindex={index + 2} data-id={call.id} ref={measure} className={`row call ${isOpen ? 'open' : ''}`}
      style={{ transform: `translateY(${String(start)}px)`, gridTemplateColumns: template }} onClick={() => { onOpen(call.id); }}
    >
      {columns.map((each) => (
        <div role="cell" key={each} className={`cell-${each} ${FIGURES.includes(each) ? 'figure' : ''}`}><Cell column={each} call={call} /></div>
      ))}
    </div>
  );
});

function Cell({ column, call }: { column: Column; call: CallRow }) {
  const { t, count, short, duration, money } = useWords();
  switch (column) {
    case 'time':
      return <button type="button" className="opener"><time dateTime={call.startedAt}>{short(call.startedAt)}</time></button>;
    case 'provider': return <Provider name={call.provider.name} />;
    case 'direction': return <Direction direction={call.direction} />;
    case 'from': return <PartyCell party={call.from} />;
    case 'to': return <PartyCell party={call.to} />;
    case 'status': return <Status status={call.status} />;
    case 'ring': return duration(call.ringSeconds);
    case 'talk': return duration(call.talkSeconds);
    case 'duration': return duration(call.durationSeconds);
    case 'recordings':
      return call.recordings?.length ? <span className="recorded" title={count('records', call.recordings.length)}><Icon name="recording" /><span>{t('call.hasRecordings')}</span></span> : null;
    case 'queue': return call.queue?.name ?? null;
    case 'cost': return call.cost ? money(call.cost) : null;
  }
}
