'use strict';
// Artillery's HTTP engine waits for a response's end, which a stream does not have: so a virtual user is this function.
const http = require('node:http');

// One connection per stream, as browsers have; publishing shares some.
const streams = new http.Agent({ maxSockets: Infinity });
const publishing = new http.Agent({ keepAlive: true, maxSockets: 8 });
let users = 0;

/** Opens a user's stream, publishes to that user, and counts what comes back. */
async function browse(context, events) {
  const user = `artillery-${process.pid}-${++users}`;
  const topic = `notifications:${user}`;
  const { target, seconds, pauseMs } = context.vars;
  const seen = { next: 0, received: 0, outOfOrder: 0 };
  let published = 0;
  try {
    const response = await open(new URL(`/api/notifications?userId=${user}`, target));
    follow(response, data => {
      if (data.user !== user) return;
      events.emit('histogram', 'sse.latency_ms', Date.now() - data.sent);
      if (data.seq !== seen.next) seen.outOfOrder++;
      seen.next = data.seq + 1;
      seen.received++;
    });
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      await post(new URL('/api/publish', target), { topic, data: { user, seq: published, sent: Date.now() } });
      published++;
      await pause(pauseMs);
    }
    for (let waited = 0; seen.received < published && waited < 5000; waited += 50) await pause(50);
    response.destroy();
    events.emit('counter', 'sse.failed', 0);
  } catch (error) {
    events.emit('counter', 'sse.failed', 1);
    throw error;
  } finally {
    events.emit('counter', 'sse.published', published);
    events.emit('counter', 'sse.received', seen.received);
    events.emit('counter', 'sse.lost', Math.max(0, published - seen.received));
    events.emit('counter', 'sse.out_of_order', seen.outOfOrder);
  }
}

function open(url) {
  return new Promise((resolve, reject) => {
    http.get(url, { agent: streams, headers: { accept: 'text/event-stream' } }, response => {
      const type = response.headers['content-type'] || '';
      if (response.statusCode === 200 && type.startsWith('text/event-stream')) return resolve(response);
      response.destroy();
      reject(new Error(`${url} answered ${response.statusCode} ${type}`));
    }).on('error', reject);
  });
}

function follow(response, onData) {
  let rest = '';
  response.setEncoding('utf8');
  // A stream that ends early shows in what is missing.
  response.on('error', () => {});
  response.on('data', text => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const line = block.split('\n').find(l => l.startsWith('data: {'));
      if (line) onData(JSON.parse(line.slice(6)));
    }
  });
}

function post(url, event) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent: publishing, headers: { 'content-type': 'application/json' } }, response => {
      response.resume();
      response.on('end', () => response.statusCode === 200 ? resolve() : reject(new Error(`${url} answered ${response.statusCode}`)));
    });
    request.on('error', reject);
    request.end(JSON.stringify(event));
  });
}

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

module.exports = { browse };
