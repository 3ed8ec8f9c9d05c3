/** JSON over HTTP as a public API needs it: time limits, retries with back-off, `Retry-After`, and a limit on size. */
import { type Clock, sleep } from '../../../base/clock.ts';
import { abortError, throwIfAborted } from '../../../base/abort.ts';
import { ConductorError, messageOf } from '../../../base/errors.ts';

export interface HttpOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** @default globalThis.fetch */
  readonly fetch?: typeof fetch | undefined;
  /** Of one attempt. @default 20,000 ms */
  readonly timeoutMs?: number | undefined;
}

/** An answer that is none: the status, or what went wrong before there was one. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  /** Milliseconds after which the server wants to be asked again. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, status?: number, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 500;
/** A server that wants to rest for longer is not waited for. */
const LONGEST_WAIT_MS = 30_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * @param body sent as JSON by POST; without it the address is read by GET
 * @throws HttpError when it did not work out, ConductorError CANCELLED
 */
export async function requestJson(url: string, body: unknown, options: HttpOptions): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    throwIfAborted(options.signal);
    try {
      return await attemptJson(url, body, options);
    } catch (error) {
      if (options.signal.aborted) throw abortError(options.signal);
      if (!(error instanceof HttpError) || !isTransient(error) || attempt === ATTEMPTS) throw error;
      const wait = error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
      if (wait > LONGEST_WAIT_MS) throw error;
      await sleep(options.clock, wait, options.signal);
    }
  }
}

function isTransient({ status }: HttpError): boolean {
  return status === undefined || status === 429 || status === 408 || status >= 500;
}

async function attemptJson(url: string, body: unknown, options: HttpOptions): Promise<unknown> {
  const { clock, signal, timeoutMs = 20_000, fetch: send = fetch } = options;
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let isLate = false;
  const timer = clock.schedule(timeoutMs, () => {
    isLate = true;
    controller.abort();
  });
  try {
    const response = await send(url, { ...requestOf(body), signal: controller.signal });
    if (!response.ok) throw await refused(response, clock);
    return parsed(await textOf(response));
  } catch (error) {
    if (error instanceof HttpError) throw error;
    if (signal.aborted) throw abortError(signal);
    throw new HttpError(isLate ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error));
  } finally {
    timer.dispose();
    signal.removeEventListener('abort', onAbort);
  }
}

function requestOf(body: unknown): RequestInit {
  const headers = { accept: 'application/json', 'user-agent': 'mcp-conductor' };
  if (body === undefined) return { headers };
  return { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** The cause says more than "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause instanceof Error && cause.message !== '' ? cause : error);
}

async function refused(response: Response, clock: Clock): Promise<HttpError> {
  const said = await textOf(response).catch(() => '');
  const message = /"message"\s*:\s*"([^"]{1,200})"/.exec(said)?.[1] ?? '';
  const after = waitOf(response.headers.get('retry-after'), clock.now());
  return new HttpError(`HTTP ${response.status}${message === '' ? '' : `: ${message}`}`, response.status, after);
}

/** Seconds, or a date. */
function waitOf(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new HttpError(`an answer of more than ${MAX_BYTES / 1024 / 1024} MB`, response.status);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(`the answer is not JSON: ${messageOf(error).slice(0, 100)}`, 200);
  }
}

/** @throws ConductorError VALIDATION_FAILED for what is no address of a web server */
export function checkedBase(url: string): string {
  const isWeb = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (isWeb) return url.replace(/\/+$/, '');
  throw new ConductorError('VALIDATION_FAILED', `${url} is not an http or https address`);
}
