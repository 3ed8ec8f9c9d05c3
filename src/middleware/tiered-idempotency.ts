/**
 * Two stores of finished calls as one: this machine's own, which decides, and one that machines share.
 *
 * A key that only this machine can have used is claimed in its own store even when the shared one cannot be asked. Any
 * other key needs both, unless the call may be repeated.
 */
import type { ClaimTerms, IdempotencyClaim, IdempotencyStore, Reply } from '../contracts/index.ts';

export interface TieredIdempotencyOptions {
  readonly own: IdempotencyStore;
  /** What it throws is told by itself. */
  readonly shared: IdempotencyStore;
}

export function createTieredIdempotencyStore({ own, shared }: TieredIdempotencyOptions): IdempotencyStore {
  /** What is claimed in the shared store, too. */
  const claimed = new Map<string, ClaimTerms>();
  const claimShared = async (key: string, terms: ClaimTerms): Promise<IdempotencyClaim | 'alone'> => {
    try {
      return await shared.claim(key, terms);
    } catch (error) {
      if (terms.local || terms.repeatable) return 'alone';
      throw error;
    }
  };
  const inBoth = async (key: string, act: (store: IdempotencyStore) => Promise<void>): Promise<void> => {
    const isShared = claimed.delete(key);
    const ends = await Promise.allSettled([act(own), isShared ? act(shared) : undefined]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };
  return {
    get: async (key) => (await own.get(key)) ?? (await shared.get(key).catch(() => undefined)),
    async claim(key, terms) {
      const mine = await own.claim(key, terms);
      if (mine !== 'ours') return mine;
      let theirs: IdempotencyClaim | 'alone';
      try {
        theirs = await claimShared(key, terms);
      } catch (error) {
        await own.release(key);
        throw error;
      }
      if (theirs === 'alone') return 'ours';
      if (theirs === 'ours') claimed.set(key, terms);
      else await own.release(key);
      return theirs;
    },
    async renew(key, leaseMs) {
      if (!(await own.renew(key, leaseMs))) return false;
      const terms = claimed.get(key);
      if (terms === undefined) return true;
      try {
        // A Redis that started again empty is told anew that somebody is at it.
        return (await shared.renew(key, leaseMs)) || (await shared.claim(key, terms)) === 'ours';
      } catch {
        return true;
      }
    },
    finish: (key, reply, ttlMs) => inBoth(key, (store) => store.finish(key, reply, ttlMs)),
    release: (key) => inBoth(key, (store) => store.release(key)),
    abandon: (key) => inBoth(key, (store) => store.abandon(key)),
    async settled(key, signal): Promise<Reply | undefined> {
      const mine = await own.settled(key, signal);
      if (mine !== undefined) return mine;
      try {
        return await shared.settled(key, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        return undefined; // the next claim says whether that matters
      }
    },
  };
}
