// graphql-sse: node events.mjs <url> <request as JSON> [<headers as JSON>]; writes what it hears, one JSON object a line.
import { createClient } from 'graphql-sse';

const [url, request, headers = '{}'] = process.argv.slice(2);
const say = (told) => console.log(JSON.stringify(told));

const client = createClient({
  url,
  headers: JSON.parse(headers),
  retryAttempts: 40,
  retry: () => new Promise((resolve) => setTimeout(resolve, 50)),
  on: { connected: () => say({ connected: true }) },
});
client.subscribe(JSON.parse(request), {
  next: (result) => say({ next: result }),
  error: (error) => say({ error: String(error), status: error.response?.status }),
  complete: () => say({ complete: true }),
});
