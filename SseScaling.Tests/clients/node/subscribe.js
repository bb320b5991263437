// Listens to the stream at the given address until its input ends, and writes each event as one line of JSON.
import { EventSource } from 'eventsource';

const [url, ...names] = process.argv.slice(2);
const stream = new EventSource(url);
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

stream.onopen = () => write({ open: true });
stream.onerror = (error) => write({ error: error.message ?? 'disconnected', state: stream.readyState });
for (const name of ['message', 'gap', ...names]) {
  stream.addEventListener(name, (event) => write({ type: event.type, data: event.data, id: event.lastEventId }));
}

process.stdin.resume();
process.stdin.on('end', () => process.exit());
