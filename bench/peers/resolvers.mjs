// The resolvers of the peers on Node.js: undici with kept connections, one batch for the relation.
import DataLoader from 'dataloader';
import { Pool } from 'undici';

const upstream = new URL(process.env.BENCH_UPSTREAM);
const prefix = upstream.pathname.replace(/\/$/, '');
const pool = new Pool(upstream.origin, { connections: 256, pipelining: 1 });

async function fetched(path) {
  const { body } = await pool.request({ method: 'GET', path: prefix + path });
  return body.json();
}

export const loaders = () =>
  new DataLoader(async (keys) => {
    const of = new Map();
    for (const each of await fetched('/shaped/a/recordings')) {
      const found = of.get(each.liveId);
      if (found) found.push(each);
      else of.set(each.liveId, [each]);
    }
    return keys.map((key) => of.get(key) ?? []);
  });

export const resolvers = {
  Query: {
    calls: async (_, { first, filter }) => ({ nodes: await fetched(`/shaped/${filter.providers[0]}/calls?limit=${first}`) }),
  },
  Call: { recordings: (call, _, context) => context.recordings.load(call.live_id) },
};
