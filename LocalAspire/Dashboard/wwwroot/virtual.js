import { h, eachFrame } from './dom.js';

/** A list of rows of one height, of which only the visible ones are in the document: 10,000 rows scroll like 50. */
export class VirtualList {
  constructor({ rowHeight, render, label }) {
    Object.assign(this, { rowHeight, render, items: [], follows: false });
    this.rows = h('div.rows');
    this.space = h('div.space', {}, this.rows);
    this.element = h('div.virtual', { tabindex: '0', role: 'log', 'aria-live': 'off', 'aria-label': label }, this.space);
    this.draw = eachFrame(() => this.drawNow());
    this.element.addEventListener('scroll', this.draw);
    this.observer = new ResizeObserver(this.draw);
    this.observer.observe(this.element);
  }

  set(items) {
    this.items = items;
    this.draw();
  }

  get isAtEnd() {
    return this.element.scrollTop + this.element.clientHeight >= this.element.scrollHeight - this.rowHeight * 2;
  }

  drawNow() {
    const { element, rowHeight, items } = this;
    this.space.style.height = `${items.length * rowHeight}px`;
    if (this.follows) element.scrollTop = element.scrollHeight;
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - 5);
    const last = Math.min(items.length, Math.ceil((element.scrollTop + element.clientHeight) / rowHeight) + 5);
    this.rows.style.transform = `translateY(${first * rowHeight}px)`;
    this.rows.replaceChildren(...items.slice(first, last).map((item, index) => this.render(item, first + index)));
  }

  close() {
    this.observer.disconnect();
  }
}
