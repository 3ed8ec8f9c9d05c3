/** `fetch` for the SDK's HTTP transport, with caps on what comes back and an answer to every request. */
import { isJsonObject } from '../../base/json.ts';
import { cappedResponse } from './capped-response.ts';
import { parseRetryAfter, Refused } from './retry-after.ts';
import { guardedEvents } from './sse-guard.ts';

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export interface GuardedFetchOptions {
  /** The longest JSON body and the longest event, in bytes after decompression. */
  readonly maxBytes: number;
  readonly onNote: (text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** @default the global `fetch` */
  readonly fetch?: Fetch | undefined;
}

const EVENTS = /^text\/event-stream\b/i;

export function guardedFetch(options: GuardedFetchOptions): Fetch {
  const send = options.fetch ?? ((url, init) => fetch(url, init));
  return async (url, init) => {
    const response = await send(url, init);
    await assertWelcome(response, init, options.now());
    if (response.body === null) return response;
    if (!EVENTS.test(response.headers.get('content-type') ?? '')) {
      return cappedResponse(response, response.body, options.maxBytes);
    }
    const { status, statusText, headers } = response;
    const body = guardedEvents(response.body, {
      maxBytes: options.maxBytes,
      request: requestId(init),
      signal: init?.signal ?? undefined,
      onNote: options.onNote,
    });
    return new Response(body, { status, statusText, headers });
  };
}

/** The SDK's errors have no headers: a refusal that names a time is thrown here. @throws Refused */
async function assertWelcome(response: Response, init: RequestInit | undefined, now: number): Promise<void> {
  const { status } = response;
  if (init?.method !== 'POST' || (status !== 429 && status !== 503)) return;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now);
  if (retryAfterMs === undefined) return;
  await response.body?.cancel();
  throw new Refused(status, retryAfterMs);
}

/** The id of the one request a POST carries; undefined for notifications and other methods. */
function requestId(init: RequestInit | undefined): string | number | undefined {
  if (init?.method !== 'POST' || typeof init.body !== 'string') return undefined;
  const message: unknown = JSON.parse(init.body);
  if (!isJsonObject(message) || message.method === undefined) return undefined;
  const id = message.id;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
