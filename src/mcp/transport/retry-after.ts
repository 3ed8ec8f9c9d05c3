/** When a server wants to be asked again: the header of HTTP (RFC 9110, 10.2.3), and what JSON-RPC errors say of it. */
import { isJsonObject } from '../../base/json.ts';

/** An HTTP answer that says when to come back; what it was asked for has not been done. */
export class Refused extends Error {
  readonly status: number;
  /** Milliseconds from now. */
  readonly retryAfterMs: number;

  constructor(status: number, retryAfterMs: number) {
    super(`HTTP ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The refusal itself, or what it is the cause of. */
export function refusalIn(error: unknown): Refused | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if (current instanceof Refused) return current;
  }
  return undefined;
}

/**
 * @param value seconds, or a date
 * @param now milliseconds since the epoch
 * @returns milliseconds from now, undefined for what is neither
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  // Dates have a weekday or a month in letters; anything else that `Date.parse` takes is a guess.
  const at = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** JSON-RPC has no code for it: servers write it into `data`, in seconds unless the name says otherwise. */
export function retryAfterOf(data: unknown): number | undefined {
  if (!isJsonObject(data)) return undefined;
  const ms = amount(data.retryAfterMs) ?? amount(data.retry_after_ms);
  if (ms !== undefined) return Math.ceil(ms);
  const seconds = amount(data.retryAfter) ?? amount(data.retry_after) ?? amount(data.retryAfterSeconds);
  return seconds === undefined ? undefined : Math.ceil(seconds * 1_000);
}

function amount(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}
