import { h, icon, toast } from './dom.js';
import { ask } from './live.js';
import { formatTime } from './format.js';
import { find, toneOf, stateOf } from './instances.js';
import { actions, badge, links } from './resources.js';

/** One instance in detail, beside the table. Escape closes it. */
export function showDetails(place, id, onClose) {
  const title = h('h2', { tabindex: '-1' }, id);
  const head = h('div.facts');
  const rest = h('div');
  const close = () => { place.replaceChildren(); document.removeEventListener('keydown', onKey); };
  const closeByUser = () => { close(); onClose(); };
  const onKey = event => { if (event.key === 'Escape') closeByUser(); };
  document.addEventListener('keydown', onKey);
  place.replaceChildren(h('aside.drawer', { 'aria-label': `Details of ${id}` },
    h('header', {}, title, h('button.quiet', { type: 'button', 'aria-label': 'Close details', onclick: closeByUser }, icon('close'))), head, rest));
  title.focus();

  let last = '';
  const update = async () => {
    const instance = find(id);
    const signature = JSON.stringify(instance ?? null);
    if (!instance || signature === last) return;
    last = signature;
    head.replaceChildren(h('p', {}, badge(toneOf(instance), stateOf(instance), instance.health)), ...actions(instance, true));
    try {
      rest.replaceChildren(...sections(await ask(`/api/resources/${encodeURIComponent(id)}`)));
    } catch (error) {
      toast(error.message);
    }
  };
  update();
  return { close, update };
}

function sections(instance) {
  const own = instance.environment.filter(fact => !fact.isInherited);
  const inherited = instance.environment.filter(fact => fact.isInherited);
  return [
    section('Resource', [
      row('Name', instance.id), row('Type', instance.type),
      instance.started ? row('Started', formatTime(Date.parse(instance.started))) : null,
      instance.stopped ? row('Stopped', formatTime(Date.parse(instance.stopped))) : null,
      instance.relationships.length ? row('Refers to', instance.relationships.join(', ')) : null,
      instance.urls.length ? row('URLs', h('span', {}, links(instance.urls))) : null,
      ...instance.properties.map(fact => secretRow(instance.id, fact)),
    ]),
    instance.healthReports.length ? section('Health', instance.healthReports.map(report => row(report.name,
      `${report.status ?? 'not yet checked'}${report.description ? ` – ${report.description}` : ''}${report.lastRun ? ` (${formatTime(Date.parse(report.lastRun))})` : ''}`))) : null,
    own.length ? section(`Environment (${own.length})`, own.map(fact => secretRow(instance.id, fact))) : null,
    inherited.length ? h('details', {}, h('summary', {}, `Inherited environment (${inherited.length})`), table(inherited.map(fact => secretRow(instance.id, fact)))) : null,
  ].filter(Boolean);
}

const table = rows => h('table.pairs', {}, h('tbody', {}, rows));
const section = (title, rows) => h('section', {}, h('h3', {}, title), table(rows));
const row = (name, value) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, value));

/** The server sends a secret only when it is asked for. */
function secretRow(id, fact) {
  if (!fact.isSecret) return row(fact.name, fact.value ?? '');
  const text = h('span.secret', {}, '••••••••');
  const button = h('button.quiet', {
    type: 'button', 'aria-label': `Show ${fact.name}`, 'aria-pressed': 'false',
    onclick: async () => {
      const isShown = button.getAttribute('aria-pressed') === 'true';
      try {
        text.textContent = isShown ? '••••••••' : (await ask(`/api/resources/${encodeURIComponent(id)}/secrets/${encodeURIComponent(fact.name)}`)).value ?? '';
        button.setAttribute('aria-pressed', String(!isShown));
        button.setAttribute('aria-label', `${isShown ? 'Show' : 'Hide'} ${fact.name}`);
      } catch (error) {
        toast(error.message);
      }
    },
  }, icon('eye'));
  return row(fact.name, h('span.reveal', {}, text, button));
}
