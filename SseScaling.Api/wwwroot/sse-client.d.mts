/** Where a client stands. `failed`: the server refused for good, or the stream gave way to another one of its user, see the problem; start() tries again. */
export type SseState = 'stopped' | 'connecting' | 'live' | 'resuming' | 'offline' | 'failed';

/** A message as it stood on the wire. */
export interface SseMessage {
  /** The id to resume from behind this message; null when the stream has none. */
  id: string | null;
  /** Whether the id is its own: a message that is not durable has that of the last one that is. */
  durable: boolean;
  /** Its `event:` line; `message` without one. */
  name: string;
  data: string;
}

/** A hole that the server's history could not fill; null where a bound is not known. */
export interface SseGap {
  topic: string | null;
  from: string | null;
  to: string | null;
}

export interface SseOptions {
  /** Where to resume; null starts live. */
  lastEventId?: string | null;
  /** The first delay after a failure, in ms, where the server gave none. Default 500. */
  minDelay?: number;
  /** The longest delay in ms; Retry-After may ask for more. Default 30,000. */
  maxDelay?: number;
  /** A stream that brings nothing for so long, in ms, is taken for dead. Default 45,000: three of the server's heartbeats. */
  idleTimeout?: number;
  /** Called before every attempt, also after 401 and 403; its result is sent as a bearer token. */
  token?: () => string | null | Promise<string | null>;
  /** An event's JSON (a string where it is no JSON). Events of a batch come one by one with the batch's id. */
  onEvent?: (value: unknown, meta: { id: string | null; name: string }) => void;
  /** History was too short: load the state anew. */
  onGap?: (gap: SseGap, id: string | null) => void;
  onState?: (state: SseState, problem: string | null) => void;
  /** Every message as it stood on the wire, gaps included, before it is unpacked. */
  onMessage?: (message: SseMessage) => void;
  /** The position moved, with or without an event. */
  onPosition?: (id: string | null) => void;
  fetch?: typeof fetch;
  /** 0 to 1; for tests. */
  random?: () => number;
}

export class SseClient {
  constructor(url: string, options?: SseOptions);
  readonly state: SseState;
  readonly lastEventId: string | null;
  /** The server's name for itself (`X-Served-By`) on the latest stream; null when it gave none. */
  readonly servedBy: string | null;
  readonly isPaused: boolean;
  /** Opens the stream and keeps it open until stop(). */
  start(): void;
  /** Ends the stream; start() resumes it where it stood. */
  stop(): void;
  /** Cuts the connection as a failing network would; the client resumes by id. */
  drop(): void;
  /** Stops reading from the socket. */
  pause(): void;
  /** Reads again. */
  resume(): void;
}

/** The events of a message: one, or those of `{"batch":[…]}`. */
export function unpack(message: SseMessage): { value: unknown; id: string | null; name: string }[];

/** Whether a message is what the server says of the stream itself (position, reauthenticate, revoked, replaced), and no event of the application. */
export function isOwn(message: SseMessage): boolean;

/** The wire format, in chunks as they come. */
export class SseParser {
  lastEventId: string | null;
  retry: number | null;
  push(chunk: string): SseMessage[];
}
