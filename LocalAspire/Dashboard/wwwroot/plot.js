import { h } from './dom.js';
import { formatBytes, formatDuration, formatTime } from './format.js';

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const margin = { left: 76, right: 14, top: 10, bottom: 26 };

/** A value with its unit (UCUM) as people read it. */
export function formatValue(value, unit) {
  if (value === null || value === undefined) return '–';
  if (unit === 's') return formatDuration(value * 1000);
  if (unit === 'ms') return formatDuration(value);
  if (unit === 'By') return formatBytes(value);
  if (unit === 'By/s') return `${formatBytes(value)}/s`;
  const name = unit?.replace(/\{(.*?)\}/g, '$1').replace(/^1\b/, '');
  return name && name !== '/s' ? `${number.format(value)} ${name}` : `${number.format(value)}${name ?? ''}`;
}

/** Lines over time on a canvas. The pointer, or the arrow keys, read values. */
export class Plot {
  constructor() {
    this.canvas = h('canvas', { tabindex: '0', role: 'img' });
    this.tip = h('div.tip', { hidden: true, role: 'status' });
    this.element = h('div.plot', {}, this.canvas, this.tip);
    this.canvas.addEventListener('pointermove', event => this.point(event.offsetX));
    this.canvas.addEventListener('pointerleave', () => { this.at = null; this.redraw(); });
    this.canvas.addEventListener('blur', () => { this.at = null; this.redraw(); });
    this.canvas.addEventListener('keydown', event => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || !this.data) return;
      event.preventDefault();
      this.at = Math.max(0, Math.min(this.data.times.length - 1, (this.at ?? this.data.times.length - 1) + step));
      this.redraw();
    });
    this.at = null;
  }

  draw(data) {
    this.data = data;
    this.canvas.setAttribute('aria-label', data.label);
    this.redraw();
  }

  point(x) {
    if (!this.data) return;
    const width = this.canvas.clientWidth - margin.left - margin.right;
    this.at = Math.round(Math.max(0, Math.min(1, (x - margin.left) / width)) * (this.data.times.length - 1));
    this.redraw();
  }

  redraw() {
    const { canvas, data } = this;
    if (!data || !canvas.isConnected || !this.element.clientHeight) return;
    const scale = devicePixelRatio || 1;
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    if (canvas.width !== width * scale || canvas.height !== height * scale) Object.assign(canvas, { width: width * scale, height: height * scale });
    const pen = canvas.getContext('2d');
    const style = getComputedStyle(this.element);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = `12px ${style.fontFamily}`;
    const values = data.lines.flatMap(line => line.values).filter(value => value !== null);
    const ticks = ticksTo(Math.max(...values, 0), Math.min(...values, 0), data.unit);
    const [low, high] = [ticks[0], ticks.at(-1)];
    const x = index => margin.left + (width - margin.left - margin.right) * (data.times.length > 1 ? index / (data.times.length - 1) : 1);
    const y = value => height - margin.bottom - (height - margin.top - margin.bottom) * (value - low) / (high - low);

    pen.strokeStyle = resolve(this.element, '--line');
    pen.fillStyle = resolve(this.element, '--muted');
    pen.lineWidth = 1;
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    for (const tick of ticks) {
      pen.beginPath(); pen.moveTo(margin.left, y(tick)); pen.lineTo(width - margin.right, y(tick)); pen.stroke();
      pen.fillText(formatValue(tick, data.unit), margin.left - 8, y(tick));
    }
    pen.textBaseline = 'alphabetic';
    pen.textAlign = 'center';
    const labels = Math.max(2, Math.floor((width - margin.left) / 130));
    for (let i = 0; i <= labels; i++) {
      const index = Math.round(i * (data.times.length - 1) / labels);
      pen.textAlign = i === 0 ? 'left' : i === labels ? 'right' : 'center';
      pen.fillText(formatTime(data.times[index]).slice(0, 8), x(index), height - 7);
    }
    for (const line of data.lines) this.line(pen, line, x, y);
    this.read(pen, x, y, height);
  }

  line(pen, line, x, y) {
    pen.strokeStyle = pen.fillStyle = resolve(this.element, `--c${line.index % 8}`);
    pen.lineWidth = line.name === 'Sum' ? 2.5 : 1.75;
    pen.lineJoin = 'round';
    pen.setLineDash(line.name === 'Sum' ? [6, 4] : []);
    pen.beginPath();
    let isDown = false;
    line.values.forEach((value, index) => {
      if (value === null) { isDown = false; return; }
      // A value with nothing beside it is no line, but it is there.
      if (!isDown && (line.values[index + 1] ?? null) === null) pen.fillRect(x(index) - 1.5, y(value) - 1.5, 3, 3);
      if (isDown) pen.lineTo(x(index), y(value)); else pen.moveTo(x(index), y(value));
      isDown = true;
    });
    pen.stroke();
    pen.setLineDash([]);
  }

  read(pen, x, y, height) {
    const { data, at, tip } = this;
    tip.hidden = at === null;
    if (at === null) return;
    pen.strokeStyle = resolve(this.element, '--muted');
    pen.lineWidth = 1;
    pen.beginPath(); pen.moveTo(x(at), margin.top); pen.lineTo(x(at), height - margin.bottom); pen.stroke();
    tip.replaceChildren(h('b', {}, formatTime(data.times[at]).slice(0, 8)), ...data.lines.map(line =>
      h(`div.c${line.index % 8}`, {}, h('span.key'), `${line.name} `, h('b', {}, formatValue(line.values[at], data.unit)))));
    const isRight = x(at) > this.element.clientWidth / 2;
    tip.style.left = isRight ? '' : `${x(at) + 12}px`;
    tip.style.right = isRight ? `${this.element.clientWidth - x(at) + 12}px` : '';
  }
}

// Canvas does not know light-dark(): the browser works it out for an element's own colour.
const probe = h('span', { hidden: true });
function resolve(element, name) {
  if (probe.parentNode !== element) element.append(probe);
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

/** Round numbers that span all values and zero. */
function ticksTo(high, low, unit) {
  if (high === low) high = low + (unit === 's' ? 0.001 : 1);
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find(factor => factor * power >= raw) * power;
  const ticks = [];
  for (let i = Math.floor(low / step); ; i++) {
    ticks.push(i * step);
    if (i * step >= high) return ticks;
  }
}
