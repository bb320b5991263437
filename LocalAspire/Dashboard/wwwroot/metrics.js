import { h, setText } from './dom.js';
import { follow } from './live.js';
import { formatTime } from './format.js';
import { resourcePicker, setQuery } from './picker.js';
import { Plot, formatValue } from './plot.js';

const ranges = [[60, '1 minute'], [300, '5 minutes'], [900, '15 minutes'], [3600, '1 hour'], [21_600, '6 hours']];

/** The instruments by meter, and one of them as a chart or as a table. */
export function metricsPage(place, { parameters, query, navigate }) {
  const resource = parameters[0] ? decodeURIComponent(parameters[0]) : '';
  let meter = query.get('meter'), instrument = query.get('instrument'), filters = {}, end = null, chart = null;
  const hidden = new Set();

  const picker = resourcePicker('/metrics', resource, navigate);
  const range = h('select', { id: 'range', onchange: () => { setQuery({ duration: range.value }); restart(); } }, ranges.map(([seconds, text]) => h('option', { value: String(seconds) }, text)));
  range.value = ranges.some(([seconds]) => String(seconds) === query.get('duration')) ? query.get('duration') : '300';
  const view = h('select', { id: 'view', onchange: () => { setQuery({ view: view.value }); draw(); } }, h('option', { value: 'graph' }, 'Chart'), h('option', { value: 'table' }, 'Table'));
  view.value = query.get('view') === 'table' ? 'table' : 'graph';
  const tree = h('nav.meters', { 'aria-label': 'Instruments' });
  const title = h('h2', {}, 'Choose an instrument');
  const about = h('p.muted');
  const totals = h('dl.totals');
  const dimensions = h('div.tools');
  const legend = h('div.legend', { role: 'group', 'aria-label': 'Lines' });
  const plot = new Plot();
  const table = h('div.scroll', { hidden: true });
  place.append(h('div.head', {}, h('h1', {}, 'Metrics')),
    h('div.tools', {}, picker.element, h('label', { for: 'range' }, 'Time'), range, h('label', { for: 'view' }, 'View'), view),
    h('div.split', {}, tree, h('section.chart', { 'aria-label': 'Instrument' }, title, about, totals, dimensions, legend, plot.element, table)));

  function showTree(meters) {
    const signature = JSON.stringify(meters);
    if (tree.dataset.signature === signature) return;
    tree.dataset.signature = signature;
    tree.replaceChildren(...(meters.length ? meters.map(one => h('details', { open: !meter || one.name === meter || one.name.startsWith('SseScaling') },
      h('summary', {}, one.name),
      h('ul', {}, one.instruments.map(known => h('li', {}, h('button.link', {
        type: 'button', title: known.description, 'aria-pressed': String(known.name === instrument && one.name === meter), 'data-instrument': known.name,
        onclick: () => choose(one.name, known.name) }, known.name)))))) : [h('p.muted', {}, 'Nothing was sent yet')]));
  }

  function choose(newMeter, newInstrument) {
    [meter, instrument, filters, chart] = [newMeter, newInstrument, {}, null];
    hidden.clear();
    setQuery({ meter, instrument });
    for (const button of tree.querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset.instrument === instrument));
    dimensions.replaceChildren();
    delete dimensions.dataset.signature;
    restart();
  }

  function showDimensions(all) {
    const signature = JSON.stringify(all);
    if (dimensions.dataset.signature === signature) return;
    dimensions.dataset.signature = signature;
    dimensions.replaceChildren(...Object.entries(all).filter(([, values]) => values.length > 1 || values[0] !== '').map(([key, values], index) => {
      const select = h('select', { id: `dimension${index}`, onchange: () => { filters[key] = select.value; restart(); } },
        h('option', { value: '*' }, 'All'), values.map(value => h('option', { value }, value || '(none)')));
      select.value = filters[key] ?? '*';
      return h('span.field', {}, h('label', { for: `dimension${index}` }, key), select);
    }));
  }

  function draw() {
    if (!chart) return;
    const isRate = chart.kind === 'Counter';
    const isHistogram = chart.kind === 'Histogram';
    const unit = isRate ? `${chart.unit || '1'}/s` : chart.unit;
    setText(title, chart.name);
    setText(about, `${chart.description || chart.meter}${unit ? ` (${unit})` : ''}`);
    totals.replaceChildren(...Object.entries(chart.totals).filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => h('div', {},
      h('dt', {}, isHistogram ? (name === 'count' ? 'Since start: values' : name) : isRate ? 'Since start' : 'Now'),
      h('dd', {}, formatValue(value, name === 'count' ? '' : chart.unit)))));
    showDimensions(chart.dimensions);
    const lines = chart.lines.filter(line => !isHistogram || line.name !== 'Count');
    showLegend(lines, unit);
    const isTable = view.value === 'table';
    plot.element.hidden = isTable;
    table.hidden = !isTable;
    const visible = lines.map((line, index) => ({ ...line, index })).filter(line => !hidden.has(line.name));
    if (isTable) showTable(chart.lines, unit);
    else plot.draw({ times: chart.times, lines: visible, unit, label: `${chart.name}: ${lines.map(line => `${line.name} ${formatValue(last(line.values), unit)}`).join(', ')}` });
  }

  function showLegend(lines, unit) {
    const signature = JSON.stringify(lines.map(line => [line.name, hidden.has(line.name)]));
    if (legend.dataset.signature !== signature) {
      legend.dataset.signature = signature;
      legend.replaceChildren(...lines.map((line, index) => h('button', {
        type: 'button', 'aria-pressed': String(!hidden.has(line.name)), class: `c${index % 8}`,
        onclick: () => { hidden.has(line.name) ? hidden.delete(line.name) : hidden.add(line.name); draw(); } }, h('span.key'), line.name, h('b'))));
    }
    lines.forEach((line, index) => setText(legend.children[index].querySelector('b'), formatValue(last(line.values), unit)));
  }

  function showTable(lines, unit) {
    const rows = chart.times.map((time, index) => ({ time, values: lines.map(line => line.values[index]) })).filter(row => row.values.some(value => value !== null)).reverse();
    table.replaceChildren(h('table', {}, h('caption.hidden', {}, chart.name),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Time'), lines.map(line => h('th.number', { scope: 'col' }, line.name === 'Count' ? 'values/s' : line.name)))),
      h('tbody', {}, rows.map(row => h('tr', {}, h('td', {}, formatTime(row.time)), row.values.map((value, index) =>
        h('td.number', {}, formatValue(value, lines[index].name === 'Count' ? '' : unit))))))));
  }

  function restart() {
    end?.();
    const search = new URLSearchParams({ resource, duration: range.value });
    if (instrument) { search.set('meter', meter ?? ''); search.set('instrument', instrument); }
    for (const [key, value] of Object.entries(filters)) if (value !== '*') search.set(`filter.${key}`, value);
    end = follow(() => `/api/telemetry/metrics/stream?${search}`, { message: state => { showTree(state.instruments); if (state.chart) { chart = state.chart; draw(); } } });
  }
  addEventListener('themechange', draw);
  addEventListener('resize', draw);
  restart();
  return () => { end?.(); picker.close(); removeEventListener('themechange', draw); removeEventListener('resize', draw); };
}

const last = values => values.findLast(value => value !== null && value !== undefined);
