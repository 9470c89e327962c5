// A WebSocket by itself: node protocols.mjs <url> [<protocol> …]; writes how it was closed.
import { WebSocket } from 'ws';

const [url, ...protocols] = process.argv.slice(2);
const socket = new WebSocket(url, protocols);
socket.on('error', (error) => console.log(JSON.stringify({ error: String(error) })));
socket.on('close', (code, reason) => console.log(JSON.stringify({ closed: code, reason: String(reason) })));
