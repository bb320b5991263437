import { follow } from './live.js';

/** All instances and what their processes use, kept up to date while a page watches. */
const byId = new Map();
let usage = {};
const watchers = new Set();
let end = null;

const tell = () => { for (const watcher of watchers) watcher(); };

export function watchInstances(watcher) {
  watchers.add(watcher);
  // The stream begins with every instance; those of an AppHost that was restarted have other ids.
  let fresh = new Set(), settle = 0;
  end ??= follow(() => '/api/resources/stream', {
    open: () => {
      fresh = new Set();
      clearTimeout(settle);
      settle = setTimeout(() => { for (const id of byId.keys()) if (!fresh.has(id)) byId.delete(id); tell(); }, 1000);
    },
    resource: instance => { fresh.add(instance.id); byId.set(instance.id, instance); tell(); },
    usage: sample => { usage = sample; tell(); },
  });
  if (byId.size) watcher();
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) { end?.(); end = null; }
  };
}

export const usageOf = id => usage[id];

export const instances = () => [...byId.values()].sort((a, b) => a.order - b.order || a.id.localeCompare(b.id));

/** In the order of the application's description: [name, its instances]. */
export const resources = () => [...Map.groupBy(instances(), instance => instance.resource)];

export const find = id => byId.get(id);

/** Good, busy, bad or idle: what a state means at a glance. */
export function toneOf(instance) {
  switch (instance.state) {
    case 'Running': return instance.health === 'Unhealthy' ? 'bad' : instance.health === 'Degraded' ? 'busy' : 'good';
    case 'Starting': case 'Waiting': case 'Stopping': return 'busy';
    case 'FailedToStart': case 'RuntimeUnhealthy': return 'bad';
    default: return instance.exitCode > 0 ? 'bad' : 'idle';
  }
}

export const stateOf = instance => instance.exitCode === undefined || instance.state === 'Running' || instance.state === 'Starting'
  ? instance.state.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
  : `${instance.state} (exit code ${instance.exitCode})`;
