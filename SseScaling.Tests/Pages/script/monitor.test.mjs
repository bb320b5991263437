import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Cluster, SILENT_MS, percentiles } from '../../wwwroot/cluster.mjs';
import { SequenceCheck } from '../../wwwroot/sequence.mjs';
import { niceTop } from '../../wwwroot/charts.mjs';
import * as format from '../../wwwroot/format.mjs';

const report = (instance, atMs, more = {}, latencyBuckets = []) => ({
  stats: {
    instance, atMs, startedMs: 1, connections: 0, maxConnections: 100, draining: false, topics: 0, eventsIn: 0, eventsOut: 0, queueBytes: 0, gaps: 0,
    disconnects: {}, latencyMs: { p50: 0, p95: 0, p99: 0, count: 0 }, workingSetBytes: 0, bytesPerConnection: 0, backplaneAvailable: true, ...more,
  },
  latencyBuckets,
});

test('rates are counted per replica, and a replica that starts anew begins at 0', () => {
  const cluster = new Cluster();
  cluster.report(report('a', 1000, { eventsOut: 100 }), 0);
  cluster.report(report('b', 1000, { eventsOut: 5000 }), 0);
  cluster.report(report('a', 2000, { eventsOut: 150 }), 1000);
  cluster.report(report('b', 3000, { eventsOut: 10, startedMs: 2 }), 1000);
  assert.equal(cluster.total().outPerSecond, 50);
  assert.equal(cluster.total().eventsOut, 160);
});

test('a replica that falls silent is gone, but not when all do at the same time', () => {
  const cluster = new Cluster();
  const names = () => cluster.replicas.map(one => one.stats.instance);
  cluster.report(report('a', 1), 0);
  cluster.report(report('b', 1), 1000);
  cluster.sweep(SILENT_MS + 1, false);
  assert.deepEqual(names(), ['a', 'b']);
  cluster.report(report('b', 2), 2000);
  cluster.sweep(SILENT_MS + 1, false);
  assert.deepEqual(names(), ['b']);
  cluster.sweep(2 * SILENT_MS + 1, true);
  assert.deepEqual(names(), []);
});

test('warnings name what is wrong', () => {
  const cluster = new Cluster();
  cluster.report(report('a', 1, { draining: true }, [32 * 15, 10]), 0);
  assert.deepEqual(cluster.warnings(false), ['Draining: a.', 'Latency is over its budget: p99 is 541 ms, the budget is 250 ms.']);
  assert.match(cluster.warnings(true)[0], /^Redis is away/);
});

test('percentiles are over all deliveries of all replicas', () => {
  assert.deepEqual(percentiles([[1, 98], [31, 1, 1, 0], [32, 1]]), { p50: 0.001, p95: 0.001, p99: 0.031, count: 100 });
  assert.deepEqual(percentiles([[], []]), { p50: 0, p95: 0, p99: 0, count: 0 });
});

test('the charts keep 15 minutes', () => {
  const cluster = new Cluster();
  cluster.report(report('a', 1), 0);
  for (let second = 0; second < 2000; second++) cluster.mark(second * 1000);
  assert.equal(cluster.points.length, 900);
});

test('the sequence check counts what is lost and repeated, by run, and leaves what has no number', () => {
  const check = new SequenceCheck();
  for (const seq of [5, 6, 8, 8, 9]) check.take({ run: 'x', seq });
  for (const value of [{ run: 'y', seq: 1 }, { run: 'x', seq: 10 }, { type: 'like' }, null, 'text', { run: 1, seq: 1 }]) check.take(value);
  assert.equal(check.lost, 1);
  assert.equal(check.repeated, 1);
  assert.equal(check.checked, 7);
  const other = new SequenceCheck();
  other.state = structuredClone(check.state);
  other.take({ run: 'x', seq: 11 });
  assert.equal(other.lost, 1);
});

test('axes end at round numbers', () => {
  assert.deepEqual([0, 3, 11, 150, 5000].map(value => niceTop(value)), [2, 4, 20, 200, 10000]);
  assert.equal(niceTop(184 * 1024 * 1024, 1024), 200 * 1024 * 1024);
});

test('figures are short', () => {
  assert.deepEqual([0, 1023, 1536, 200 * 1024 ** 2].map(format.bytes), ['0 B', '1023 B', '1.5 KiB', '200 MiB']);
  assert.deepEqual([0, 0.4, 12.3, 1300].map(format.milliseconds), ['0 ms', '0.40 ms', '12 ms', '1.3 s']);
});
