/**
 * One stream for all tabs of a browser: browsers allow six connections per origin over HTTP/1.1, and a seventh tab would wait for ever.
 * The tab that holds the lock reads the stream and passes messages on; when it closes, the next one resumes from the id it saw last.
 */
import { SseClient, isOwn, unpack } from './sse-client.mjs';

/** How many ids a tab remembers, so that what the old reader passed on and the new one resumes with counts once. */
const MEMORY = 512;

export class SharedStream {
  #url;
  #options;
  #channel;
  #closed = new AbortController();
  #client = null;
  #ready = false;
  #seen = new Set();
  #lastEventId = null;
  #state = 'connecting';
  #servedBy = null;

  /**
   * @param {string} url The stream; tabs with the same one share it.
   * @param {object} options onEvent, onGap, onMessage, onState and what else SseClient takes; and
   *   snapshot() → what a tab that joins is given, onSnapshot(value), onNote(value): what another tab sent with tell().
   */
  constructor(url, options) {
    this.#url = url;
    this.#options = options;
    const name = `sse:${url}`;
    if (!globalThis.navigator?.locks || !globalThis.BroadcastChannel) {
      // Outside of secure contexts there are no locks: each tab has a stream of its own.
      this.#lead();
      return;
    }
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    this.#send({ kind: 'hello' });
    navigator.locks.request(name, { signal: this.#closed.signal }, () => this.#hold())
      .catch(error => { if (error.name !== 'AbortError') throw error; });
  }

  /** Whether this tab reads the stream for the others. */
  get isReader() { return this.#client !== null; }
  get state() { return this.#state; }
  get lastEventId() { return this.#lastEventId; }
  /** The replica that serves the stream, where it says so; else null. */
  get servedBy() { return this.#servedBy; }

  /** start (after it failed), drop, pause or resume, wherever the stream is read. */
  command(what) {
    if (this.#client) this.#client[what]();
    else this.#send({ kind: 'command', what });
  }

  /** Sends something to the other tabs. */
  tell(value) {
    this.#send({ kind: 'note', value });
  }

  /** Leaves; another tab takes over. */
  close() {
    this.#client?.stop();
    this.#client = null;
    this.#closed.abort();
    this.#channel?.close();
    this.#channel = null;
  }

  #hold() {
    if (this.#closed.signal.aborted) return undefined;
    this.#lead();
    return new Promise(resolve => this.#closed.signal.addEventListener('abort', resolve, { once: true }));
  }

  #lead() {
    this.#ready = true;
    this.#client = new SseClient(this.#url, {
      ...this.#options,
      lastEventId: this.#lastEventId,
      onEvent: undefined,
      onGap: (gap, id) => { if (gap.topic === null) this.#pass({ id, durable: false, name: 'gap', data: JSON.stringify(gap) }); },
      onMessage: message => this.#pass(message),
      onPosition: id => { this.#lastEventId = id; this.#send({ kind: 'position', id }); },
      onState: (state, problem) => {
        const servedBy = this.#client.servedBy;
        this.#show(state, problem, servedBy);
        this.#send({ kind: 'state', state, problem, servedBy });
      },
    });
    this.#welcome();
    this.#client.start();
  }

  #pass(message) {
    this.#send({ kind: 'message', message });
    this.#take(message);
  }

  #hear(data) {
    if (data.kind === 'hello') {
      if (this.#client) this.#welcome();
    } else if (data.kind === 'welcome') this.#join(data);
    else if (data.kind === 'command') this.#client?.[data.what]?.();
    else if (!this.#ready) return; // The welcome will hold it.
    else if (data.kind === 'message') this.#take(data.message);
    else if (data.kind === 'position') this.#lastEventId = data.id;
    else if (data.kind === 'state') this.#show(data.state, data.problem, data.servedBy);
    else if (data.kind === 'note') this.#options.onNote?.(data.value);
  }

  #welcome() {
    this.#send({ kind: 'welcome', state: this.#state, servedBy: this.#servedBy, lastEventId: this.#lastEventId, seen: [...this.#seen], snapshot: this.#options.snapshot?.() });
  }

  #join(welcome) {
    this.#show(welcome.state, null, welcome.servedBy);
    if (this.#ready) return;
    this.#ready = true;
    this.#lastEventId = welcome.lastEventId;
    this.#seen = new Set(welcome.seen);
    this.#options.onSnapshot?.(welcome.snapshot);
  }

  #take(message) {
    if (message.durable) {
      if (this.#isSeen(message.id)) return;
      this.#lastEventId = message.id;
    }
    this.#options.onMessage?.(message);
    if (isOwn(message)) return;
    const events = unpack(message);
    if (message.name === 'gap') this.#options.onGap?.(events[0].value, message.id);
    else for (const { value, ...meta } of events) this.#options.onEvent?.(value, meta);
  }

  #isSeen(id) {
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    if (this.#seen.size > MEMORY) this.#seen.delete(this.#seen.values().next().value);
    return false;
  }

  #show(state, problem, servedBy) {
    this.#state = state;
    this.#servedBy = servedBy;
    this.#options.onState?.(state, problem);
  }

  #send(data) {
    this.#channel?.postMessage(data);
  }
}
