/** Line charts of the last 15 minutes on a canvas: no library, colours from the style sheet. */

export const SPAN_MS = 15 * 60_000;

/** A line is broken where nothing was heard for longer. */
const HOLE_MS = 12_000;

export class LineChart {
  #figure;
  #canvas;
  #readout;
  #lines;
  #format;
  #unit;
  #points = [];
  #hover = null;

  /**
   * @param {HTMLElement} parent Where it goes.
   * @param {string} title What it shows, with its unit.
   * @param {{name: string, value: (point: object) => number}[]} lines One to three.
   * @param {(value: number) => string} format For the axis and the readout.
   * @param {number} unit What the axis' steps double from: 1, or 1024 for bytes.
   */
  constructor(parent, title, lines, format, unit = 1) {
    this.#unit = unit;
    this.#lines = lines;
    this.#format = format;
    this.#figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    const heading = document.createElement('span');
    heading.textContent = title;
    this.#readout = document.createElement('span');
    this.#readout.className = 'readout';
    caption.append(heading, this.#readout);
    this.#canvas = document.createElement('canvas');
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.setAttribute('aria-label', title);
    this.#figure.append(caption, this.#canvas);
    parent.append(this.#figure);
    this.#canvas.addEventListener('pointermove', event => { this.#hover = event.offsetX; this.draw(); });
    this.#canvas.addEventListener('pointerleave', () => { this.#hover = null; this.draw(); });
  }

  /** Shows points, oldest first, each with atMs; they are kept, not copied. */
  show(points) {
    this.#points = points;
    this.draw();
  }

  draw() {
    const { width, height, context } = this.#prepare();
    const style = getComputedStyle(this.#figure);
    const end = this.#points.at(-1)?.atMs ?? Date.now();
    const plot = { left: 60, right: width - 8, top: 8, bottom: height - 20 };
    const values = this.#points.flatMap(point => this.#lines.map(line => line.value(point)));
    const top = niceTop(Math.max(0, ...values), this.#unit);
    const x = atMs => plot.right - (end - atMs) / SPAN_MS * (plot.right - plot.left);
    const y = value => plot.bottom - value / top * (plot.bottom - plot.top);
    this.#axes(context, plot, top, y, style);
    this.#lines.forEach((line, index) => this.#line(context, line, x, y, style.getPropertyValue(`--line-${index + 1}`)));
    this.#tell(context, plot, x, style);
  }

  #prepare() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = window.devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const context = this.#canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return { width, height, context };
  }

  #axes(context, plot, top, y, style) {
    context.font = `11px ${style.fontFamily}`;
    context.strokeStyle = style.getPropertyValue('--rule');
    context.fillStyle = style.getPropertyValue('--muted');
    context.lineWidth = 1;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    for (const share of [0, 0.5, 1]) {
      const at = Math.round(y(top * share)) + 0.5;
      context.beginPath();
      context.moveTo(plot.left, at);
      context.lineTo(plot.right, at);
      context.stroke();
      context.fillText(this.#format(top * share), plot.left - 6, at);
    }
    for (const minutes of [15, 10, 5, 0]) {
      context.textAlign = minutes === 15 ? 'left' : minutes === 0 ? 'right' : 'center';
      context.fillText(minutes === 0 ? 'now' : `−${minutes} min`, plot.right - minutes / 15 * (plot.right - plot.left), plot.bottom + 12);
    }
  }

  #line(context, line, x, y, colour) {
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.beginPath();
    let last = -Infinity;
    for (const point of this.#points) {
      const move = point.atMs - last > HOLE_MS ? 'moveTo' : 'lineTo';
      context[move](x(point.atMs), y(line.value(point)));
      last = point.atMs;
    }
    context.stroke();
    // A point alone has no line.
    const only = this.#points.at(-1);
    if (only) {
      context.fillStyle = colour;
      context.beginPath();
      context.arc(x(only.atMs), y(line.value(only)), 2, 0, 7);
      context.fill();
    }
  }

  /** The values under the pointer, else the latest ones. */
  #tell(context, plot, x, style) {
    let point = this.#points.at(-1);
    if (this.#hover !== null && point) {
      point = this.#points.reduce((best, one) => Math.abs(x(one.atMs) - this.#hover) < Math.abs(x(best.atMs) - this.#hover) ? one : best);
      context.strokeStyle = style.getPropertyValue('--muted');
      context.beginPath();
      context.moveTo(x(point.atMs), plot.top);
      context.lineTo(x(point.atMs), plot.bottom);
      context.stroke();
    }
    this.#readout.replaceChildren(...(point ? this.#lines.map((line, index) => this.#value(line, index, point)) : []));
    this.#readout.title = point ? new Date(point.atMs).toLocaleTimeString() : '';
  }

  #value(line, index, point) {
    const span = document.createElement('span');
    span.className = `key key-${index + 1}`;
    span.textContent = `${this.#lines.length > 1 ? `${line.name} ` : ''}${this.#format(line.value(point))}`;
    return span;
  }
}

/** A round number at or above: 1, 2, 4, 10, 20, 40 … times a power of the unit, at least 2 units, so that the middle is round too. */
export function niceTop(value, unit = 1) {
  let scale = unit;
  while (unit > 1 && value / scale >= unit) scale *= unit;
  const rest = Math.max(2, value / scale);
  const power = 10 ** Math.floor(Math.log10(rest));
  return scale * [1, 2, 4, 10].map(step => step * power).find(step => step >= rest * 0.999999);
}
