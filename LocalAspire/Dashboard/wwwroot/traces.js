import { h, setText, toast } from './dom.js';
import { follow, ask } from './live.js';
import { formatDuration, formatTime } from './format.js';
import { resourcePicker, setQuery } from './picker.js';

/** The latest traces, newest first. */
export function tracesPage(place, { parameters, query, navigate }) {
  const resource = parameters[0] ? decodeURIComponent(parameters[0]) : '';
  let end = null, typing = 0;
  const picker = resourcePicker('/traces', resource, navigate);
  const search = h('input', { type: 'search', placeholder: 'Name or trace id', 'aria-label': 'Name of a span, or trace id', value: query.get('search') ?? '',
    oninput: () => { clearTimeout(typing); typing = setTimeout(() => { setQuery({ search: search.value }); restart(); }, 250); } });
  const pause = h('input', { type: 'checkbox', checked: true });
  const status = h('p.muted', { role: 'status' });
  const body = h('tbody');
  place.append(h('div.head', {}, h('h1', {}, 'Traces'), status),
    h('div.tools', {}, picker.element, search, h('label.check', {}, pause, 'Live')),
    h('div.scroll', {}, h('table.traces', {}, h('caption.hidden', {}, 'Traces'),
      h('thead', {}, h('tr', {}, ['Start', 'Name', 'Resources', 'Spans', 'Duration'].map(name => h('th', { scope: 'col', class: ['Spans', 'Duration'].includes(name) ? 'number' : null }, name)))), body)));

  function show(rows) {
    if (!pause.checked) return;
    const focused = document.activeElement?.closest('tr')?.dataset.trace;
    const longest = Math.max(...rows.map(row => row.duration), 0);
    body.replaceChildren(...rows.map(row => h('tr', {},
      h('td', {}, formatTime(row.start)),
      h('th', { scope: 'row' }, h('a', { href: `/traces/detail/${row.traceId}` }, `${row.resource}: ${row.name}`), row.hasError ? h('span.badge.bad', { title: 'A span has an error' }, ' Error') : null),
      h('td', {}, row.resources.map(one => h('span.chip', {}, `${one.name} (${one.spans})`))),
      h('td.number', {}, String(row.resources.reduce((sum, one) => sum + one.spans, 0))),
      h('td.number', {}, h('span.bar-cell', { style: `--share:${longest ? row.duration / longest : 0}` }, formatDuration(row.duration))))));
    [...body.rows].forEach((line, index) => { line.dataset.trace = rows[index].traceId; });
    if (focused) body.querySelector(`[data-trace="${focused}"] a`)?.focus();
    setText(status, rows.length ? `the latest ${rows.length}` : 'No traces yet');
  }

  function restart() {
    end?.();
    end = follow(() => `/api/telemetry/traces/stream?${new URLSearchParams({ resource, search: search.value })}`, { message: show });
  }
  restart();
  return () => { clearTimeout(typing); end?.(); picker.close(); };
}

/** One trace as a waterfall: what happened where, and when. */
export function tracePage(place, { parameters }) {
  const id = parameters[0];
  const status = h('p.muted', { role: 'status' });
  const content = h('div.scroll');
  const details = h('div');
  place.append(h('div.head', {}, h('h1', {}, 'Trace'), h('code', {}, id), status, h('a', { href: '/traces' }, 'All traces')), h('div.split', {}, content, details));
  load().catch(error => { setText(status, error.message); });
  return () => { };

  async function load() {
    const [trace, logs] = await Promise.all([ask(`/api/traces/${id}`), ask(`/api/telemetry/logs?traceId=${id}&limit=1000`)]);
    const records = logs.data.resourceLogs.flatMap(resource => resource.scopeLogs.flatMap(scope => scope.logRecords.map(record => ({
      time: Number(record.timeUnixNano) / 1e6, spanId: record.spanId, severity: record.severityNumber, text: record.body.stringValue }))));
    setText(status, `${formatTime(trace.start)}, ${formatDuration(trace.duration)}, ${trace.spans.length === 1 ? '1 span' : `${trace.spans.length} spans`}${records.length ? `, ${records.length} log record${records.length === 1 ? '' : 's'}` : ''}`);
    const share = time => trace.duration ? `${Math.max(0, Math.min(100, (time - trace.start) / trace.duration * 100)).toFixed(3)}%` : '0%';
    const colours = new Map();
    content.replaceChildren(h('table.waterfall', {}, h('caption.hidden', {}, 'Spans'),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Span'), h('th', { scope: 'col' }, h('span.ruler', {}, [0, 0.25, 0.5, 0.75, 1].map(part => h('span', {}, formatDuration(trace.duration * part))))))),
      h('tbody', {}, tree(trace.spans).map(({ span, depth }) => {
        if (!colours.has(span.source.name)) colours.set(span.source.name, colours.size % 6);
        const own = records.filter(record => record.spanId === span.spanId);
        const left = share(span.start);
        return h('tr', {},
          h('th', { scope: 'row', style: `padding-left:${12 + depth * 16}px` },
            h('button.link', { type: 'button', onclick: () => open(span, own) }, h('b', {}, span.source.id), ` ${span.name}`), span.status === 2 ? h('span.badge.bad', {}, ' Error') : null),
          h('td', {}, h('span.lane', {},
            h(`span.span.c${colours.get(span.source.name)}`, { style: `left:${left};width:max(3px, calc(${share(span.end)} - ${left}))` }),
            own.map(record => h(`span.dot${record.severity >= 17 ? '.bad' : ''}`, { style: `left:${share(record.time)}`, title: record.text })),
            h('span.took', { style: parseFloat(left) > 75 ? `right:calc(100% - ${left} + 6px)` : `left:calc(${share(span.end)} + 6px)` }, formatDuration(span.end - span.start)))));
      }))));
    if (records.length) content.append(h('h3.inset', {}, 'Logs within'), h('table', {}, h('tbody', {}, records.sort((a, b) => a.time - b.time).map(record =>
      h('tr', {}, h('td', {}, formatTime(record.time)), h('td', { class: record.severity >= 17 ? 'error' : null }, record.text))))));
  }

  function open(span, records) {
    const pairs = [['Resource', span.source.id], ['Scope', span.scope], ['Duration', formatDuration(span.end - span.start)], ['Span id', span.spanId],
      ...(span.statusMessage ? [['Error', span.statusMessage]] : []), ...Object.entries(span.attributes)];
    details.replaceChildren(h('aside.drawer', { 'aria-label': 'Span', onkeydown: event => { if (event.key === 'Escape') details.replaceChildren(); } },
      h('header', {}, h('h2', { tabindex: '-1' }, span.name), h('button.quiet', { type: 'button', onclick: () => details.replaceChildren() }, 'Close')),
      h('table.pairs', {}, h('tbody', {}, pairs.map(([key, value]) => h('tr', {}, h('th', { scope: 'row' }, key), h('td', {}, value))))),
      span.links.length ? h('p', {}, 'Linked: ', span.links.map(link => h('a.url', { href: `/traces/detail/${link.traceId}` }, link.traceId.slice(0, 8)))) : null,
      records.length ? h('section', {}, h('h3', {}, 'Logs'), records.map(record => h('p', {}, record.text))) : null));
    details.querySelector('h2').focus();
  }
}

/** Spans below their parents, in order of their start; those whose parent never arrived stand at the top. */
function tree(spans) {
  const known = new Set(spans.map(span => span.spanId));
  const children = Map.groupBy(spans, span => known.has(span.parentId) && span.parentId !== span.spanId ? span.parentId : '');
  const rows = [], seen = new Set();
  const add = (parent, depth) => {
    for (const span of children.get(parent) ?? []) {
      if (seen.has(span.spanId)) continue;
      seen.add(span.spanId);
      rows.push({ span, depth });
      add(span.spanId, depth + 1);
    }
  };
  add('', 0);
  return rows;
}
