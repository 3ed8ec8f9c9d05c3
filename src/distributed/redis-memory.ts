/**
 * Whether Redis still knows all that it was told: a claim on a call that it forgets early is no protection.
 *
 * Two things make it forget: evicting for want of memory, which its setting tells, and starting again empty (or being
 * flushed), which a mark tells that is set once and never expires.
 */
import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { RedisLink } from './redis.ts';

/** How long an answer about the setting is relied on, milliseconds. */
const CHECKED_MS = 30_000;

const MARK = `
local mark = redis.call('GET', KEYS[1])
if mark then return mark end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]`;

export interface RedisMemory {
  /** @throws Error naming the setting by which Redis may evict keys, or saying that it does not tell */
  assureNoEviction(): Promise<void>;
  /** @param forMs how long a loss matters, milliseconds @throws Error while keys of before a loss could be asked for */
  assureNothingLost(forMs: number): Promise<void>;
}

/** What was seen of the mark last. */
export interface SeenMark {
  readonly mark: string;
  /** When another was found in its place, milliseconds since the epoch; absent when none ever was. */
  readonly lostAt?: number | undefined;
}

/** Where that outlives the process; what goes wrong with it is its own to tell. */
export interface SeenMarkStore {
  load(): Promise<SeenMark | undefined>;
  save(seen: SeenMark): Promise<void>;
}

/** @param store - @default it ends with this process */
export function watchRedisMemory({ ask, prefix, clock, onProblem }: RedisLink, store?: SeenMarkStore): RedisMemory {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let endangered: string | undefined;
  let known: SeenMark | undefined;
  return {
    async assureNoEviction() {
      if (clock.now() - checkedAt >= CHECKED_MS) {
        const before = endangered;
        endangered = await ask(dangerOf);
        checkedAt = clock.now();
        if (endangered !== undefined && endangered !== before) onProblem(endangered);
      }
      if (endangered !== undefined) throw new Error(endangered);
    },
    async assureNothingLost(forMs) {
      known ??= await store?.load();
      const candidate = randomBytes(8).toString('hex');
      const mark = String(await ask((client) => client.eval(MARK, 1, `${prefix}once:mark`, candidate)));
      if (known?.mark !== mark) {
        if (known !== undefined) onProblem('Redis has lost what it held: with appendonly yes it would not');
        known = { mark, ...(known === undefined ? {} : { lostAt: clock.now() }) };
        await store?.save(known);
      }
      const { lostAt } = known;
      if (lostAt === undefined || clock.now() >= lostAt + forMs) return;
      const since = new Date(lostAt).toISOString();
      throw new Error(`Redis has lost what it held before ${since}; a key that nobody used before is safe`);
    },
  };
}

async function dangerOf(client: Redis): Promise<string | undefined> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1];
  if (policy === 'noeviction') return undefined;
  const why =
    policy === undefined ? 'does not tell its maxmemory-policy' : `may evict keys (maxmemory-policy ${policy})`;
  return `Redis ${why}, so it cannot keep a call from being made twice; set maxmemory-policy noeviction, or give it a Redis of its own`;
}
