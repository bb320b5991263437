// Listens to the stream at the given address until its input ends, and writes each event as one line of JSON. Which client, and how many of them at
// once, is in the environment: CLIENT (eventsource, eventsource-2 or eventsource-client) and COUNT.
const [url, ...names] = process.argv.slice(2);
const kind = process.env.CLIENT ?? 'eventsource';
const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** The interface of the HTML standard, by two generations of one package. */
async function listenAsBrowser(client) {
  const module = await import(kind);
  const EventSource = module.EventSource ?? module.default;
  const stream = new EventSource(url);
  stream.onopen = () => write({ open: true, client });
  stream.onerror = (error) => write({ error: error.message ?? 'disconnected', state: stream.readyState, client });
  for (const name of ['message', 'gap', ...names]) {
    stream.addEventListener(name, (event) => write({ type: event.type, data: event.data, id: event.lastEventId, client }));
  }
}

async function listenByCallback(client) {
  const { createEventSource } = await import(kind);
  createEventSource({
    url,
    onConnect: () => write({ open: true, client }),
    onDisconnect: () => write({ error: 'disconnected', state: 0, client }),
    onMessage: ({ id, event, data }) => event !== 'position' && write({ type: event ?? 'message', data, id, client }),
  });
}

for (let client = 0; client < Number(process.env.COUNT ?? 1); client++) {
  await (kind === 'eventsource-client' ? listenByCallback(client) : listenAsBrowser(client));
}

process.stdin.resume();
process.stdin.on('end', () => process.exit());
