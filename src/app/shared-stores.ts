/** What machines share where the configuration names a Redis: cached replies, limits and finished calls. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { AsyncDisposable } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';
import { isJsonObject } from '../base/json.ts';
import type { IdempotencyStore, RateLimiterStore, SharedCache } from '../contracts/index.ts';
import type { RedisLink } from '../distributed/redis.ts';
import type { SeenMark, SeenMarkStore } from '../distributed/redis-memory.ts';
import { writeWholeFile } from '../node/whole-file.ts';
import type { RedisSection } from './config/sections/redis.ts';

export interface SharedStores {
  readonly cache: SharedCache;
  readonly limits: RateLimiterStore;
  readonly finished: IdempotencyStore;
}

export interface SharedStoresOptions {
  readonly section: RedisSection;
  readonly clock: Clock;
  /** Absolute path of a folder for what is remembered of each Redis. */
  readonly directory: string;
  readonly environment: (name: string) => string | undefined;
  readonly secret: (name: string) => Promise<string | undefined>;
  readonly onProblem: (message: string) => void;
}

/**
 * Returns at once: the connection is made beside everything else, and until it is there each question to a store fails
 * as it does while Redis is down.
 */
export function openSharedStores(options: SharedStoresOptions): SharedStores & AsyncDisposable {
  const opening = open(options);
  opening.catch((error: unknown) => options.onProblem(`Redis is not used: ${messageOf(error)}`));
  const stores = opening.then(({ stores: opened }) => opened);
  stores.catch(() => undefined); // told above
  return {
    cache: {
      get: async (key) => (await stores).cache.get(key),
      set: async (key, value, ttlMs) => (await stores).cache.set(key, value, ttlMs),
      delete: async (key) => (await stores).cache.delete(key),
    },
    limits: { take: async (key, limit) => (await stores).limits.take(key, limit) },
    finished: {
      get: async (key) => (await stores).finished.get(key),
      claim: async (key, terms) => (await stores).finished.claim(key, terms),
      renew: async (key, leaseMs) => (await stores).finished.renew(key, leaseMs),
      finish: async (key, reply, ttlMs) => (await stores).finished.finish(key, reply, ttlMs),
      release: async (key) => (await stores).finished.release(key),
      abandon: async (key) => (await stores).finished.abandon(key),
      settled: async (key, signal) => (await stores).finished.settled(key, signal),
    },
    dispose: () => opening.then(({ link }) => link.dispose()).catch(() => undefined),
  };
}

/** ioredis is loaded here and nowhere else: it costs nothing where no Redis is configured. */
async function open(
  options: SharedStoresOptions,
): Promise<{ readonly stores: SharedStores; readonly link: RedisLink }> {
  const { section, clock, onProblem } = options;
  const fill = (text: string | undefined, field: string): Promise<string | undefined> => filled(text, field, options);
  const [redis, cache, limits, finished] = await Promise.all([
    import('../distributed/redis.ts'),
    import('../distributed/redis-cache.ts'),
    import('../distributed/redis-rate-limit.ts'),
    import('../distributed/redis-idempotency.ts'),
  ]);
  const url = (await fill(section.url, 'url')) ?? '';
  const link = await redis.openRedis({
    url,
    username: await fill(section.username, 'username'),
    password: await fill(section.password, 'password'),
    ca: section.ca === undefined ? undefined : await readFile(section.ca, 'utf8'),
    clock,
    prefix: section.prefix,
    commandTimeoutMs: section.timeout,
    onProblem,
  });
  const stores = {
    cache: cache.createRedisCache(link),
    limits: limits.createRedisRateLimiter(link),
    finished: finished.createRedisIdempotencyStore({ link, seenMarks: seenMarks(options, url) }),
  };
  return { stores, link };
}

/** A file for each Redis and prefix. What cannot be read counts as never seen. */
function seenMarks({ directory, section, onProblem }: SharedStoresOptions, url: string): SeenMarkStore {
  const { host, pathname } = new URL(url);
  const name = createHash('sha256').update(`${host}${pathname} ${section.prefix}`).digest('hex').slice(0, 16);
  const file = join(directory, `${name}.json`);
  return {
    async load() {
      try {
        const seen: unknown = JSON.parse(await readFile(file, 'utf8'));
        return isJsonObject(seen) && typeof seen.mark === 'string' ? (seen as unknown as SeenMark) : undefined;
      } catch {
        return undefined;
      }
    },
    save: (seen) =>
      writeWholeFile(file, JSON.stringify(seen)).catch((error: unknown) =>
        onProblem(`${file} could not be written: ${messageOf(error)}`),
      ),
  };
}

const REFERENCE = /\$\{(env|secret):([^}]+)\}/g;

/** @throws Error naming the field and what is not there; never a value */
async function filled(
  text: string | undefined,
  field: string,
  { environment, secret }: SharedStoresOptions,
): Promise<string | undefined> {
  if (text === undefined) return undefined;
  const values = new Map<string, string>();
  for (const [whole, kind, name = ''] of text.matchAll(REFERENCE)) {
    const value = kind === 'env' ? environment(name) : await secret(name);
    const what = kind === 'env' ? 'environment variable' : 'stored secret';
    if (value === undefined) throw new Error(`config.yaml: redis.${field}: there is no ${what} ${name}`);
    values.set(whole, value);
  }
  return text.replace(REFERENCE, (whole) => values.get(whole) ?? whole);
}
