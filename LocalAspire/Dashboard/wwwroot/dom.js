/** Makes an element: h('a.link', { href }, 'text', child). Text is never read as HTML. */
export function h(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split('.');
  const element = document.createElement(tag || 'div');
  if (classes.length) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== 'list' && typeof value !== 'string') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** Changes a text only when it differs, so that a selection in it survives. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const svg = 'http://www.w3.org/2000/svg';
const paths = {
  resources: 'M3 5h14v4H3zM3 11h14v4H3zM6 7h.01M6 13h.01',
  console: 'M3 4h14v12H3zM6 8l2.5 2L6 12M10.5 12.5h3.5',
  structured: 'M4 5h12M4 8.300h8M4 11.600h12M4 15h6',
  traces: 'M3 5h8M6 10h9M10 15h7',
  metrics: 'M3 16h14M5 13l3-4 3 2.500L16 5',
  start: 'M7 5l8 5-8 5z',
  stop: 'M6 6h8v8H6z',
  restart: 'M15.5 8A6 6 0 1 0 16 11.500M15.7 4v4h-4',
  chevron: 'M8 6l4 4-4 4',
  close: 'M5.5 5.500l9 9M14.5 5.500l-9 9',
  eye: 'M2.5 10S5.5 5 10 5s7.5 5 7.5 5-3 5-7.5 5-7.5-5-7.5-5zM10 8a2 2 0 1 0 .01 0',
  download: 'M10 3v9M6.5 9L10 12.5 13.5 9M4 16h12',
  system: 'M3 4h14v9H3zM7.5 16.500h5M10 13v3.5',
  light: 'M10 7a3 3 0 1 0 .01 0M10 2v1.500M10 16.500V18M2 10h1.500M16.5 10H18M4.5 4.500l1 1M14.5 14.500l1 1M15.5 4.500l-1 1M5.5 14.500l-1 1',
  dark: 'M16 12A6.5 6.5 0 0 1 8 4a6.5 6.5 0 1 0 8 8z',
};

/** A line drawing; decoration only, so whatever carries it needs a name of its own. */
export function icon(name) {
  const picture = document.createElementNS(svg, 'svg');
  picture.setAttribute('viewBox', '0 0 20 20');
  picture.setAttribute('aria-hidden', 'true');
  picture.classList.add('icon');
  const line = document.createElementNS(svg, 'path');
  line.setAttribute('d', paths[name]);
  picture.append(line);
  return picture;
}

/** Runs once in the next frame, however often it is asked to. */
export function eachFrame(action) {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => { waits = false; action(); });
  };
}

export function toast(message) {
  const box = h('div.toast', {}, message, h('button.quiet', { 'aria-label': 'Dismiss', onclick: () => box.remove() }, icon('close')));
  document.getElementById('toasts').append(box);
  setTimeout(() => box.remove(), 10_000);
}
