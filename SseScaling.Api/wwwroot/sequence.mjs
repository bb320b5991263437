/**
 * Checks that nothing is lost, repeated or out of order. The publisher numbers each user's events from 1 (seq) and names its run; other events
 * carry no number and are only counted.
 */

/** A publisher that starts anew begins another run; older ones than the last few are forgotten. */
const MAX_RUNS = 8;

export class SequenceCheck {
  checked = 0;
  lost = 0;
  repeated = 0;
  #next = new Map();

  take(value) {
    if (typeof value?.run !== 'string' || !Number.isSafeInteger(value.seq)) return;
    const expected = this.#next.get(value.run) ?? value.seq;
    this.checked++;
    if (value.seq < expected) {
      this.repeated++;
      return;
    }
    this.lost += value.seq - expected;
    this.#next.delete(value.run);
    this.#next.set(value.run, value.seq + 1);
    if (this.#next.size > MAX_RUNS) this.#next.delete(this.#next.keys().next().value);
  }

  get state() {
    return { checked: this.checked, lost: this.lost, repeated: this.repeated, next: [...this.#next] };
  }

  set state({ checked, lost, repeated, next }) {
    Object.assign(this, { checked, lost, repeated });
    this.#next = new Map(next);
  }
}
