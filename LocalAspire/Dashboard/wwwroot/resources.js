import { h, icon, setText, eachFrame, toast } from './dom.js';
import { ask } from './live.js';
import { formatBytes, formatSpan, formatTime } from './format.js';
import { watchInstances, resources, usageOf, toneOf, stateOf } from './instances.js';
import { showDetails } from './details.js';

const columns = ['Name', 'State', 'Uptime', 'Process', 'CPU', 'Memory', 'Source', 'URLs', 'Actions'];

/** The table of resources; replicas below the resource they belong to. */
export function resourcesPage(place, { query }) {
  const body = h('tbody');
  const summary = h('p.muted', { role: 'status' });
  const drawer = h('div');
  place.append(
    h('div.head', {}, h('h1', {}, 'Resources'), summary),
    h('div.split', {},
      h('div.scroll', {}, h('table.resources', {},
        h('caption.hidden', {}, 'Resources and their instances'),
        h('thead', {}, h('tr', {}, columns.map(name => h('th', { scope: 'col', class: ['CPU', 'Memory', 'Process'].includes(name) ? 'number' : null }, name)))),
        body)),
      drawer));

  const rows = new Map();
  const closed = new Set();
  let details = null;
  const open = id => {
    details?.close();
    details = showDetails(drawer, id, () => { details = null; rows.get(id)?.focus(); });
  };
  const draw = eachFrame(() => {
    const wanted = [];
    for (const [name, members] of resources()) {
      if (members.length > 1) {
        wanted.push(rowOf(rows, `group ${name}`, () => new GroupRow(name, () => { closed.has(name) ? closed.delete(name) : closed.add(name); draw(); })));
        wanted.at(-1).update(members, closed.has(name));
        if (closed.has(name)) continue;
      }
      for (const member of members) {
        const row = rowOf(rows, member.id, () => new InstanceRow(member.id, open));
        row.update(member, members.length > 1);
        wanted.push(row);
      }
    }
    place_(body, wanted.map(row => row.element));
    const all = resources().flatMap(([, members]) => members).filter(member => member.type !== 'Parameter');
    const bad = all.filter(member => toneOf(member) === 'bad').length;
    setText(summary, `${all.filter(member => member.state === 'Running').length} of ${all.length} instances running${bad ? `, ${bad} with a problem` : ''}`);
    details?.update();
  });
  const end = watchInstances(draw);
  if (query.get('resource')) open(query.get('resource'));
  return () => { end(); details?.close(); };
}

function rowOf(rows, key, make) {
  if (!rows.has(key)) rows.set(key, make());
  return rows.get(key);
}

// Elements that stay are not touched, so that the focus stays where it is.
function place_(parent, elements) {
  for (const child of [...parent.children]) if (!elements.includes(child)) child.remove();
  elements.forEach((element, index) => { if (parent.children[index] !== element) parent.insertBefore(element, parent.children[index] ?? null); });
}

class Row {
  constructor(name) {
    this.cells = Object.fromEntries(columns.slice(1).map(column => [column, h('td', { class: ['CPU', 'Memory', 'Process'].includes(column) ? 'number' : null })]));
    this.element = h('tr', {}, h('th', { scope: 'row' }, name), Object.values(this.cells));
    this.signatures = {};
  }

  /** Builds a cell anew only when what it shows has changed. */
  fill(column, value, build) {
    const signature = JSON.stringify(value ?? null);
    if (this.signatures[column] === signature) return;
    this.signatures[column] = signature;
    this.cells[column].replaceChildren(...[build(value)].flat().filter(Boolean));
  }

  showUsage(cpu, memory) {
    setText(this.cells.CPU, cpu === undefined ? '–' : `${cpu.toFixed(1)} %`);
    setText(this.cells.Memory, memory === undefined ? '–' : formatBytes(memory));
  }
}

class GroupRow extends Row {
  constructor(name, toggle) {
    const button = h('button.tree', { type: 'button', 'aria-expanded': 'true', onclick: toggle }, icon('chevron'), name);
    super(button);
    this.button = button;
    this.element.classList.add('group');
  }

  update(members, isClosed) {
    this.button.setAttribute('aria-expanded', String(!isClosed));
    const running = members.filter(member => member.state === 'Running');
    const tone = members.some(member => toneOf(member) === 'bad') ? 'bad' : members.some(member => toneOf(member) === 'busy') ? 'busy' : running.length ? 'good' : 'idle';
    this.fill('State', [tone, running.length, members.length], () => badge(tone, `${running.length} of ${members.length} running`));
    const samples = members.map(member => usageOf(member.id)).filter(Boolean);
    this.showUsage(sum(samples.map(sample => sample.cpu)), sum(samples.map(sample => sample.memory)));
    this.fill('Process', `${members.length} replicas`, text => text);
    this.fill('Source', members[0].source, text => text ?? '–');
    this.fill('URLs', members[0].urls, links);
  }
}

const sum = values => values.length && values.every(value => value !== undefined && value !== null) ? values.reduce((a, b) => a + b, 0) : undefined;

class InstanceRow extends Row {
  constructor(id, open) {
    const button = h('button.link', { type: 'button', title: 'Show details', onclick: () => open(id) });
    super(button);
    this.button = button;
    this.element.dataset.instance = id;
  }

  focus() { this.button.focus(); }

  update(instance, isReplica) {
    setText(this.button, isReplica || instance.type === 'Parameter' ? instance.id : instance.resource);
    this.element.classList.toggle('replica', isReplica);
    this.fill('State', [toneOf(instance), stateOf(instance), instance.health], () => badge(toneOf(instance), stateOf(instance), instance.health));
    const now = Date.now();
    const isUp = instance.started && instance.state === 'Running';
    setText(this.cells.Uptime, isUp ? formatSpan((now - Date.parse(instance.started)) / 1000) : '–');
    this.cells.Uptime.title = instance.started ? `Started at ${formatTime(Date.parse(instance.started))}` : '';
    setText(this.cells.Process, instance.processId ? String(instance.processId) : '–');
    const sample = instance.processId ? usageOf(instance.id) : undefined;
    this.showUsage(sample?.cpu ?? undefined, sample?.memory);
    this.fill('Source', instance.source, text => text ?? '–');
    this.fill('URLs', isReplica ? [] : instance.urls, links);
    this.fill('Actions', [instance.commands, instance.type], () => actions(instance));
  }
}

export function badge(tone, state, health) {
  return [
    h(`span.badge.${tone}`, {}, state),
    health && health !== 'Healthy' ? h('span.muted', {}, ` ${health}`) : health ? h('span.muted', {}, ' Healthy') : null,
  ].filter(Boolean);
}

export const links = urls => urls?.length
  ? urls.map(url => h('a.url', { href: /^https?:/.test(url.url) ? url.url : null, target: '_blank', rel: 'noreferrer', title: url.url }, url.text))
  : ['–'];

export function actions(instance, withAll = false) {
  const buttons = instance.commands.filter(command => withAll || command.isHighlighted || command.name === 'restart').map(command => {
    const known = ['start', 'stop', 'restart'].find(name => command.name === name || command.name === `resource-${name}`);
    return h('button.action', {
      type: 'button', disabled: !command.isEnabled, title: command.description ?? command.text, 'aria-label': `${command.text} ${instance.id}`,
      onclick: event => run(instance, command, event.currentTarget),
    }, known ? icon(known) : command.text, withAll && known ? command.text : null);
  });
  return [
    h('span.actions', {}, buttons,
      instance.type === 'Parameter' ? null : h('a.action', { href: `/consolelogs/resource/${encodeURIComponent(instance.id)}`, title: 'Console', 'aria-label': `Console of ${instance.id}` },
        icon('console'), withAll ? 'Console' : null)),
  ];
}

async function run(instance, command, button) {
  if (command.confirmation && !confirm(command.confirmation)) return;
  button.disabled = true;
  try {
    await ask(`/api/resources/${encodeURIComponent(instance.id)}/commands/${encodeURIComponent(command.name)}`, { method: 'POST' });
  } catch (error) {
    toast(`${command.text} ${instance.id}: ${error.message}`);
  } finally {
    button.disabled = false;
  }
}
