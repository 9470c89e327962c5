// Composes subgraphs, {"<name>": "<sdl>", …} as JSON from standard input, and says what is wrong with them, or what comes out.
import { readFileSync } from 'node:fs'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'

const subgraphs = Object.entries(JSON.parse(readFileSync(0, 'utf8'))).map(([name, sdl]) => ({ name, typeDefs: parse(sdl) }))
const { errors, publicSdl } = composeServices(subgraphs)
process.stdout.write(JSON.stringify({ errors: (errors ?? []).map((error) => error.message), public: publicSdl ?? null }))
