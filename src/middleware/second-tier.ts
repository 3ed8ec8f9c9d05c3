/** The shared cache as the memory in front of it sees it: whatever fails there is a miss, and told once per outage. */
import { type Clock, sleep } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { isJsonObject } from '../base/json.ts';
import type { Reply, SharedCache } from '../contracts/index.ts';

/** A reply with the times that bound its use, in milliseconds since the epoch. */
export interface CachedReply {
  readonly reply: Reply;
  readonly storedAt: number;
  /** Until then it is as good as new. */
  readonly freshUntil: number;
  /** Until then it may be given while a new one is fetched. */
  readonly staleUntil: number;
}

export interface SecondTierOptions {
  readonly shared: SharedCache;
  readonly clock: Clock;
  /** Told once when the shared cache fails, and once when it works again. */
  readonly onOutage: (message: string) => void;
  /** Waited for an answer, milliseconds. @default 250 */
  readonly timeoutMs?: number;
  /** Left alone after a failure, milliseconds. @default 5000 */
  readonly retryAfterMs?: number;
}

const KINDS: ReadonlySet<unknown> = new Set(['tool', 'resource', 'prompt', 'complete']);

export class SecondTier {
  readonly #options: SecondTierOptions;
  /** Milliseconds since the epoch before which it is not asked again; undefined while it works. */
  #downUntil: number | undefined;

  constructor(options: SecondTierOptions) {
    this.#options = options;
  }

  /** @returns the text as it was set */
  get(key: string): Promise<string | undefined> {
    return this.#ask((shared) => shared.get(key));
  }

  /** @param ttlMs milliseconds */
  async set(key: string, text: string, ttlMs: number): Promise<void> {
    await this.#ask((shared) => shared.set(key, text, Math.ceil(ttlMs)));
  }

  async #ask<T>(question: (shared: SharedCache) => Promise<T>): Promise<T | undefined> {
    const { shared, clock, timeoutMs = 250 } = this.#options;
    if (this.#downUntil !== undefined && clock.now() < this.#downUntil) return undefined;
    const patience = new AbortController();
    try {
      const late = sleep(clock, timeoutMs, patience.signal).then(() => {
        throw new Error(`no answer within ${timeoutMs} ms`);
      });
      const answer = await Promise.race([question(shared), late]);
      this.#works();
      return answer;
    } catch (error) {
      this.#fails(error);
      return undefined;
    } finally {
      patience.abort();
    }
  }

  #works(): void {
    if (this.#downUntil === undefined) return;
    this.#downUntil = undefined;
    this.#options.onOutage('the shared cache answers again');
  }

  #fails(error: unknown): void {
    const { clock, onOutage, retryAfterMs = 5_000 } = this.#options;
    const isNew = this.#downUntil === undefined;
    this.#downUntil = clock.now() + retryAfterMs;
    if (isNew) onOutage(`the shared cache does not answer, so calls take longer: ${messageOf(error)}`);
  }
}

/** What others wrote is read defensively: anything that is not a cached reply is a miss. */
export function parseCached(text: string): CachedReply | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value) || !isJsonObject(value.reply) || !KINDS.has(value.reply.kind)) return undefined;
    const times = [value.storedAt, value.freshUntil, value.staleUntil];
    if (!times.every((time) => typeof time === 'number')) return undefined;
    return value as unknown as CachedReply;
  } catch {
    return undefined;
  }
}
