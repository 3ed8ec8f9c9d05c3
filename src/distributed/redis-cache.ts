/** The second tier of the cache, shared by every process that reaches the same Redis. */
import type { SharedCache } from '../contracts/index.ts';
import type { RedisLink } from './redis.ts';

export function createRedisCache({ ask, prefix }: RedisLink): SharedCache {
  const keyOf = (key: string): string => `${prefix}cache:${key}`;
  return {
    get: async (key) => (await ask((client) => client.get(keyOf(key)))) ?? undefined,
    async set(key, value, ttlMs) {
      await ask((client) => client.set(keyOf(key), value, 'PX', Math.max(1, Math.ceil(ttlMs))));
    },
    async delete(key) {
      await ask((client) => client.del(keyOf(key)));
    },
  };
}
