/** The port behind rate limits: token buckets of this process, or shared with others. */

export interface RateLimit {
  /** Calls per second in the long run. */
  readonly perSecond: number;
  /** Calls that may pass at once after a pause. */
  readonly burst: number;
}

/** Anything a store throws means limits kept by this process alone, never a failed call. */
export interface RateLimiterStore {
  /**
   * Takes one token of the bucket `key` if there is one; answers at once where it can.
   * @returns 0 when the token was taken, else the milliseconds after which there may be one
   */
  take(key: string, limit: RateLimit): number | Promise<number>;
}
