// Run with `node --test`; the client stands beside in wwwroot/, as the build copies it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { SseClient, SseParser, unpack } from '../../wwwroot/sse-client.mjs';

/** A server whose n-th request is answered by the n-th handler, the last one for all that follow. */
async function serve(t, ...handlers) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request);
    (handlers[requests.length - 1] ?? handlers.at(-1))(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => { server.closeAllConnections(); server.close(); });
  return { url: `http://127.0.0.1:${server.address().port}/`, requests };
}

const begin = response => response.writeHead(200, { 'Content-Type': 'text/event-stream' });
const stream = (...blocks) => response => { begin(response); for (const block of blocks) response.write(block); };
const ended = (...blocks) => response => { begin(response); response.end(blocks.join('')); };
const refuse = (status, headers = {}, body = '') => response => { response.writeHead(status, headers); response.end(body); };

function listen(t, url, options = {}) {
  const seen = { events: [], gaps: [], states: [], problems: [] };
  const waiting = [];
  const look = () => { for (const one of [...waiting]) if (one.condition()) { waiting.splice(waiting.indexOf(one), 1); one.resolve(); } };
  const client = new SseClient(url, {
    minDelay: 1,
    onEvent: (value, meta) => { seen.events.push([value, meta.id, meta.name]); look(); },
    onGap: gap => { seen.gaps.push(gap); look(); },
    onState: (state, problem) => { seen.states.push(state); if (problem) seen.problems.push(problem); look(); },
    ...options,
  });
  const until = condition => condition() ? Promise.resolve() : new Promise(resolve => waiting.push({ condition, resolve }));
  client.start();
  t.after(() => client.stop());
  return { client, seen, until };
}

test('the parser takes every line end, comments, several data lines and chunks of one character', () => {
  const text = '\uFEFF: hello\r\nretry: 70\r\nid: 1\r\ndata: a\r\ndata:b\r\n\r\ndata\rid: x\0y\r\revent: gap\ndata: {}\n\nid: 5\n\ndata: never ends';
  const whole = new SseParser();
  const messages = whole.push(text);
  const single = new SseParser();
  const one = [...text].flatMap(character => single.push(character));
  assert.deepEqual(messages, [
    { id: '1', durable: true, name: 'message', data: 'a\nb' },
    { id: '1', durable: false, name: 'message', data: '' },
    { id: '1', durable: false, name: 'gap', data: '{}' },
  ]);
  assert.deepEqual(one, messages);
  assert.equal(whole.lastEventId, '5');
  assert.equal(whole.retry, 70);
});

test('the id of a block that is cut off does not count', () => {
  const parser = new SseParser();
  parser.push('id: 1\ndata: a\n\nid: 2\ndata: b');
  assert.equal(parser.lastEventId, '1');
});

test('a batch is unpacked, and only an object that is nothing but a batch is one', () => {
  assert.deepEqual(unpack({ id: '3', name: 'message', data: '{"batch":[1,{"a":2}]}' }).map(one => one.value), [1, { a: 2 }]);
  assert.deepEqual(unpack({ id: '3', name: 'message', data: '{"batch":[1],"more":2}' }).map(one => one.value), [{ batch: [1], more: 2 }]);
  assert.deepEqual(unpack({ id: '3', name: 'message', data: 'no JSON' }).map(one => one.value), ['no JSON']);
});

test('a stream that ends is resumed with the id of the last complete event', async t => {
  const { url, requests } = await serve(t, ended('retry: 1\nid: e-1\ndata: 1\n\nid: e-2\nda'), stream('id: e-2\ndata: 2\n\n'));
  const { seen, until } = listen(t, url);
  await until(() => seen.events.length === 2);
  assert.deepEqual(seen.events, [[1, 'e-1', 'message'], [2, 'e-2', 'message']]);
  assert.equal(requests[0].headers['last-event-id'], undefined);
  assert.equal(requests[1].headers['last-event-id'], 'e-1');
  assert.deepEqual(seen.states, ['connecting', 'live', 'resuming', 'live']);
});

test('drop resumes at once where the stream stood', async t => {
  const { url, requests } = await serve(t, stream('retry: 1\nid: e-1\ndata: 1\n\n'), stream('id: e-2\ndata: 2\n\n'));
  const { client, seen, until } = listen(t, url);
  await until(() => seen.events.length === 1);
  client.drop();
  await until(() => seen.events.length === 2);
  assert.equal(requests[1].headers['last-event-id'], 'e-1');
});

test('failures back off, doubling with jitter up to the bound', async t => {
  const delays = [];
  const original = globalThis.setTimeout;
  t.mock.method(globalThis, 'setTimeout', (call, milliseconds, ...rest) => {
    if (milliseconds < 40_000) delays.push(milliseconds);
    return original(call, milliseconds < 40_000 ? 0 : milliseconds, ...rest);
  });
  const fetch = async () => { throw new TypeError('refused'); };
  const client = new SseClient('http://unused/', { fetch, minDelay: 100, maxDelay: 1000, random: () => 1, onState: () => {} });
  client.start();
  while (delays.length < 6) await new Promise(resolve => setImmediate(resolve));
  client.stop();
  assert.deepEqual(delays.slice(0, 6), [100, 200, 400, 800, 1000, 1000]);
});

test('Retry-After is obeyed', async t => {
  const { url, requests } = await serve(t, refuse(503, { 'Retry-After': '1' }), stream('data: 1\n\n'));
  const before = performance.now();
  const { seen, until } = listen(t, url);
  await until(() => seen.events.length === 1);
  assert.ok(performance.now() - before >= 990);
  assert.equal(requests.length, 2);
  assert.ok(seen.states.includes('offline'));
});

test('an answer that will not change ends the client with the sentence of the problem', async t => {
  const { url, requests } = await serve(t, refuse(400, {}, '{"detail":"Name the user."}'));
  const { seen, until } = listen(t, url);
  await until(() => seen.states.includes('failed'));
  assert.deepEqual(seen.problems, ['Name the user.']);
  assert.equal(requests.length, 1);
});

test('an id that the server does not know is a gap, and the stream goes on live', async t => {
  const { url, requests } = await serve(t, refuse(400), stream('data: 1\n\n'));
  const { seen, until } = listen(t, url, { lastEventId: 'old' });
  await until(() => seen.events.length === 1);
  assert.deepEqual(seen.gaps, [{ topic: null, from: 'old', to: null }]);
  assert.equal(requests[1].headers['last-event-id'], undefined);
});

test('a gap in the stream is told, and is no event', async t => {
  const { url } = await serve(t, stream('id: e-9\nevent: gap\ndata: {"topic":"a","from":"e-2","to":"e-8"}\n\nid: e-10\ndata: 10\n\n'));
  const { client, seen, until } = listen(t, url);
  await until(() => seen.events.length === 1);
  assert.deepEqual(seen.gaps, [{ topic: 'a', from: 'e-2', to: 'e-8' }]);
  assert.deepEqual(seen.events, [[10, 'e-10', 'message']]);
  assert.equal(client.lastEventId, 'e-10');
});

test('a stream that gave way to another one of its user stays away until it is started again', async t => {
  const { url, requests } = await serve(t, ended('id: e-1\ndata: 1\n\n', 'event: replaced\ndata: {"limit":2}\nretry: 60000\n\n'), stream('id: e-2\ndata: 2\n\n'));
  const { client, seen, until } = listen(t, url);
  await until(() => seen.states.at(-1) === 'failed');
  assert.deepEqual(seen.events, [[1, 'e-1', 'message']]);
  assert.equal(requests.length, 1);
  client.start();
  await until(() => seen.events.length === 2);
  assert.equal(requests[1].headers['last-event-id'], 'e-1');
});

test('what the server says of the stream itself is no event of the application', async t => {
  const { url } = await serve(t, stream('event: position\ndata: {}\n\nevent: reauthenticate\ndata: {}\n\nevent: revoked\ndata: {}\n\ndata: 1\n\n'));
  const { seen, until } = listen(t, url);
  await until(() => seen.events.length > 0);
  assert.deepEqual(seen.events.map(([value]) => value), [1]);
});

test('a token is renewed once when the server refuses it, and for every attempt', async t => {
  const tokens = ['old', 'new'];
  const { url, requests } = await serve(t, refuse(401), stream('data: 1\n\n'));
  const { seen, until } = listen(t, url, { token: async () => tokens.shift() });
  await until(() => seen.events.length === 1);
  assert.deepEqual(requests.map(request => request.headers.authorization), ['Bearer old', 'Bearer new']);
});

test('a stream that falls silent is taken for dead', async t => {
  const { url, requests } = await serve(t, stream('retry: 1\nid: 1\ndata: 1\n\n'), stream('id: 2\ndata: 2\n\n'));
  const { seen, until } = listen(t, url, { idleTimeout: 200 });
  await until(() => seen.events.length >= 2);
  assert.equal(requests[1].headers['last-event-id'], '1');
});

test('while paused nothing is read, and nothing is lost', async t => {
  let write;
  const { url } = await serve(t, response => { begin(response); write = text => response.write(text); write('data: 1\n\n'); });
  const { client, seen, until } = listen(t, url, { idleTimeout: 100 });
  await until(() => seen.events.length === 1);
  client.pause();
  // One read is under way already; what comes after it waits.
  write('data: 2\n\n');
  await until(() => seen.events.length === 2);
  write('data: 3\n\n');
  await new Promise(resolve => setTimeout(resolve, 300));
  assert.equal(seen.events.length, 2);
  client.resume();
  await until(() => seen.events.length === 3);
  assert.deepEqual(seen.states, ['connecting', 'live']);
});

test('a handler that throws does not end the stream', async t => {
  const errors = [];
  globalThis.reportError = error => errors.push(error.message);
  t.after(() => { delete globalThis.reportError; });
  const { url } = await serve(t, stream('data: 1\n\ndata: 2\n\n'));
  const values = [];
  const { until } = listen(t, url, { onEvent: value => { values.push(value); throw new Error(`bad ${value}`); } });
  while (values.length < 2) await new Promise(resolve => setTimeout(resolve, 5));
  assert.deepEqual(errors, ['bad 1', 'bad 2']);
  await until(() => true);
});
