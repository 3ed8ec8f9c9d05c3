/**
 * Finished calls in Redis, shared by every machine that reaches it.
 *
 * A claim is a token under `…:claim` that expires by itself; whatever its holder does later is checked against that
 * token in the same script that does it, so a holder that slept past its lease can do nothing any more.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { poll } from '../base/poll.ts';
import type { IdempotencyStore, Reply } from '../contracts/index.ts';
import type { RedisLink } from './redis.ts';

/** KEYS: claim, reply. ARGV: token, lease in milliseconds. */
const CLAIM = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0`;

const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** ARGV: token, reply, its time to live in milliseconds. */
const FINISH = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[1])
return 1`;

const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

export interface RedisIdempotencyOptions {
  readonly link: RedisLink;
  readonly clock: Clock;
  /** Between two looks at somebody else's claim, milliseconds. @default 100 */
  readonly pollMs?: number;
}

export function createRedisIdempotencyStore(options: RedisIdempotencyOptions): IdempotencyStore {
  const { link, clock, pollMs = 100 } = options;
  const { client, prefix } = link;
  const tokens = new Map<string, string>();
  // The braces keep both on one node of a cluster.
  const keysOf = (key: string): [string, string] => [`${prefix}once:{${key}}:claim`, `${prefix}once:{${key}}:reply`];
  const run = async (script: string, key: string, token: string, ...args: (string | number)[]): Promise<boolean> =>
    (await client.eval(script, 2, ...keysOf(key), token, ...args)) === 1;
  const get = async (key: string): Promise<Reply | undefined> => parseReply(await client.get(keysOf(key)[1]), key);
  return {
    get,
    async claim(key, leaseMs) {
      const token = randomBytes(8).toString('hex');
      const isOurs = await run(CLAIM, key, token, Math.ceil(leaseMs));
      if (isOurs) tokens.set(key, token);
      return isOurs;
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
    async release(key) {
      const token = tokens.get(key);
      tokens.delete(key);
      if (token !== undefined) await run(RELEASE, key, token);
    },
    settled: (key, signal) =>
      poll(clock, pollMs, signal, async () => {
        const [claim, reply] = await client.mget(...keysOf(key));
        const finished = parseReply(reply ?? null, key);
        return finished === undefined && typeof claim === 'string' ? undefined : { found: finished };
      }),
  };
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
