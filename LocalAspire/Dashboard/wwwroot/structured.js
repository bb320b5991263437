import { h, icon, setText, eachFrame } from './dom.js';
import { follow } from './live.js';
import { formatTime } from './format.js';
import { resourcePicker, setQuery } from './picker.js';
import { VirtualList } from './virtual.js';

const kept = 10_000;
const levels = ['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical'];
const levelOf = severity => levels[Math.min(5, Math.floor((Math.max(1, severity) - 1) / 4))];

/** Log records of all services, with filters by level, resource, text and trace. */
export function structuredPage(place, { parameters, query, navigate }) {
  const resource = parameters[0] ? decodeURIComponent(parameters[0]) : '';
  let entries = [], end = null, selected = null, typing = 0;

  const picker = resourcePicker('/structuredlogs', resource, navigate);
  const level = h('select', { id: 'level', onchange: () => { setQuery({ logLevel: level.value }); restart(); } },
    levels.map(name => h('option', { value: name === 'Trace' ? '' : name.toLowerCase() }, name === 'Trace' ? 'All' : `${name} and above`)));
  level.value = (query.get('logLevel') ?? '').toLowerCase();
  const search = h('input', { type: 'search', placeholder: 'Text', 'aria-label': 'Text in the message or the category', value: query.get('search') ?? '',
    oninput: () => { clearTimeout(typing); typing = setTimeout(() => { setQuery({ search: search.value }); restart(); }, 250); } });
  const trace = h('input', { type: 'search', placeholder: 'Trace id', 'aria-label': 'Trace id', value: query.get('traceId') ?? '',
    oninput: () => { clearTimeout(typing); typing = setTimeout(() => { setQuery({ traceId: trace.value }); restart(); }, 250); } });
  const followBox = h('input', { type: 'checkbox', checked: true, onchange: () => { list.follows = followBox.checked; list.draw(); } });
  const status = h('p.muted', { role: 'status' });
  const drawer = h('div');
  const list = new VirtualList({ rowHeight: 28, render: row, label: 'Log records' });
  list.follows = true;
  list.element.addEventListener('wheel', event => { if (event.deltaY < 0) followBox.checked = list.follows = false; }, { passive: true });
  list.element.addEventListener('scroll', () => { if (!list.follows && list.isAtEnd && !selected) followBox.checked = list.follows = true; });

  place.append(h('div.head', {}, h('h1', {}, 'Structured logs'), status),
    h('div.tools', {}, picker.element, h('label', { for: 'level' }, 'Level'), level, search, trace, h('label.check', {}, followBox, 'Follow')),
    h('div.split', {}, list.element, drawer));

  function row(entry) {
    const name = levelOf(entry.severity);
    return h(`div.record.${name.toLowerCase()}`, { onclick: () => open(entry), class: `record ${name.toLowerCase()}${entry === selected ? ' selected' : ''}` },
      h('time.time', {}, formatTime(entry.time)), h('span.level', {}, name), h('span.who', {}, entry.resource),
      h('button.link.message', { type: 'button' }, entry.message || '(no message)'));
  }

  function open(entry) {
    selected = entry;
    followBox.checked = list.follows = false;
    list.draw();
    const close = () => { selected = null; drawer.replaceChildren(); list.draw(); list.element.focus(); };
    const pairs = [['Time', formatTime(entry.time)], ['Level', levelOf(entry.severity)], ['Resource', entry.resource], ['Category', entry.category], ...Object.entries(entry.attributes)];
    drawer.replaceChildren(h('aside.drawer', { 'aria-label': 'Log record', onkeydown: event => { if (event.key === 'Escape') close(); } },
      h('header', {}, h('h2', { tabindex: '-1' }, entry.message), h('button.quiet', { type: 'button', 'aria-label': 'Close details', onclick: close }, icon('close'))),
      entry.traceId ? h('p', {}, h('a', { href: `/traces/detail/${entry.traceId}` }, 'Show its trace')) : null,
      h('table.pairs', {}, h('tbody', {}, pairs.map(([key, value]) => h('tr', {}, h('th', { scope: 'row' }, key), h('td', {}, value)))))));
    drawer.querySelector('h2').focus();
  }

  const draw = eachFrame(() => {
    list.set(entries);
    setText(status, entries.length === 0 ? 'No records yet' : entries.length === 1 ? '1 record' : `${entries.length} records`);
  });

  function restart() {
    end?.();
    entries = [];
    draw();
    const filters = new URLSearchParams({ resource, severity: level.value, search: search.value, traceId: trace.value.trim() });
    end = follow(() => `/api/telemetry/logs/stream?${filters}&after=${entries.at(-1)?.number ?? 0}`, {
      message: batch => { entries.push(...batch); if (entries.length > kept) entries = entries.slice(-kept); draw(); },
    });
  }
  restart();
  return () => { clearTimeout(typing); end?.(); picker.close(); list.close(); };
}
