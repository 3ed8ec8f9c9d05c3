/** Token buckets in memory: the limits of one process (guide: Rate Limiting). */
import type { Clock } from '../base/clock.ts';
import type { RateLimit, RateLimiterStore } from '../contracts/index.ts';

interface Bucket {
  readonly limit: RateLimit;
  tokens: number;
  /** Monotonic milliseconds. */
  filledAt: number;
}

/** Buckets kept before the full ones, which say nothing, are thrown away. */
const MANY = 1_000;

/** Never lets more pass in any stretch of time than `burst + perSecond × seconds`. */
export class TokenBuckets implements RateLimiterStore {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  take(key: string, limit: RateLimit): number {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key) ?? this.#create(key, limit, now);
    const filled = ((now - bucket.filledAt) * limit.perSecond) / 1_000;
    bucket.tokens = Math.min(limit.burst, bucket.tokens + filled);
    bucket.filledAt = now;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    // A wait that rounding made too short by a hair would only be asked for again.
    return Math.max(0.001, ((1 - bucket.tokens) * 1_000) / limit.perSecond);
  }

  #create(key: string, limit: RateLimit, now: number): Bucket {
    if (this.#buckets.size >= MANY) this.#forgetFull(now);
    const bucket = { limit, tokens: limit.burst, filledAt: now };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** A bucket that has had the time to fill up is as good as a new one. */
  #forgetFull(now: number): void {
    for (const [key, { limit, tokens, filledAt }] of this.#buckets) {
      if (tokens + ((now - filledAt) * limit.perSecond) / 1_000 >= limit.burst) this.#buckets.delete(key);
    }
  }
}
