/** What a Streamable HTTP response may do to us: bounded bodies and events, and every request's stream ends in an answer. */
import { messageOf } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';
import { readEnvelope, UNUSABLE_REPLY, unusableReply } from './envelope.ts';

type RequestId = string | number;

export interface SseGuardOptions {
  /** The longest event, in bytes. */
  readonly maxBytes: number;
  /** The request this stream answers; undefined for the stream of notifications. */
  readonly request: RequestId | undefined;
  /** The caller's: a stream that it ended itself needs no answer. */
  readonly signal: AbortSignal | undefined;
  readonly onNote: (text: string) => void;
}

/** Marks, in the error answers made up here, that the connection ended and not that the server said something unusable. */
export const LOST = 'connection-lost';

/**
 * Passes events on as they are, except that a reply that cannot be used is replaced by an error answer, and that a
 * stream which ends without the answer it was opened for is given one. Without that the caller waits out its time limit.
 */
export function guardedEvents(body: ReadableStream<Uint8Array>, options: SseGuardOptions): ReadableStream<Uint8Array> {
  return ReadableStream.from(guardEvents(body, options));
}

async function* guardEvents(
  body: ReadableStream<Uint8Array>,
  options: SseGuardOptions,
): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  const state = { answered: options.request === undefined, resumable: false };
  const { request } = options;
  // A stream whose events have ids is resumed by the SDK, so its end is no end.
  const lost = (): boolean => !state.answered && !state.resumable && options.signal?.aborted !== true;
  try {
    for await (const event of splitEvents(body, options.maxBytes)) {
      state.resumable ||= /^id:/m.test(event);
      const verdict = inspect(event, options);
      state.answered ||= verdict.answered;
      yield encoder.encode(verdict.text);
    }
  } catch (error) {
    if (request === undefined || !lost()) throw error;
    state.answered = true;
    const message = unanswered(request, messageOf(error), error instanceof TooLong ? undefined : LOST);
    yield encoder.encode(message);
  }
  if (request !== undefined && lost())
    yield encoder.encode(unanswered(request, 'the stream ended without an answer', LOST));
}

class TooLong extends Error {}

/** One event at a time, with the blank line that ends it. Only what is new is searched, however long the event gets. */
async function* splitEvents(body: ReadableStream<Uint8Array>, maxBytes: number): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  let tail = '';
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true });
    const end = lastEventEnd(tail + text) - tail.length;
    if (end > 0) {
      yield* `${parts.join('')}${text.slice(0, end)}`.split(EVENT_END);
      parts = [];
      length = 0;
      tail = '';
    }
    const rest = end > 0 ? text.slice(end) : text;
    parts.push(rest);
    length += rest.length;
    tail = (tail + rest).slice(1 - LONGEST_END);
    if (length > maxBytes) throw new TooLong(`an event is longer than ${mega(maxBytes)}`);
  }
  if (length > 0) yield `${parts.join('')}\n\n`;
}

const EVENT_END = /(?<=\r\n\r\n|\n\n|\r\r)/;
const LONGEST_END = 4;

/** Where the last whole event ends; 0 when none does. */
function lastEventEnd(text: string): number {
  const ends = ['\r\n\r\n', '\n\n', '\r\r'].map((end) => {
    const at = text.lastIndexOf(end);
    return at === -1 ? 0 : at + end.length;
  });
  return Math.max(...ends);
}

function inspect(event: string, options: SseGuardOptions): { readonly text: string; readonly answered: boolean } {
  const unchanged = { text: event, answered: false };
  const data = event
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).replace(/^ /, ''))
    .join('\n');
  if (data === '' || options.request === undefined) return unchanged;
  const value = parse(data);
  const envelope = readEnvelope(value);
  if (envelope.kind === 'message') {
    const answered = isJsonObject(value) && value.method === undefined && value.id === options.request;
    return { text: event, answered };
  }
  options.onNote(`sent an event that cannot be used: ${envelope.problem}`);
  const concerns = envelope.reply || value === undefined;
  if (!concerns || (envelope.id !== undefined && envelope.id !== options.request)) return unchanged;
  return { text: eventText(unusableReply(options.request, envelope.problem)), answered: true };
}

function unanswered(id: RequestId, problem: string, mark?: string): string {
  return eventText({
    jsonrpc: '2.0',
    id,
    error: { code: UNUSABLE_REPLY, message: problem, ...(mark === undefined ? {} : { data: mark }) },
  });
}

function eventText(message: unknown): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mega(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}
