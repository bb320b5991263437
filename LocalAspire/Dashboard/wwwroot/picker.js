import { h, eachFrame } from './dom.js';
import { watchInstances, resources } from './instances.js';

/** A choice of a resource or one of its instances; changes the address, which keeps it. */
export function resourcePicker(base, selected, navigate) {
  const select = h('select', { id: 'resource', onchange: () => navigate((select.value ? `${base}/resource/${encodeURIComponent(select.value)}` : base) + location.search) });
  const draw = eachFrame(() => {
    const services = resources().filter(([, members]) => members[0].type === 'Project');
    const signature = JSON.stringify(services.map(([name, members]) => [name, members.map(member => member.id)]));
    if (select.dataset.signature === signature) return;
    select.dataset.signature = signature;
    select.replaceChildren(h('option', { value: '' }, 'All'), ...services.flatMap(([name, members]) => members.length > 1
      ? [h('option', { value: name }, name), ...members.map(member => h('option', { value: member.id }, `\u2003${member.id}`))]
      : [h('option', { value: name }, name)]));
    if (selected && ![...select.options].some(option => option.value === selected)) select.append(h('option', { value: selected }, selected));
    select.value = selected ?? '';
  });
  draw();
  return { element: h('span.field', {}, h('label', { for: 'resource' }, 'Resource'), select), close: watchInstances(draw) };
}

/** Changes the query of the address without a new page. */
export function setQuery(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) value ? query.set(name, value) : query.delete(name);
  const text = query.toString();
  history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''));
  return query;
}
