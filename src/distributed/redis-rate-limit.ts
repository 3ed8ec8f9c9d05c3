/** Token buckets in Redis: one limit for all processes and machines that share a server. */
import type { RateLimiterStore } from '../contracts/index.ts';
import type { RedisLink } from './redis.ts';

/** ARGV: tokens per second, burst. By the clock of Redis: those of its clients differ. @returns milliseconds as text */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or burst, tonumber(kept[2]) or now
tokens = math.min(burst, tokens + math.max(0, now - at) * rate / 1000)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.max(0.001, (1 - tokens) * 1000 / rate) end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.3f', math.max(now, at)))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return string.format('%.3f', wait)`;

export function createRedisRateLimiter({ ask, prefix }: RedisLink): RateLimiterStore {
  return {
    async take(key, { perSecond, burst }) {
      return Number(await ask((client) => client.eval(TAKE, 1, `${prefix}rate:${key}`, perSecond, burst)));
    },
  };
}
