/** What the monitor knows of the cluster, from the replicas' own reports. No DOM here: Node tests it. */

/** A replica that has been silent for so long is gone; it reports every second. */
export const SILENT_MS = 2_400;

/** The reports of replicas that live are not further apart. */
const TOGETHER_MS = 1_500;

/** The latency budget of p99, publish to socket. */
export const BUDGET_MS = 250;

/** How many points a chart keeps: 15 minutes, one per second. */
export const MAX_POINTS = 900;

export class Cluster {
  #replicas = new Map();
  points = [];

  /** Takes {stats, latencyBuckets}; heardAt is this computer's clock, so that clocks that disagree do not matter. */
  report({ stats, latencyBuckets }, heardAt) {
    const known = this.#replicas.get(stats.instance);
    if (known && known.stats.atMs >= stats.atMs && known.stats.startedMs === stats.startedMs) {
      known.heardAt = heardAt;
      return;
    }
    const rates = known && known.stats.startedMs === stats.startedMs ? ratesOf(known.stats, stats) : { in: 0, out: 0 };
    this.#replicas.set(stats.instance, { stats, latencyBuckets, heardAt, rates });
  }

  /** Removes who fell silent while others were heard; noneAnswers: whoever is silent. */
  sweep(now, noneAnswers) {
    const latest = Math.max(...this.replicas.map(one => one.heardAt));
    // When all cease at the same time, it is not the replicas that ceased.
    for (const [instance, { heardAt }] of this.#replicas)
      if (now - heardAt > SILENT_MS && (noneAnswers || latest - heardAt > TOGETHER_MS)) this.#replicas.delete(instance);
  }

  /** Those that are there, by name. */
  get replicas() {
    return [...this.#replicas.values()].sort((a, b) => a.stats.instance < b.stats.instance ? -1 : 1);
  }

  /** Sums over all; percentiles over all deliveries; memory per connection weighted by connections. */
  total() {
    const all = this.replicas;
    const sum = value => all.reduce((before, one) => before + value(one), 0);
    const connections = sum(one => one.stats.connections);
    return {
      replicas: all.length, connections,
      maxConnections: sum(one => one.stats.maxConnections),
      topics: sum(one => one.stats.topics),
      eventsIn: sum(one => one.stats.eventsIn), eventsOut: sum(one => one.stats.eventsOut),
      inPerSecond: sum(one => one.rates.in), outPerSecond: sum(one => one.rates.out),
      latencyMs: percentiles(all.map(one => one.latencyBuckets)),
      workingSetBytes: sum(one => one.stats.workingSetBytes),
      bytesPerConnection: connections === 0 ? 0 : sum(one => one.stats.bytesPerConnection * one.stats.connections) / connections,
      queueBytes: sum(one => one.stats.queueBytes), gaps: sum(one => one.stats.gaps),
      disconnects: addUp(all.map(one => one.stats.disconnects)),
    };
  }

  /** Adds the present to the charts' points. */
  mark(now) {
    const { latencyMs, ...total } = this.total();
    this.points.push({ ...total, latencyMs, atMs: now });
    if (this.points.length > MAX_POINTS) this.points.splice(0, this.points.length - MAX_POINTS);
    while (this.points.length > 0 && now - this.points[0].atMs > 15 * 60_000) this.points.shift();
  }

  /** What should be seen at once. */
  warnings(redisIsAway) {
    const all = this.replicas;
    const names = list => list.map(one => one.stats.instance).join(', ');
    const draining = all.filter(one => one.stats.draining);
    const cut = all.filter(one => !one.stats.backplaneAvailable);
    const { latencyMs } = this.total();
    const warnings = [];
    if (redisIsAway) warnings.push('Redis is away: open streams stay open, publishing answers 503, figures of other replicas may be old.');
    else if (cut.length > 0) warnings.push(`Redis cannot be reached by ${names(cut)}.`);
    if (draining.length > 0) warnings.push(`Draining: ${names(draining)}.`);
    if (latencyMs.count > 0 && latencyMs.p99 > BUDGET_MS)
      warnings.push(`Latency is over its budget: p99 is ${latencyMs.p99.toFixed(0)} ms, the budget is ${BUDGET_MS} ms.`);
    return warnings;
  }
}

function ratesOf(before, now) {
  const seconds = (now.atMs - before.atMs) / 1000;
  return { in: (now.eventsIn - before.eventsIn) / seconds, out: (now.eventsOut - before.eventsOut) / seconds };
}

function addUp(counts) {
  const sums = {};
  for (const one of counts) for (const [reason, count] of Object.entries(one)) sums[reason] = (sums[reason] ?? 0) + count;
  return sums;
}

/** The same buckets and the same rounding as the server's LatencyHistogram: 32 steps per power of two, in microseconds. */
export function percentiles(lists) {
  const counts = new Map();
  for (const list of lists) for (let i = 0; i + 1 < list.length; i += 2) counts.set(list[i], (counts.get(list[i]) ?? 0) + list[i + 1]);
  const sorted = [...counts].sort((a, b) => a[0] - b[0]);
  const count = sorted.reduce((sum, one) => sum + one[1], 0);
  const at = share => {
    const rank = Math.max(1, Math.ceil(share * count));
    let seen = 0;
    for (const [bucket, here] of sorted) if ((seen += here) >= rank) return upperBound(bucket) / 1000;
    return 0;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), count };
}

function upperBound(bucket) {
  if (bucket < 32) return bucket;
  const exponent = Math.floor(bucket / 32) - 1;
  return (bucket % 32 + 33) * 2 ** exponent - 1;
}
