/** Finished calls in the memory of this process: enough where nothing has to survive it. */
import type { Clock } from '../base/clock.ts';
import { poll } from '../base/poll.ts';
import type { IdempotencyStore, Reply } from '../contracts/index.ts';

type Entry =
  /** After `until` nobody knows what became of it, and `ttlMs` later it is forgotten. */
  | { readonly kind: 'held'; readonly holder: object; readonly until: number; readonly ttlMs: number }
  | { readonly kind: 'finished'; readonly reply: Reply; readonly until: number };

type Held = Extract<Entry, { readonly kind: 'held' }>;

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
    if (entry === undefined || clock.now() < entry.until + (entry.kind === 'held' ? entry.ttlMs : 0)) return entry;
    entries.delete(key);
    return undefined;
  };
  const ours = (key: string): Held | undefined => {
    const entry = current(key);
    return entry?.kind === 'held' && entry.holder === holder ? entry : undefined;
  };
  const isHeld = (key: string): boolean => {
    const entry = current(key);
    return entry?.kind === 'held' && clock.now() < entry.until;
  };
  const finished = (key: string): Reply | undefined => {
    const entry = current(key);
    return entry?.kind === 'finished' ? entry.reply : undefined;
  };
  const held = (ttlMs: number, leaseMs: number): Entry => ({
    kind: 'held',
    holder,
    until: clock.now() + leaseMs,
    ttlMs,
  });
  /** A key keeps its place from its first claim on: moving it would cost more than all the rest. */
  const put = (key: string, entry: Entry): void => {
    entries.set(key, entry);
    if (entries.size > maxEntries) forgetOldest(entries, Math.ceil(maxEntries / 16));
  };
  return {
    get: async (key) => finished(key),
    async claim(key, { leaseMs, ttlMs, repeatable }) {
      const entry = current(key);
      if (entry?.kind === 'finished' || isHeld(key)) return 'taken';
      if (entry !== undefined && !repeatable) return 'unknown';
      put(key, held(ttlMs, leaseMs));
      return 'ours';
    },
    async renew(key, leaseMs) {
      const claim = ours(key);
      if (claim === undefined) return false;
      put(key, held(claim.ttlMs, leaseMs));
      return true;
    },
    async finish(key, reply, ttlMs) {
      if (ours(key) === undefined) throw new Error('the claim has been lost');
      put(key, { kind: 'finished', reply, until: clock.now() + ttlMs });
    },
    async release(key) {
      if (ours(key) !== undefined) entries.delete(key);
    },
    async abandon(key) {
      const claim = ours(key);
      if (claim !== undefined) put(key, held(claim.ttlMs, 0));
    },
    settled: (key, signal) =>
      poll(clock, POLL_MS, signal, async () => (isHeld(key) ? undefined : { found: finished(key) })),
  };
}

/** Many at once: finding the first entry of a map means passing over all that were deleted before it. */
function forgetOldest(entries: IdempotencyEntries, count: number): void {
  let left = count;
  for (const key of entries.keys()) {
    if (left === 0) return;
    left -= 1;
    entries.delete(key);
  }
}
