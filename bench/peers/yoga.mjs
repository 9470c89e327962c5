// Yoga: schema first, undici, a dataloader; with BENCH_JIT=1 graphql-jit executes, parsed and validated documents are cached either way.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import { createSchema, createYoga } from 'graphql-yoga';
import { resolvers, loaders } from './resolvers.mjs';

const typeDefs = readFileSync(new URL('./peers.graphql', import.meta.url), 'utf8');
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: () => ({ recordings: loaders() }),
  plugins: process.env.BENCH_JIT ? [useGraphQlJit()] : [],
  graphiql: false,
  landingPage: false,
  logging: false,
});
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
