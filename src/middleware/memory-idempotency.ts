/** Finished calls in the memory of this process: enough where nothing has to survive it. */
import type { Clock } from '../base/clock.ts';
import { poll } from '../base/poll.ts';
import type { IdempotencyStore, Reply } from '../contracts/index.ts';

type Entry =
  | { readonly kind: 'held'; readonly holder: object; readonly until: number }
  | { readonly kind: 'finished'; readonly reply: Reply; readonly until: number };

export type IdempotencyEntries = Map<string, Entry>;

export interface MemoryIdempotencyOptions {
  readonly clock: Clock;
  /** Shared by stores that stand for several holders. @default its own */
  readonly entries?: IdempotencyEntries;
  /** Keys kept; the oldest goes first. @default 10000 */
  readonly maxEntries?: number;
}

/** Milliseconds between two looks at a claim of somebody else. */
const POLL_MS = 50;

export function createMemoryIdempotencyStore(options: MemoryIdempotencyOptions): IdempotencyStore {
  const { clock, entries = new Map(), maxEntries = 10_000 } = options;
  const holder = {};
  const current = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || clock.now() < entry.until) return entry;
    entries.delete(key);
    return undefined;
  };
  const isOurs = (key: string): boolean => {
    const entry = current(key);
    return entry?.kind === 'held' && entry.holder === holder;
  };
  const finished = (key: string): Reply | undefined => {
    const entry = current(key);
    return entry?.kind === 'finished' ? entry.reply : undefined;
  };
  const put = (key: string, entry: Entry): void => {
    entries.delete(key);
    entries.set(key, entry);
    const oldest = entries.size > maxEntries ? entries.keys().next().value : undefined;
    if (oldest !== undefined) entries.delete(oldest);
  };
  return {
    get: async (key) => finished(key),
    async claim(key, leaseMs) {
      if (current(key) !== undefined) return false;
      put(key, { kind: 'held', holder, until: clock.now() + leaseMs });
      return true;
    },
    async renew(key, leaseMs) {
      if (!isOurs(key)) return false;
      put(key, { kind: 'held', holder, until: clock.now() + leaseMs });
      return true;
    },
    async finish(key, reply, ttlMs) {
      if (!isOurs(key)) throw new Error('the claim has been lost');
      put(key, { kind: 'finished', reply, until: clock.now() + ttlMs });
    },
    async release(key) {
      if (isOurs(key)) entries.delete(key);
    },
    settled: (key, signal) =>
      poll(clock, POLL_MS, signal, async () => (current(key)?.kind === 'held' ? undefined : { found: finished(key) })),
  };
}
