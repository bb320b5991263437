/** The monitor: the replicas' reports come as events of a topic of the system itself. */
import { SharedStream } from './sse-shared.mjs';
import { Cluster, SILENT_MS } from './cluster.mjs';
import { LineChart } from './charts.mjs';
import * as format from './format.mjs';

const STREAM = '/api/stream?topic=cluster%3Areplicas';
const TICK_MS = 250;
const ASK_MS = 1_000;

const cluster = new Cluster();
const $ = id => document.getElementById(id);
let heardAt = Date.now();
let redisIsAway = false;
let askedAt = 0;
let sweepFrom = 0;
// Rates need two reports of each replica: the first points wait for them.
let marked = Date.now() + 1_500;

const tiles = [
  ['connections', total => format.count(total.connections), total => `room for ${format.compact(total.maxConnections)}`],
  ['in', total => format.perSecond(total.inPerSecond), total => `${format.count(total.eventsIn)} since the start`],
  ['out', total => format.perSecond(total.outPerSecond), total => `${format.count(total.eventsOut)} since the start`],
  ['latency', total => total.latencyMs.count ? format.milliseconds(total.latencyMs.p99) : '–',
    total => total.latencyMs.count ? `p50 ${format.milliseconds(total.latencyMs.p50)} · p95 ${format.milliseconds(total.latencyMs.p95)}` : 'no deliveries lately'],
  ['memory', total => format.bytes(total.workingSetBytes), total => total.connections ? `${format.bytes(total.bytesPerConnection)} per connection` : 'no connections'],
  ['queues', total => format.bytes(total.queueBytes), () => 'waits for clients'],
  ['gaps', total => format.count(total.gaps), () => 'clients told of a hole'],
];

const columns = [
  ({ stats }) => format.count(stats.connections),
  ({ rates }) => format.perSecond(rates.in),
  ({ rates }) => format.perSecond(rates.out),
  ({ stats }) => stats.latencyMs.count ? format.milliseconds(stats.latencyMs.p50) : '–',
  ({ stats }) => stats.latencyMs.count ? format.milliseconds(stats.latencyMs.p95) : '–',
  ({ stats }) => stats.latencyMs.count ? format.milliseconds(stats.latencyMs.p99) : '–',
  ({ stats }) => format.bytes(stats.workingSetBytes),
  ({ stats }) => stats.connections ? format.bytes(stats.bytesPerConnection) : '–',
  ({ stats }) => format.bytes(stats.queueBytes),
  ({ stats }) => format.count(stats.gaps),
  ({ stats }) => format.age(stats.atMs - stats.startedMs),
];

const charts = [
  new LineChart($('charts'), 'Connections', [{ name: 'open', value: point => point.connections }], format.compact),
  new LineChart($('charts'), 'Events per second', [
    { name: 'to clients', value: point => point.outPerSecond }, { name: 'from Redis', value: point => point.inPerSecond }], format.compact),
  new LineChart($('charts'), 'Latency, publish to socket', [
    { name: 'p50', value: point => point.latencyMs.p50 }, { name: 'p95', value: point => point.latencyMs.p95 },
    { name: 'p99', value: point => point.latencyMs.p99 }], format.milliseconds),
  new LineChart($('charts'), 'Memory of all replicas', [{ name: 'working set', value: point => point.workingSetBytes }], format.bytes, 1024),
  new LineChart($('charts'), 'Waiting in queues', [{ name: 'bytes', value: point => point.queueBytes }], format.bytes, 1024),
  new LineChart($('charts'), 'Replicas', [{ name: 'alive', value: point => point.replicas }], format.compact),
];

const stream = new SharedStream(STREAM, {
  onEvent: report => {
    if (!isReport(report)) return;
    const now = Date.now();
    // After a silence of all, each gets the time to be heard again.
    if (now - heardAt > SILENT_MS) sweepFrom = now + SILENT_MS;
    heardAt = now;
    redisIsAway = false;
    cluster.report(report, heardAt);
  },
  onState: (state, problem) => {
    $('badge').dataset.state = state;
    $('badge').textContent = problem ?? state;
  },
});

/** Anybody may publish to a topic; what is no report is left. */
function isReport(value) {
  return typeof value?.stats?.instance === 'string' && Number.isFinite(value.stats.atMs) && Array.isArray(value.latencyBuckets)
    && typeof value.stats.latencyMs === 'object' && typeof value.stats.disconnects === 'object';
}

/** When the system falls silent, a replica is asked directly: it knows whether Redis is away. */
async function ask() {
  try {
    const response = await fetch('/api/stats', { cache: 'no-store' });
    if (!response.ok) return;
    const { replica } = await response.json();
    redisIsAway = !replica.backplaneAvailable;
    cluster.report({ stats: replica, latencyBuckets: [] }, Date.now());
  } catch {
    redisIsAway = false; // No replica answers: the badge says so.
  }
}

function tick() {
  const now = Date.now();
  const silent = now - heardAt > SILENT_MS;
  if (silent && now - askedAt > ASK_MS) {
    askedAt = now;
    ask();
  }
  // When nobody is heard, silence says nothing of one replica, unless none can be reached at all.
  const reachable = stream.state === 'live' || stream.state === 'resuming';
  if (!reachable || !silent && now >= sweepFrom) cluster.sweep(now, !reachable);
  const total = cluster.total();
  for (const [id, value, note] of tiles) {
    set($(id), value(total));
    set($(`${id}-note`), note(total));
  }
  showReplicas();
  showReasons(total.disconnects);
  showWarnings();
  if (now - marked >= 1000) {
    marked = now;
    if (total.replicas > 0) cluster.mark(now);
    if (!document.hidden) for (const chart of charts) chart.show(cluster.points);
  }
}

function showReplicas() {
  const body = $('replicas');
  const rows = new Map([...body.rows].map(row => [row.dataset.instance, row]));
  cluster.replicas.forEach((replica, index) => {
    const row = rows.get(replica.stats.instance) ?? newRow(replica.stats.instance);
    rows.delete(replica.stats.instance);
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
    fillRow(row, replica);
  });
  for (const row of rows.values()) row.remove();
  $('none').hidden = cluster.replicas.length > 0;
}

function newRow(instance) {
  const row = document.createElement('tr');
  row.dataset.instance = instance;
  const name = document.createElement('th');
  name.scope = 'row';
  name.textContent = instance;
  row.append(name, document.createElement('td'), ...columns.map(() => document.createElement('td')));
  return row;
}

function fillRow(row, replica) {
  const { draining, backplaneAvailable, backplane } = replica.stats;
  const state = draining ? 'draining' : backplaneAvailable ? 'ready' : `no ${backplane}`;
  row.dataset.state = draining ? 'draining' : backplaneAvailable ? 'ready' : 'cut';
  set(row.cells[1], `${state}${backplaneAvailable ? ` · ${backplane}` : ''}`);
  columns.forEach((column, index) => set(row.cells[index + 2], column(replica)));
  row.cells[3].title = `${format.count(replica.stats.eventsIn)} since the start`;
  row.cells[4].title = `${format.count(replica.stats.eventsOut)} since the start`;
}

function showReasons(disconnects) {
  const list = $('reasons');
  const reasons = Object.entries(disconnects);
  if (list.children.length !== reasons.length) {
    list.replaceChildren(...reasons.map(() => {
      const item = document.createElement('div');
      item.append(document.createElement('dt'), document.createElement('dd'));
      return item;
    }));
  }
  reasons.forEach(([reason, number], index) => {
    set(list.children[index].firstChild, reason);
    set(list.children[index].lastChild, format.count(number));
  });
}

function showWarnings() {
  const warnings = cluster.warnings(redisIsAway);
  const list = $('warnings');
  if (warnings.join('\n') === list.dataset.shown) return;
  list.dataset.shown = warnings.join('\n');
  list.replaceChildren(...warnings.map(text => {
    const item = document.createElement('li');
    item.textContent = text;
    return item;
  }));
}

/** Writes only what changed: a table that is written anew all the time cannot be selected or read aloud. */
function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

async function loadHistory() {
  const response = await fetch('/api/stats/history');
  if (response.ok) cluster.points.unshift(...await response.json());
}

loadHistory().catch(() => { /* The charts begin empty. */ });
setInterval(tick, TICK_MS);
window.addEventListener('resize', () => charts.forEach(chart => chart.draw()));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.forEach(chart => chart.draw()));
window.addEventListener('pagehide', () => stream.close());
