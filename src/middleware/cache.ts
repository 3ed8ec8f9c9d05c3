/** Answers a call from what was answered before, where policy or step allow it (guide: Caching Strategies). */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Call, CallRecord, Invoke, Middleware, PolicyOf, Reply, SharedCache } from '../contracts/index.ts';
import { argumentsDigestOf } from './arguments-digest.ts';
import { checkNumber, checkWhole } from './option-checks.ts';
import { type CachedReply, parseCached, SecondTier } from './second-tier.ts';
import { replyText } from './reply-text.ts';
import { SingleFlight } from './single-flight.ts';
import { targetOf } from './target.ts';

/** What an answer depends on besides its arguments. */
export interface CallIdentity {
  /** Digest of how the server is started or where it is. */
  readonly serverIdentity: string;
  /** Of the tool; empty for a resource. */
  readonly definitionHash: string;
}

export interface CacheOptions {
  readonly clock: Clock;
  readonly policyOf: PolicyOf;
  /** Undefined when it is not known: then nothing is cached. */
  readonly identify: (call: Call) => CallIdentity | undefined;
  /** Brings up a server that is not known yet; a call that is not answered from the cache would do so anyway. */
  readonly start?: ((call: Call) => Promise<unknown>) | undefined;
  /** A second tier that other processes share. @default none */
  readonly shared?: SharedCache | undefined;
  /** Told once when the shared tier fails and once when it works again, and when a renewal in the background fails. */
  readonly onProblem: (message: string) => void;
  /** Entries kept in memory. @default 1000 */
  readonly maxEntries?: number;
  /** Bytes kept in memory, as JSON. @default 67108864 */
  readonly maxBytes?: number;
  /** How long after its time an answer is still given while a new one is fetched, milliseconds. @default 0 */
  readonly staleMs?: number;
  /** Waited for the shared tier, milliseconds. @default 250 */
  readonly sharedTimeoutMs?: number;
  /** The shared tier is left alone after a failure, milliseconds. @default 5000 */
  readonly sharedRetryAfterMs?: number;
}

/**
 * Off unless policy or step give a time to live; never longer than the server's `ttlMs`, and what it calls private
 * stays in this process. Failures are not kept. Calls that ask the same at the same time share one.
 *
 * @throws RangeError for a bound that is none.
 * @example
 * composeStack(directory.invoke, { cache: cache({ clock, policyOf, identify, onProblem: log, shared: redisCache }) });
 */
export function cache(options: CacheOptions): Middleware {
  const replies = new ReplyCache(options);
  const started = async (call: Call, ttlMs: number, next: Invoke): Promise<Reply> => {
    await options.start?.(call).catch(() => undefined); // the call itself says why it did not start
    const identity = options.identify(call);
    return identity === undefined ? next(call) : replies.answer(keyOf(call, identity), call, ttlMs, next);
  };
  return (next: Invoke): Invoke =>
    function cacheCall(call) {
      const ttlMs = ttlOf(call, options.policyOf);
      if (ttlMs === undefined || ttlMs <= 0) return next(call);
      const identity = options.identify(call);
      if (identity !== undefined) return replies.answer(keyOf(call, identity), call, ttlMs, next);
      return options.start === undefined ? next(call) : started(call, ttlMs, next);
    };
}

/** Of the times that are kept beside a reply, as JSON, in characters. */
const TIMES_LENGTH = 90;

interface Answer {
  readonly reply: Reply;
  readonly replay: 'cache' | undefined;
}

class ReplyCache {
  readonly #options: CacheOptions;
  readonly #staleMs: number;
  readonly #memory: LRUCache<string, CachedReply>;
  readonly #second: SecondTier | undefined;
  readonly #flights = new SingleFlight<Answer>();

  constructor(options: CacheOptions) {
    const { clock, shared, onProblem } = options;
    this.#options = options;
    this.#staleMs = checkNumber('cache.staleMs', options.staleMs ?? 0, 0);
    this.#memory = new LRUCache({
      max: checkWhole('cache.maxEntries', options.maxEntries ?? 1_000, 1),
      maxSize: checkWhole('cache.maxBytes', options.maxBytes ?? 64 * 1_048_576, 1),
    });
    const timeoutMs = checkNumber('cache.sharedTimeoutMs', options.sharedTimeoutMs ?? 250, 1);
    const retryAfterMs = checkNumber('cache.sharedRetryAfterMs', options.sharedRetryAfterMs ?? 5_000, 0);
    this.#second =
      shared === undefined
        ? undefined
        : new SecondTier({ shared, clock, onOutage: onProblem, timeoutMs, retryAfterMs });
  }

  answer(key: string, call: Call, ttlMs: number, next: Invoke): Promise<Reply> {
    const now = this.#options.clock.now();
    const kept = this.#memory.get(key);
    if (kept !== undefined && now < kept.staleUntil) {
      const isFresh = now < freshUntil(kept, ttlMs);
      if (!isFresh) this.#renew(key, call, ttlMs, next);
      if (call.record !== undefined) call.record.replay = isFresh ? 'cache' : 'stale';
      return Promise.resolve(kept.reply);
    }
    const load = this.#second === undefined ? this.#fetch : this.#load;
    const answer = this.#flights.run(key, call.signal, (signal) =>
      load.call(this, key, { ...call, signal }, ttlMs, next),
    );
    return answer.then(({ reply, replay }) => {
      if (replay !== undefined && call.record !== undefined) call.record.replay = replay;
      return reply;
    });
  }

  async #load(key: string, call: Call, ttlMs: number, next: Invoke): Promise<Answer> {
    const text = await this.#second?.get(key);
    const shared = text === undefined ? undefined : parseCached(text);
    if (text !== undefined && shared !== undefined && this.#options.clock.now() < freshUntil(shared, ttlMs)) {
      this.#memory.set(key, shared, { size: text.length });
      return { reply: shared.reply, replay: 'cache' };
    }
    return this.#fetch(key, call, ttlMs, next);
  }

  async #fetch(key: string, call: Call, ttlMs: number, next: Invoke): Promise<Answer> {
    const reply = await next(call);
    if (reply.kind !== 'tool' || !reply.isError) this.#keep(key, reply, ttlMs, call.record);
    return { reply, replay: undefined };
  }

  #keep(key: string, reply: Reply, ttlMs: number, record: CallRecord | undefined): void {
    const limits = serverLimits(reply);
    const freshMs = Math.min(ttlMs, limits.ttlMs);
    if (freshMs <= 0) return;
    const storedAt = this.#options.clock.now();
    const staleMs = Math.min(freshMs + this.#staleMs, limits.ttlMs);
    const entry: CachedReply = { reply, storedAt, freshUntil: storedAt + freshMs, staleUntil: storedAt + staleMs };
    this.#memory.set(key, entry, { size: replyText(reply, record).length + TIMES_LENGTH });
    // Nobody waits for the others' copy; what goes wrong with it is told by the tier itself.
    if (!limits.isPrivate) void this.#second?.set(key, JSON.stringify(entry), freshMs);
  }

  /** The one who asked has the old answer by then: the new one is fetched for the next. */
  #renew(key: string, call: Call, ttlMs: number, next: Invoke): void {
    if (this.#flights.has(key)) return;
    const ours = { ...call, signal: new AbortController().signal, onProgress: undefined, deadline: undefined };
    const renewal = this.#flights.run(key, ours.signal, (signal) => this.#fetch(key, { ...ours, signal }, ttlMs, next));
    renewal.catch((error: unknown) =>
      this.#options.onProblem(`${call.server}.${targetOf(call.request)} could not be renewed: ${messageOf(error)}`),
    );
  }
}

function ttlOf({ request, server, cacheTtlMs }: Call, policyOf: PolicyOf): number | undefined {
  if (request.kind === 'tool') return cacheTtlMs ?? policyOf(server, request.tool).cacheTtlMs;
  return request.kind === 'resource' ? cacheTtlMs : undefined;
}

/** An answer that was kept for long is not given to a call that wants a newer one. */
function freshUntil(kept: CachedReply, ttlMs: number): number {
  return Math.min(kept.freshUntil, kept.storedAt + ttlMs);
}

function keyOf(call: Call, { serverIdentity, definitionHash }: CallIdentity): string {
  const { kind, id } = call.principal ?? { kind: null, id: null };
  const { request } = call;
  const parts = [serverIdentity, definitionHash, request.kind, targetOf(request), argumentsDigestOf(call), kind, id];
  return hash('sha256', JSON.stringify(parts));
}

/** What the server itself allows: `ttlMs` in milliseconds and `cacheScope` of the 2026-07-28 specification. */
function serverLimits(reply: Reply): { readonly ttlMs: number; readonly isPrivate: boolean } {
  const meta = reply.kind === 'tool' || reply.kind === 'resource' ? reply.meta : undefined;
  const ttlMs = typeof meta?.ttlMs === 'number' ? Math.max(0, meta.ttlMs) : Number.POSITIVE_INFINITY;
  return { ttlMs, isPrivate: meta?.cacheScope !== undefined && meta.cacheScope !== 'public' };
}
