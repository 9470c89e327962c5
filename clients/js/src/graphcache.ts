// urql's Graphcache: keys, and resolvers that merge the pages of every list, and keep what is missing from them.
import type { Cache, DataField, KeyingConfig, Link, Resolver, ResolverConfig } from '@urql/exchange-graphcache';
import type { MergedPages, Page, PageArguments, Problem } from './merge.js';
import { mergePage, problemsOf } from './merge.js';
import { keylessTypes, listFields, possibleTypes, problemFields } from './schema.js';
import type { Moment } from './times.js';

interface CachedEdge {
  link: string;
  node: Link;
  cursor?: string;
}

/** A problem, and its cache key as long as it is told as it was cached. */
interface CachedProblem extends Problem {
  link: string;
}

interface CachedPage extends Page<CachedEdge, CachedProblem> {
  __typename: string;
}

type CachedList = MergedPages<CachedEdge, CachedProblem> & { __typename?: string };

/** Return the resolver of a list; `keyArgs` are the arguments that tell one list from another. */
const listResolver = (keyArgs: string[]): Resolver => (_parent, args, cache, info) => {
  if (typeof cache.resolve(info.parentKey, info.fieldName, args) !== 'string') return undefined;
  const key = keyOf(args, keyArgs);
  const cached = cache.inspectFields(info.parentKey).filter((field) => field.fieldName === info.fieldName && keyOf(field.arguments ?? {}, keyArgs) === key);
  const pages = cached.flatMap((field) => {
    const page = readPage(cache, cache.resolve(info.parentKey, field.fieldKey));
    return page ? [{ page, args: (field.arguments ?? {}) as PageArguments }] : [];
  });
  const list = merge(pages, (edge) => (typeof edge.node === 'string' ? (cache.resolve(edge.node, 'occurredAt') as Moment | null) : null));
  return list && written(cache, list);
};

/** Return the list that cached pages make: the chain from its start, then what was requested again, where the chain has it. */
function merge(pages: { page: CachedPage; args: PageArguments }[], timeOf: (edge: CachedEdge) => Moment | null | undefined): CachedList | undefined {
  const left = [...pages];
  const take = (index: number) => left.splice(index, 1)[0]!;
  let list: CachedList | undefined;
  const first = left.findIndex(({ args }) => !args.after && !args.before);
  if (left.length > 0) list = mergePage<CachedEdge, CachedProblem>(undefined, take(Math.max(first, 0)).page, {}, timeOf);
  while (left.length > 0) {
    const next = left.findIndex(({ args }) => args.after && args.after === list?.pageInfo.endCursor && !args.before);
    const { page, args } = take(Math.max(next, 0));
    list = mergePage(list, page, args, timeOf) ?? list;
  }
  return list;
}

function readPage(cache: Cache, key: DataField | undefined): CachedPage | undefined {
  if (typeof key !== 'string') return undefined;
  const value = (entity: DataField | undefined, field: string) => (typeof entity === 'string' ? cache.resolve(entity, field) : undefined);
  const links = (field: string) => ((value(key, field) ?? []) as Link[]).filter((link) => typeof link === 'string');
  const values = (entity: DataField | undefined, fields: readonly string[]) =>
    Object.fromEntries(fields.map((field) => [field, value(entity, field)]).filter(([, found]) => found !== undefined));
  const edges = links('edges').map((link) => ({ link, node: value(link, 'node') as Link, ...values(link, ['cursor']) }));
  const nodes = links('nodes').map((node) => ({ link: '', node }));
  const problems = links('problems').map((link) => {
    const range = value(link, 'range');
    return { link, ...values(link, ['code']), range: range ? values(range, ['__typename', 'since', 'until']) : null };
  });
  return {
    __typename: value(key, '__typename') as string,
    edges: edges.length > 0 ? edges : nodes,
    problems,
    pageInfo: values(value(key, 'pageInfo'), ['__typename', 'hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor']),
    ...values(key, ['totalCount', 'totalCountAtLeast']),
  };
}

/** Return what Graphcache reads a list from: keys where a part is as it was cached. */
function written(cache: Cache, list: CachedList): DataField {
  const { __typename, edges, pageInfo, totalCount, totalCountAtLeast } = list;
  return {
    __typename,
    edges: edges.map(({ link }) => link),
    nodes: edges.map(({ node }) => node),
    pageInfo,
    problems: problemsOf(list, ({ link }) => JSON.stringify(problemAt(cache, link))).map(({ link, range }) => (range ? { ...problemAt(cache, link), range } : link)),
    ...(totalCount !== undefined && { totalCount }),
    ...(totalCountAtLeast !== undefined && { totalCountAtLeast }),
  } as unknown as DataField;
}

const problemAt = (cache: Cache, link: string): Record<string, DataField | undefined> =>
  Object.fromEntries(['__typename', ...problemFields].map((field) => [field, cache.resolve(link, field)]).filter(([, found]) => found !== undefined));

/** Return what tells one list from another, whatever the order of keys; null is as good as nothing. */
const keyOf = (args: Record<string, unknown>, names: string[]): string => JSON.stringify(names.map((name) => sorted(args[name] ?? null)));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, each]) => [name, sorted(each)]));
}

const keys: KeyingConfig = {
  ...Object.fromEntries(keylessTypes.map((type) => [type, () => null])),
  // Most queries need no more of it than its name.
  Provider: ({ id }) => (typeof id === 'string' ? id : null),
};
const resolvers: ResolverConfig = Object.fromEntries(
  Object.entries(listFields).map(([type, fields]) => [type, Object.fromEntries(Object.entries(fields).map(([name, args]) => [name, listResolver(args)]))]),
);

/** The configuration for `cacheExchange({ ...graphcache })`. */
export const graphcache = { keys, resolvers, possibleTypes };
