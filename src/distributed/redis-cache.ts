/** The second tier of the cache, shared by every process that reaches the same Redis. */
import type { SharedCache } from '../contracts/index.ts';
import type { RedisLink } from './redis.ts';

export function createRedisCache({ client, prefix }: RedisLink): SharedCache {
  const keyOf = (key: string): string => `${prefix}cache:${key}`;
  return {
    get: async (key) => (await client.get(keyOf(key))) ?? undefined,
    async set(key, value, ttlMs) {
      await client.set(keyOf(key), value, 'PX', Math.max(1, Math.ceil(ttlMs)));
    },
    async delete(key) {
      await client.del(keyOf(key));
    },
  };
}
