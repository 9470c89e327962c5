// node:http and graphql-jit with nothing between them: as near as Node.js comes to no gateway at all.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { parse, validate } from 'graphql';
import { compileQuery } from 'graphql-jit';
import { resolvers, loaders } from './resolvers.mjs';

const typeDefs = readFileSync(new URL('./peers.graphql', import.meta.url), 'utf8');
const schema = makeExecutableSchema({ typeDefs, resolvers });
const compiled = new Map();

function of(text) {
  let found = compiled.get(text);
  if (!found) {
    const document = parse(text);
    const errors = validate(schema, document);
    if (errors.length) throw errors[0];
    found = compileQuery(schema, document);
    if (compiled.size > 1000) compiled.clear();
    compiled.set(text, found);
  }
  return found;
}

createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    const { query, variables } = JSON.parse(Buffer.concat(parts).toString());
    const answer = await of(query).query({}, { recordings: loaders() }, variables ?? {});
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
