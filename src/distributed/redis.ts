/** One connection to Redis that fails fast while it is down, says so once, and comes back by itself. */
import { Redis } from 'ioredis';
import { messageOf } from '../base/errors.ts';

export interface RedisOptions {
  /** `redis://[:password@]host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Before every key. @default 'mcp-conductor:' */
  readonly prefix?: string;
  /** Told once when it cannot be reached, once when it can again, and of settings that endanger what is kept there. */
  readonly onProblem: (message: string) => void;
  /** Waited for one answer, milliseconds. @default 500 */
  readonly commandTimeoutMs?: number;
  /** Waited for a connection, milliseconds. @default 2000 */
  readonly connectTimeoutMs?: number;
  /** Longest pause before the next attempt to connect, milliseconds. @default 2000 */
  readonly maxReconnectMs?: number;
}

export interface RedisLink {
  readonly client: Redis;
  readonly prefix: string;
  dispose(): void;
}

/**
 * Resolves once connected, or once the first attempt has failed: then it goes on trying, and every command fails
 * until it succeeds.
 *
 * @throws TypeError for an address that is none of Redis.
 * @example
 * const link = await openRedis({ url: 'redis://127.0.0.1:6379', onProblem: log });
 */
export async function openRedis(options: RedisOptions): Promise<RedisLink> {
  const { protocol } = new URL(options.url);
  if (protocol !== 'redis:' && protocol !== 'rediss:') {
    throw new TypeError(`the address of Redis should begin with redis:// or rediss://, not ${protocol}//`);
  }
  const { commandTimeoutMs = 500, connectTimeoutMs = 2_000, maxReconnectMs = 2_000 } = options;
  const client = new Redis(options.url, {
    lazyConnect: true,
    // A command that finds no connection fails at once, and one that lost it is not sent again: it may have been done.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    retryStrategy: (attempt) => Math.min(maxReconnectMs, 50 * 2 ** Math.min(attempt, 10)),
  });
  reportOutages(client, options.onProblem);
  await client.connect().catch(() => undefined); // told by `reportOutages`
  return { client, prefix: options.prefix ?? 'mcp-conductor:', dispose: () => client.disconnect() };
}

function reportOutages(client: Redis, onProblem: (message: string) => void): void {
  let isDown = false;
  client.on('error', (error: unknown) => {
    if (!isDown) onProblem(`Redis cannot be reached: ${messageOf(error)}`);
    isDown = true;
  });
  client.on('ready', () => {
    if (isDown) onProblem('Redis can be reached again');
    isDown = false;
    void warnOfEviction(client, onProblem);
  });
}

/** A cache may lose keys; a claim on a call may not. */
async function warnOfEviction(client: Redis, onProblem: (message: string) => void): Promise<void> {
  let settings: unknown;
  try {
    settings = await client.config('GET', 'maxmemory-policy');
  } catch {
    return; // many hosted servers do not tell
  }
  const policy = Array.isArray(settings) ? String(settings[1]) : 'noeviction';
  if (policy === 'noeviction') return;
  onProblem(
    `Redis may evict keys (maxmemory-policy ${policy}): a claim that is evicted cannot keep a call from being made twice; with noeviction it can`,
  );
}
