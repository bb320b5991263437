import { h, icon } from './dom.js';
import { ask } from './live.js';
import { resourcesPage } from './resources.js';
import { consolePage } from './console.js';
import { structuredPage } from './structured.js';
import { tracesPage, tracePage } from './traces.js';
import { metricsPage } from './metrics.js';

/** Aspire's addresses: the page, its icon, its title, and what shows it. */
const pages = [
  { path: /^\/$/, href: '/', icon: 'resources', title: 'Resources', show: resourcesPage },
  { path: /^\/consolelogs(?:\/resource\/([^/]+))?$/, href: '/consolelogs', icon: 'console', title: 'Console', show: consolePage },
  { path: /^\/structuredlogs(?:\/resource\/([^/]+))?$/, href: '/structuredlogs', icon: 'structured', title: 'Logs', show: structuredPage },
  { path: /^\/traces\/detail\/([^/]+)$/, icon: 'traces', title: 'Trace', show: tracePage },
  { path: /^\/traces(?:\/resource\/([^/]+))?$/, href: '/traces', icon: 'traces', title: 'Traces', show: tracesPage },
  { path: /^\/metrics(?:\/resource\/([^/]+))?$/, href: '/metrics', icon: 'metrics', title: 'Metrics', show: metricsPage },
];

const place = document.getElementById('page');
const rail = document.querySelector('nav.rail');
let leave = null;

function show() {
  leave?.();
  place.replaceChildren();
  const page = pages.find(known => known.path.test(location.pathname)) ?? pages[0];
  document.title = `${page.title} – Dashboard`;
  rail.replaceChildren(...pages.filter(known => known.href).map(known =>
    h('a', { href: known.href, 'aria-current': known.icon === page.icon ? 'page' : null }, icon(known.icon), known.title)));
  place.className = `page-${page.icon}`;
  leave = page.show(place, { parameters: location.pathname.match(page.path)?.slice(1) ?? [], query: new URLSearchParams(location.search), navigate });
}

export function navigate(address, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  show();
}

document.addEventListener('click', event => {
  const link = event.target.closest?.('a[href]');
  if (!link || link.target || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || url.pathname.startsWith('/api/') || link.getAttribute('href').startsWith('#')) return;
  event.preventDefault();
  navigate(url.pathname + url.search);
  place.focus();
});
addEventListener('popstate', show);

const themes = ['system', 'light', 'dark'];
const button = document.getElementById('theme');
function setTheme(name) {
  localStorage.setItem('theme', name);
  document.documentElement.style.colorScheme = name === 'system' ? '' : name;
  button.replaceChildren(icon(name));
  button.setAttribute('aria-label', `Theme: ${name}`);
  button.title = `Theme: ${name}`;
  dispatchEvent(new Event('themechange'));
}
button.addEventListener('click', () => setTheme(themes[(themes.indexOf(localStorage.getItem('theme') ?? 'system') + 1) % themes.length]));
setTheme(themes.includes(localStorage.getItem('theme')) ? localStorage.getItem('theme') : 'system');

ask('/api/application').then(({ name }) => { if (name) document.getElementById('application').textContent = name; }).catch(() => { });
show();
