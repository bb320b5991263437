import { h, icon, setText, eachFrame } from './dom.js';
import { follow } from './live.js';
import { formatTime } from './format.js';
import { watchInstances, resources, instances, stateOf } from './instances.js';
import { VirtualList } from './virtual.js';

const keptLines = 10_000; // As many as the AppHost keeps of each instance.
const rowHeight = 20;
const escapes = new RegExp("\\u001b\\[[0-9;]*[A-Za-z]", "g");

/** The output of one instance: live, searchable, to be downloaded. */
export function consolePage(place, { parameters, navigate }) {
  let wanted = parameters[0] ? decodeURIComponent(parameters[0]) : null;
  let current = null, end = null, lines = [], shown = [], term = '';

  const select = h('select', { id: 'instance', onchange: () => navigate(`/consolelogs/resource/${encodeURIComponent(select.value)}`) });
  const search = h('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search the lines', oninput: () => { term = search.value.toLowerCase(); filter(); } });
  const followBox = h('input', { type: 'checkbox', checked: true, onchange: () => { list.follows = followBox.checked; list.draw(); } });
  const download = h('a.button', {}, icon('download'), 'Download');
  const status = h('p.muted', { role: 'status' });
  const list = new VirtualList({ rowHeight, render: line => row(line, term), label: 'Output' });
  list.follows = true;
  // Scrolling up is reading: following begins again at the end, or with the box.
  list.element.addEventListener('wheel', event => { if (event.deltaY < 0) setFollow(false); }, { passive: true });
  list.element.addEventListener('keydown', event => {
    if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) setFollow(false);
    if (event.key === 'End') setFollow(true);
  });
  list.element.addEventListener('scroll', () => { if (!list.follows && list.isAtEnd) setFollow(true); else if (list.follows && !list.isAtEnd) list.draw(); });
  function setFollow(value) { followBox.checked = list.follows = value; }

  place.append(
    h('div.head', {}, h('h1', {}, 'Console'), status),
    h('div.tools', {}, h('label', { for: 'instance' }, 'Instance'), select, search, h('label.check', {}, followBox, 'Follow'), download),
    list.element);

  const drawChoice = eachFrame(() => {
    const signature = JSON.stringify(instances().map(instance => [instance.id, instance.state]));
    if (select.dataset.signature !== signature) {
      select.dataset.signature = signature;
      select.replaceChildren(...resources().filter(([, members]) => members[0].type !== 'Parameter').map(([name, members]) =>
        h('optgroup', { label: name }, members.map(member => h('option', { value: member.id }, `${member.id} – ${stateOf(member)}`)))));
    }
    const all = instances().filter(instance => instance.type !== 'Parameter');
    // A link may name a resource; then its first instance is meant.
    const meant = all.find(instance => instance.id === wanted) ?? all.find(instance => instance.resource === wanted) ?? (wanted ? null : all[0]);
    if (meant) { select.value = meant.id; show(meant.id); }
    else if (all.length) setText(status, `There is no instance “${wanted}”.`);
  });
  const endWatch = watchInstances(drawChoice);

  function show(id) {
    if (current === id) return;
    current = id;
    end?.();
    lines = [];
    download.href = `/api/console/${encodeURIComponent(id)}/download`;
    filter();
    end = follow(() => `/api/console/${encodeURIComponent(id)}/stream?after=${lines.at(-1)?.number ?? 0}`, { message: add });
  }

  function add(batch) {
    for (const [number, time, isError, text] of batch) {
      const last = lines.at(-1)?.number ?? number - 1;
      if (number > last + 1) lines.push({ number: number - 1, time, isGap: true, text: `… ${number - last - 1} lines left out` });
      const clean = text.replace(escapes, '');
      lines.push({ number, time, isError: isError === 1, text: clean, lower: clean.toLowerCase() });
    }
    if (lines.length > keptLines) lines = lines.slice(-keptLines);
    filter();
  }

  const filter = eachFrame(() => {
    shown = term ? lines.filter(line => line.lower?.includes(term)) : lines;
    list.set(shown);
    setText(status, lines.length === 0 ? 'Nothing written yet' : term ? `${shown.length} of ${lines.length} lines` : `${lines.length} lines`);
  });

  return () => { end?.(); endWatch(); list.close(); };
}

function row(line, term) {
  if (line.isGap) return h('div.line.gap', {}, h('span.no'), h('span.time'), line.text);
  return h(`div.line${line.isError ? '.stderr' : ''}`, {},
    h('span.no', {}, String(line.number)), h('time.time', {}, formatTime(line.time)), h('span.text', {}, mark(line.text, line.lower, term)));
}

function mark(text, lower, term) {
  if (!term) return [text];
  const parts = [];
  let at = 0;
  for (let found = lower.indexOf(term); found >= 0; found = lower.indexOf(term, at)) {
    parts.push(text.slice(at, found), h('mark', {}, text.slice(found, found + term.length)));
    at = found + term.length;
  }
  return [...parts, text.slice(at)];
}
