// Apollo Client: type policies that merge the pages of every list, and keep what is missing from them.
import type { FieldFunctionOptions, FieldPolicy, Reference, TypePolicies, TypePolicy } from '@apollo/client/cache';
import type { MergedPages, Page, PageInfo } from './merge.js';
import { mergePage, problemsOf } from './merge.js';
import { listFields, partTypes } from './schema.js';
import type { Moment } from './times.js';

export { possibleTypes } from './schema.js';

interface StoredEdge {
  node: Reference;
  cursor?: string;
}

/** A page in the cache. Queries select `edges`, `nodes`, or both. */
interface StoredPage extends Omit<Page<StoredEdge>, 'edges'> {
  edges?: readonly StoredEdge[];
  nodes?: readonly Reference[];
}

type Stored = MergedPages<StoredEdge>;

/** Return the policy of a list; `keyArgs` are the arguments that tell one list from another. */
const listPolicy = (keyArgs: string[]): FieldPolicy<Stored, StoredPage> => ({
  keyArgs,
  read(list, { canRead }) {
    if (!list) return undefined;
    const { placed, ...page } = list;
    const edges = list.edges.filter((edge) => canRead(edge.node));
    return { ...page, edges, nodes: edges.map((edge) => edge.node), ...(page.problems && { problems: problemsOf({ placed }) }) };
  },
  merge(list, incoming, { args, readField }) {
    const page = { ...incoming, edges: withCursors(incoming) };
    return mergePage(list, page, args ?? {}, timesOf(readField)) ?? mergePage(undefined, page, {}, timesOf(readField))!;
  },
});

const timesOf = (readField: FieldFunctionOptions['readField']) => (edge: StoredEdge) => readField<Moment>('occurredAt', edge.node);

/** Return the edges of a page with the cursors that are known: of the first and last record, `pageInfo` has them too. */
function withCursors({ edges, nodes = [], pageInfo = {} }: { edges?: readonly StoredEdge[]; nodes?: readonly Reference[]; pageInfo?: PageInfo }): StoredEdge[] {
  const made = (edges ?? nodes.map((node): StoredEdge => ({ node }))).map((edge) => ({ ...edge }));
  const [first, last] = [made[0], made.at(-1)];
  if (first && pageInfo.startCursor) first.cursor ??= pageInfo.startCursor;
  if (last && pageInfo.endCursor) last.cursor ??= pageInfo.endCursor;
  return made;
}

const merged = (fields: Record<string, string[]>): TypePolicy => ({
  fields: Object.fromEntries(Object.entries(fields).map(([name, keyArgs]) => [name, listPolicy(keyArgs)])),
});

/** The policies for `new InMemoryCache({ typePolicies, possibleTypes })`. */
export const typePolicies: TypePolicies = {
  ...Object.fromEntries(Object.entries(listFields).map(([type, fields]) => [type, merged(fields)])),
  // Parts of one record: queries that select different fields of them complete each other.
  ...Object.fromEntries(partTypes.map((type) => [type, { merge: true }])),
};
