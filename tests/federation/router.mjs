// A router: composes subgraphs as Apollo does and as Hive does, and serves what came out. Arguments: {"<name>": "<url>", …} as JSON.
import { createServer } from 'node:http'
import { composeServices as apollo } from '@apollo/composition'
import { composeSchemaContract, composeServices as hive } from '@theguild/federation-composition'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { parse } from 'graphql'

const say = (told) => process.stdout.write(JSON.stringify(told) + '\n')
const messages = (errors) => (errors ?? []).map((error) => error.message)

async function described([name, url]) {
  const body = JSON.stringify({ query: '{ _service { sdl } }' })
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return { name, url, typeDefs: parse((await answer.json()).data._service.sdl) }
}

const subgraphs = await Promise.all(Object.entries(JSON.parse(process.argv[2])).map(described))
const composed = hive(subgraphs)
const contract = composeSchemaContract(subgraphs, { include: new Set(), exclude: new Set(['personal']) }, true)
say({
  apollo: messages(apollo(subgraphs).errors),
  hive: messages(composed.errors),
  contract: messages(contract.errors),
  supergraph: composed.supergraphSdl ?? null,
  public: contract.publicSdl ?? null,
})

const router = createGatewayRuntime({ supergraph: composed.supergraphSdl, logging: 'error', maskedErrors: false, propagateHeaders: {
  fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') ?? undefined }),
} })
const server = createServer(router)
server.listen(0, '127.0.0.1', () => say({ url: `http://127.0.0.1:${server.address().port}/graphql` }))
