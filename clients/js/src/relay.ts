// Relay: a handler of connections that merges pages by cursor, and keeps what is missing from them.
import type { Edge, MergedPages, Page, PageArguments, PageInfo, PlacedProblem, Problem, ProblemRange } from './merge.js';
import { mergePage, problemsOf } from './merge.js';
import type { Moment } from './times.js';

/** A record in Relay's store, as far as it is used here. */
export interface StoreRecord {
  getDataID(): string;
  getType(): string;
  getValue(name: string): unknown;
  setValue(value: unknown, name: string): unknown;
  getLinkedRecord(name: string): StoreRecord | null | undefined;
  setLinkedRecord(record: StoreRecord, name: string): unknown;
  getLinkedRecords(name: string): (StoreRecord | null | undefined)[] | null | undefined;
  setLinkedRecords(records: (StoreRecord | null | undefined)[], name: string): unknown;
  copyFieldsFrom(record: StoreRecord): void;
}

export interface RecordStore {
  get(id: string): StoreRecord | null | undefined;
  create(id: string, type: string): StoreRecord;
}

export interface HandlePayload {
  dataID: string;
  fieldKey: string;
  handleKey: string;
  args: PageArguments;
}

/** `ConnectionHandler` of relay-runtime. */
export interface RelayConnectionHandler {
  update(store: RecordStore, payload: HandlePayload): void;
  buildConnectionEdge(store: RecordStore, connection: StoreRecord, edge: StoreRecord | null | undefined): StoreRecord | null | undefined;
}

interface StoredEdge extends Edge {
  record: StoreRecord;
}

interface StoredProblem extends Problem {
  record: StoreRecord;
}

type Stored = MergedPages<StoredEdge, StoredProblem>;
/** A problem in its place, with the number of edges at that time. */
type Place = { id: string; from: number; to: number };

const PLACES = '__problemPlaces';
const PAGE_INFO = ['hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor'] as const;

/** Return the handler of connections: `handlerProvider: (handle) => (handle === 'connection' ? connectionHandler(ConnectionHandler) : …)`. */
export function connectionHandler(relay: RelayConnectionHandler): Pick<RelayConnectionHandler, 'update'> {
  return {
    update(store, payload) {
      const owner = store.get(payload.dataID);
      const [page, known] = [owner?.getLinkedRecord(payload.fieldKey), owner?.getLinkedRecord(payload.handleKey)];
      const isMore = payload.args.after != null || payload.args.before != null;
      const merged = page && known && isMore ? mergePage(listOf(store, known), pageOf(page), payload.args, timeOf) : undefined;
      if (page && known && merged) {
        write(store, known, page, merged);
        return;
      }
      relay.update(store, payload);
      const begun = owner?.getLinkedRecord(payload.handleKey);
      if (page && begun && !isMore) keep(begun, mergePage(undefined, pageOf(page), {}, timeOf)!.placed, page.getLinkedRecords('edges')?.length ?? 0);
    },
  };

  function write(store: RecordStore, connection: StoreRecord, page: StoreRecord, { edges, pageInfo, placed }: Stored): void {
    const own = new Set(connection.getLinkedRecords('edges'));
    const info = connection.getLinkedRecord('pageInfo');
    connection.copyFieldsFrom(page);
    connection.setLinkedRecords(edges.map(({ record }) => (own.has(record) ? record : relay.buildConnectionEdge(store, connection, record))), 'edges');
    if (info) {
      for (const name of PAGE_INFO) info.setValue(pageInfo[name] ?? null, name);
      connection.setLinkedRecord(info, 'pageInfo');
    }
    const kept = placed.map((each) => ({ ...each, problem: { ...each.problem, record: recordOf(store, each.problem) } }));
    connection.setLinkedRecords(problemsOf({ placed: kept }, identify).map(({ record }) => record), 'problems');
    keep(connection, kept, edges.length);
  }
}

function keep(connection: StoreRecord, placed: readonly PlacedProblem<StoredProblem>[], count: number): void {
  const places: Place[] = placed.map(({ problem, from, to }) => ({ id: problem.record.getDataID(), from, to }));
  connection.setValue(JSON.stringify({ count, places }), PLACES);
}

function listOf(store: RecordStore, connection: StoreRecord): Stored {
  const page = pageOf(connection);
  const { count, places } = JSON.parse((connection.getValue(PLACES) as string | undefined) ?? '{"count":0,"places":[]}') as { count: number; places: Place[] };
  // What a subscription has put in front since.
  const shift = Math.max(page.edges.length - count, 0);
  const placed = places.flatMap(({ id, from, to }) => {
    const record = store.get(id);
    return record ? [{ problem: problemOf(record), from: from + shift, to: to + shift }] : [];
  });
  return { ...page, placed };
}

function pageOf(connection: StoreRecord): Page<StoredEdge, StoredProblem> & { pageInfo: PageInfo } {
  const edges = there(connection.getLinkedRecords('edges')).map((record) => {
    const cursor = record.getValue('cursor');
    return { record, ...(typeof cursor === 'string' && { cursor }) };
  });
  const info = connection.getLinkedRecord('pageInfo');
  const pageInfo = Object.fromEntries(PAGE_INFO.flatMap((name) => (info?.getValue(name) === undefined ? [] : [[name, info.getValue(name)]])));
  return { edges, pageInfo, problems: there(connection.getLinkedRecords('problems')).map(problemOf) };
}

const there = (records: (StoreRecord | null | undefined)[] | null | undefined) => (records ?? []).filter((each) => each != null);

const timeOf = ({ record }: StoredEdge) => record.getLinkedRecord('node')?.getValue('occurredAt') as Moment | null | undefined;

function problemOf(record: StoreRecord): StoredProblem {
  const [code, range] = [record.getValue('code'), rangeOf(record)];
  return { record, ...(typeof code === 'string' && { code }), ...(range && { range }) };
}

function rangeOf(record: StoreRecord): ProblemRange | undefined {
  const range = record.getLinkedRecord('range');
  return range ? { since: range.getValue('since') as Moment | null, until: range.getValue('until') as Moment | null } : undefined;
}

/** Return the record of a problem; of one whose range was cut, a copy with the rest of it. */
function recordOf(store: RecordStore, { record, range }: StoredProblem): StoreRecord {
  const own = record.getLinkedRecord('range');
  if (!range || !own || JSON.stringify(range) === JSON.stringify(rangeOf(record))) return record;
  const copy = (of: StoreRecord, id: string) => {
    const made = store.get(id) ?? store.create(id, of.getType());
    made.copyFieldsFrom(of);
    return made;
  };
  const id = `${record.getDataID()}:${String(range.since)}:${String(range.until)}`;
  const [rest, restRange] = [copy(record, id), copy(own, `${id}:range`)];
  restRange.setValue(range.since ?? null, 'since');
  restRange.setValue(range.until ?? null, 'until');
  rest.setLinkedRecord(restRange, 'range');
  return rest;
}

const identify = ({ code, record }: StoredProblem) =>
  JSON.stringify([code, record.getValue('message'), record.getValue('field'), record.getLinkedRecord('provider')?.getDataID()]);
