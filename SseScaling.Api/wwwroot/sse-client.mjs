/**
 * A client of event streams (Server-Sent Events) over fetch, for browsers and Node. Types: sse-client.d.mts.
 *
 * Beyond the browser's own EventSource it: waits with jitter, doubling up to a bound, and as long as Retry-After says; notices a stream that
 * fell silent; renews tokens; sees error answers; can stop reading; unpacks batches; and says when history was too short (gap).
 *
 *     const client = new SseClient('/api/notifications?userId=42', {
 *       onEvent: (value, { id }) => show(value),
 *       onGap: gap => reload(),
 *       onState: state => badge(state),
 *     });
 *     client.start();
 */

/** The longest event that is taken, in characters: a guard against a server that never ends one. */
const MAX_EVENT = 8 * 1024 * 1024;

/** The grammar of https://html.spec.whatwg.org/multipage/server-sent-events.html, in chunks as they come. */
export class SseParser {
  /** The id to resume from: that of the last complete block that had one; null before the first one. */
  lastEventId = null;
  /** The server's reconnect delay in milliseconds; null when it gave none. */
  retry = null;

  #rest = '';
  #start = true;
  #afterCarriageReturn = false;
  #data = [];
  #size = 0;
  #name = '';
  #id = null;

  /** Takes a chunk of text and returns the messages that it completed. */
  push(chunk) {
    let text = chunk;
    if (this.#start && text.length > 0) {
      this.#start = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    // The line feed of a pair that was cut in two belongs to the line that ended before it.
    if (this.#afterCarriageReturn && text.length > 0) {
      this.#afterCarriageReturn = false;
      if (text[0] === '\n') text = text.slice(1);
    }
    const messages = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#afterCarriageReturn = text.endsWith('\r');
    this.#rest = lines.pop();
    for (const line of lines) this.#line(line, messages);
    if (this.#rest.length + this.#size > MAX_EVENT) throw new Error('An event is too large.');
    return messages;
  }

  #line(line, messages) {
    if (line === '') return this.#dispatch(messages);
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') {
      this.#data.push(value);
      this.#size += value.length;
    } else if (field === 'event') this.#name = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
  }

  #dispatch(messages) {
    // A block without data is no event, but its id counts; that of a block which never ends must not.
    this.lastEventId = this.#id ?? this.lastEventId;
    if (this.#data.length > 0)
      messages.push({ id: this.lastEventId, durable: this.#id !== null, name: this.#name || 'message', data: this.#data.join('\n') });
    this.#data = [];
    this.#size = 0;
    this.#name = '';
    this.#id = null;
  }
}

/** The events of a message: one, or those of `{"batch":[…]}`. A text that is no JSON is an event as it stands. */
export function unpack(message) {
  let value;
  try {
    value = JSON.parse(message.data);
  } catch {
    value = message.data;
  }
  const values = isBatch(value) ? value.batch : [value];
  return values.map(one => ({ value: one, id: message.id, name: message.name }));
}

/** What the server says of the stream itself, to onMessage alone: where it stands, and what becomes of its right and place. */
const OWN_NAMES = new Set(['position', 'reauthenticate', 'revoked', 'replaced']);

/** Whether a message is the server's own, and no event of the application. */
export function isOwn(message) {
  return OWN_NAMES.has(message.name);
}

function isBatch(value) {
  return value !== null && typeof value === 'object' && Array.isArray(value.batch) && Object.keys(value).length === 1;
}

const DEFAULTS = { lastEventId: null, minDelay: 500, maxDelay: 30_000, idleTimeout: 45_000, random: Math.random };

export class SseClient {
  #url;
  #options;
  #fetch;
  #state = 'stopped';
  #running = null;
  #attempt = null;
  #wake = null;
  #paused = null;
  #retry;
  #failures = 0;
  #wasLive = false;
  #renewed = false;
  #replaced = false;
  #lastEventId;
  #servedBy = null;

  constructor(url, options = {}) {
    this.#url = url;
    this.#options = { ...DEFAULTS, ...options };
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
    this.#retry = this.#options.minDelay;
    this.#lastEventId = this.#options.lastEventId;
  }

  get state() { return this.#state; }
  get lastEventId() { return this.#lastEventId; }
  /** The server's name for itself (X-Served-By) on the latest stream; null when it gave none. */
  get servedBy() { return this.#servedBy; }
  get isPaused() { return this.#paused !== null; }

  /** Opens the stream and keeps it open until stop(). */
  start() {
    if (this.#running) return;
    const run = this.#running = new AbortController();
    this.#failures = 0;
    globalThis.addEventListener?.('online', () => this.#hurry(), { signal: run.signal });
    globalThis.addEventListener?.('offline', () => this.#attempt?.abort(), { signal: run.signal });
    this.#run(run.signal);
  }

  /** Ends the stream for good; start() resumes it where it stood. */
  stop() {
    this.#running?.abort();
    this.#running = null;
    this.#attempt?.abort();
    this.#hurry();
    this.resume();
    this.#become('stopped');
  }

  /** Cuts the connection as a failing network would; the client resumes by id. */
  drop() {
    this.#attempt?.abort();
  }

  /** Stops reading from the socket. The server keeps what it can for this client, and ends the stream when that is too much. */
  pause() {
    if (this.#paused) return;
    let go;
    const gate = new Promise(resolve => { go = resolve; });
    this.#paused = { gate, go };
  }

  /** Reads again. */
  resume() {
    this.#paused?.go();
    this.#paused = null;
  }

  async #run(stopped) {
    while (!stopped.aborted) {
      this.#become(this.#failures > 0 ? 'offline' : this.#wasLive ? 'resuming' : 'connecting');
      const { wait, failed } = await this.#connect(stopped);
      if (stopped.aborted) return;
      if (failed) {
        this.#running = null;
        this.#become('failed', failed);
        return;
      }
      this.#become(this.#failures > 0 || globalThis.navigator?.onLine === false ? 'offline' : 'resuming');
      await this.#sleep(Math.max(wait ?? 0, this.#delay()));
    }
  }

  /** One connection from its beginning to its end. */
  async #connect(stopped) {
    const attempt = this.#attempt = new AbortController();
    const guard = new IdleGuard(this.#options.idleTimeout, () => attempt.abort());
    try {
      const response = await this.#request(attempt.signal);
      if (!response.ok || response.status === 204 || !isStream(response)) return await this.#refused(response);
      this.#failures = 0;
      this.#wasLive = true;
      this.#renewed = false;
      this.#servedBy = response.headers.get('x-served-by');
      if (!stopped.aborted) this.#become('live');
      this.#replaced = false;
      await this.#read(response.body.getReader(), guard, attempt.signal);
      // To come back would only have the next one give way.
      if (this.#replaced) return { failed: 'Another stream of this user took the place of this one.' };
    } catch {
      // A connection that fails before its stream begins is a failure; one that ends later is resumed at once.
      if (!stopped.aborted && this.#state !== 'live') this.#failures++;
    } finally {
      guard.end();
    }
    return {};
  }

  async #request(signal) {
    const headers = { Accept: 'text/event-stream' };
    if (this.#lastEventId) headers['Last-Event-ID'] = this.#lastEventId;
    const token = await this.#options.token?.();
    if (token) headers.Authorization = `Bearer ${token}`;
    return this.#fetch(this.#url, { headers, signal, cache: 'no-store' });
  }

  async #read(reader, guard, signal) {
    const parser = new SseParser();
    parser.lastEventId = this.#lastEventId;
    const decoder = new TextDecoder();
    while (!signal.aborted) {
      if (this.#paused) {
        guard.rest();
        await Promise.race([this.#paused.gate, aborted(signal)]);
      }
      guard.reset();
      const { done, value } = await reader.read();
      if (done) return;
      for (const message of parser.push(decoder.decode(value, { stream: true }))) this.#dispatch(message);
      this.#retry = parser.retry ?? this.#retry;
      // Only what the handlers have seen moves the position.
      if (parser.lastEventId !== this.#lastEventId) {
        this.#lastEventId = parser.lastEventId;
        this.#call('onPosition', this.#lastEventId);
      }
    }
  }

  #dispatch(message) {
    this.#lastEventId = message.id;
    this.#call('onMessage', message);
    if (message.name === 'replaced') this.#replaced = true;
    if (isOwn(message)) return;
    if (message.name === 'gap') this.#call('onGap', unpack(message)[0].value, message.id);
    else if (this.#options.onEvent) for (const { value, ...meta } of unpack(message)) this.#call('onEvent', value, meta);
  }

  /** What an answer that is no stream means: come back later, with a new token, without the id, or never. */
  async #refused(response) {
    const problem = await describe(response);
    if (response.status === 400 && this.#lastEventId) {
      this.#call('onGap', { topic: null, from: this.#lastEventId, to: null }, null);
      this.#lastEventId = null;
      return {};
    }
    if ((response.status === 401 || response.status === 403) && this.#options.token && !this.#renewed) {
      this.#renewed = true;
      return {};
    }
    this.#failures++;
    const passing = response.status >= 500 || [408, 425, 429].includes(response.status);
    return passing ? { wait: retryAfter(response) } : { failed: problem };
  }

  /** After a stream that ran: up to the server's delay. After failures: doubling, half of it random, up to the bound. */
  #delay() {
    const { random, minDelay, maxDelay } = this.#options;
    if (this.#failures === 0) return random() * Math.min(this.#retry, maxDelay);
    const most = Math.min(maxDelay, Math.max(minDelay, this.#retry) * 2 ** Math.min(this.#failures - 1, 16));
    return most * (0.5 + random() / 2);
  }

  #sleep(milliseconds) {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  #hurry() {
    this.#wake?.();
  }

  #become(state, problem = null) {
    if (state === this.#state) return;
    this.#state = state;
    this.#call('onState', state, problem);
  }

  /** A handler that throws is reported as an uncaught error, and does not end the stream. */
  #call(handler, ...args) {
    try {
      this.#options[handler]?.(...args);
    } catch (error) {
      if (globalThis.reportError) globalThis.reportError(error);
      else queueMicrotask(() => { throw error; });
    }
  }
}

/** Calls when nothing was read for a while. */
class IdleGuard {
  #milliseconds;
  #call;
  #timer;

  constructor(milliseconds, call) {
    this.#milliseconds = milliseconds;
    this.#call = call;
    this.reset();
  }

  reset() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#call, this.#milliseconds);
  }

  rest() {
    clearTimeout(this.#timer);
  }

  end() {
    clearTimeout(this.#timer);
  }
}

function isStream(response) {
  return (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
}

function aborted(signal) {
  return new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
}

/** Retry-After in milliseconds; only its seconds form, which this API uses. */
function retryAfter(response) {
  const seconds = Number(response.headers.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

/** The sentence of a problem (RFC 9457), else the status. */
async function describe(response) {
  if (response.status === 204) return 'The stream has ended for good.';
  const text = await response.text();
  try {
    return JSON.parse(text).detail ?? `HTTP ${response.status}`;
  } catch {
    return `HTTP ${response.status}`;
  }
}
