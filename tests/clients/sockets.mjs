// graphql-ws: node sockets.mjs <url> <request as JSON> [<connection parameters as JSON>]; writes what it hears, one JSON object a line.
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const [url, request, parameters = 'null'] = process.argv.slice(2);
const say = (told) => console.log(JSON.stringify(told));
const closed = (reason) => reason?.code !== undefined && { closed: reason.code, reason: String(reason.reason) };

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: JSON.parse(parameters) ?? undefined,
  retryAttempts: 40,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  // ws says ECONNREFUSED as long as the server is away.
  shouldRetry: () => true,
  on: { connected: () => say({ connected: true }) },
});
client.subscribe(JSON.parse(request), {
  next: (result) => say({ next: result }),
  error: (error) => say({ error: closed(error) || (Array.isArray(error) ? error : String(error)) }),
  complete: () => say({ complete: true }),
});
