/**
 * Finished calls in Redis, shared by every machine that reaches it.
 *
 * A claim is a token under `…:claim` with the end of its lease; past that end nobody knows what became of the call,
 * and that is remembered for the time to live. Whatever the holder does later is checked against the token in the
 * same script that does it, so a holder whose claim was taken over can do nothing any more.
 */
import { randomBytes } from 'node:crypto';
import { poll } from '../base/poll.ts';
import type { IdempotencyClaim, IdempotencyStore, Reply } from '../contracts/index.ts';
import type { RedisLink } from './redis.ts';
import { type SeenMarkStore, watchRedisMemory } from './redis-memory.ts';

/** By the clock of Redis: those of its clients differ. Milliseconds. */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS: claim, reply. ARGV: token, lease and time to live in milliseconds, whether the call may be repeated. */
const CLAIM = `${NOW}
if redis.call('EXISTS', KEYS[2]) == 1 then return 'taken' end
local held = redis.call('HGET', KEYS[1], 'until')
if held then
  if now < tonumber(held) then return 'taken' end
  if ARGV[4] ~= 'yes' then return 'unknown' end
end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'until', now + ARGV[2], 'ttl', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2] + ARGV[3])
return 'ours'`;

const OURS = `${NOW}
local token, ttl = unpack(redis.call('HMGET', KEYS[1], 'token', 'ttl'))
if token ~= ARGV[1] then return 0 end`;

/** ARGV: token, lease in milliseconds. */
const RENEW = `${OURS}
redis.call('HSET', KEYS[1], 'until', now + ARGV[2])
return redis.call('PEXPIRE', KEYS[1], ARGV[2] + ttl)`;

/** ARGV: token, reply, its time to live in milliseconds. */
const FINISH = `${OURS}
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return redis.call('DEL', KEYS[1])`;

const RELEASE = `${OURS}
return redis.call('DEL', KEYS[1])`;

const ABANDON = `${OURS}
redis.call('HSET', KEYS[1], 'until', now)
return redis.call('PEXPIRE', KEYS[1], ttl)`;

const HELD_OR_REPLY = `${NOW}
local reply = redis.call('GET', KEYS[2])
if reply then return {1, reply} end
local held = redis.call('HGET', KEYS[1], 'until')
if held and now < tonumber(held) then return {0} end
return {1}`;

export interface RedisIdempotencyOptions {
  readonly link: RedisLink;
  /** Where it outlives the process that Redis was seen to have lost what it held. @default nowhere */
  readonly seenMarks?: SeenMarkStore | undefined;
  /** Between two looks at somebody else's claim, milliseconds. @default 100 */
  readonly pollMs?: number;
}

export function createRedisIdempotencyStore(options: RedisIdempotencyOptions): IdempotencyStore {
  const { link, seenMarks, pollMs = 100 } = options;
  const { ask, prefix, clock } = link;
  const memory = watchRedisMemory(link, seenMarks);
  const tokens = new Map<string, string>();
  // The braces keep both on one node of a cluster.
  const keysOf = (key: string): [string, string] => [`${prefix}once:{${key}}:claim`, `${prefix}once:{${key}}:reply`];
  const run = async (script: string, key: string, token: string, ...args: (string | number)[]): Promise<boolean> =>
    (await ask((client) => client.eval(script, 2, ...keysOf(key), token, ...args))) === 1;
  const letGo = async (script: string, key: string): Promise<void> => {
    const token = tokens.get(key);
    tokens.delete(key);
    if (token !== undefined) await run(script, key, token);
  };
  const get = async (key: string): Promise<Reply | undefined> =>
    parseReply(await ask((client) => client.get(keysOf(key)[1])), key);
  return {
    get,
    async claim(key, { leaseMs, ttlMs, repeatable, local }) {
      if (!repeatable) await memory.assureNoEviction();
      if (!repeatable && !local) await memory.assureNothingLost(ttlMs);
      const token = randomBytes(8).toString('hex');
      const terms = [token, Math.ceil(leaseMs), Math.ceil(ttlMs), repeatable ? 'yes' : 'no'];
      const claim = asClaim(await ask((client) => client.eval(CLAIM, 2, ...keysOf(key), ...terms)));
      if (claim === 'ours') tokens.set(key, token);
      return claim;
    },
    async renew(key, leaseMs) {
      const token = tokens.get(key);
      return token !== undefined && run(RENEW, key, token, Math.ceil(leaseMs));
    },
    async finish(key, reply, ttlMs) {
      const token = tokens.get(key) ?? '';
      tokens.delete(key);
      const isDone = await run(FINISH, key, token, JSON.stringify(reply), Math.max(1, Math.ceil(ttlMs)));
      if (!isDone) throw new Error('the claim has been lost');
    },
    release: (key) => letGo(RELEASE, key),
    abandon: (key) => letGo(ABANDON, key),
    settled: (key, signal) =>
      poll(clock, pollMs, signal, async () => {
        const [isOver, reply] = (await ask((client) => client.eval(HELD_OR_REPLY, 2, ...keysOf(key)))) as [
          number,
          string?,
        ];
        return isOver === 1 ? { found: parseReply(reply ?? null, key) } : undefined;
      }),
  };
}

function asClaim(answer: unknown): IdempotencyClaim {
  if (answer === 'ours' || answer === 'taken' || answer === 'unknown') return answer;
  throw new Error(`Redis answered ${JSON.stringify(answer)} to a claim`);
}

/** @throws Error when the call was made and nobody can tell what came of it */
function parseReply(text: string | null, key: string): Reply | undefined {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as Reply;
  } catch (error) {
    throw new Error(`what Redis holds for ${key} is no finished call`, { cause: error });
  }
}
