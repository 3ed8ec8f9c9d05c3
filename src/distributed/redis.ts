/** One connection to Redis that is made when first needed, fails fast while it is down, says so once, and comes back. */
import { Redis, type RedisOptions as ClientOptions, ReplyError } from 'ioredis';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { Circuit } from './circuit.ts';

export interface RedisOptions {
  /** `redis://[:password@]host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Instead of one in `url`. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Certificate authorities (PEM) besides those of the system; for `rediss://`. */
  readonly ca?: string | undefined;
  readonly clock: Clock;
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
  /** How long nobody asks after a question without an answer, milliseconds. @default 2000 */
  readonly restMs?: number;
}

export interface RedisLink {
  readonly prefix: string;
  /** @throws at once while Redis is gone; a command that was sent may have been done all the same */
  ask<T>(command: (client: Redis) => Promise<T>): Promise<T>;
  readonly onProblem: (message: string) => void;
  readonly clock: Clock;
  /** Lets what has been asked for be done first, as long as any answer is waited for. */
  dispose(): Promise<void>;
}

/**
 * Resolves once connected, or once the first attempt has failed: then it goes on trying, and every command fails
 * until it succeeds.
 *
 * @throws TypeError for an address that is none of Redis.
 * @example
 * const link = await openRedis({ url: 'redis://127.0.0.1:6379', clock: systemClock, onProblem: log });
 */
export async function openRedis(options: RedisOptions): Promise<RedisLink> {
  const { url, clock, prefix = 'mcp-conductor:', restMs = 2_000 } = options;
  const onProblem = (message: string): void => options.onProblem(withoutPassword(message, options));
  const client = new Redis(checkedAddress(url), clientOptions(options));
  const circuit = new Circuit({
    clock,
    restMs,
    isOutage: (error) => !(error instanceof ReplyError),
    onDown: (reason) => onProblem(`Redis cannot be reached: ${reason}`),
    onUp: () => onProblem('Redis can be reached again'),
  });
  client.on('error', (error: unknown) => circuit.down(messageOf(error)));
  client.on('ready', () => circuit.up());
  await client.connect().catch(() => undefined); // told by its `error`
  return {
    prefix,
    clock,
    onProblem,
    ask: (command) => circuit.ask(() => command(client)),
    dispose: async () => {
      await client.quit().catch(() => undefined);
      client.disconnect();
    },
  };
}

function clientOptions(options: RedisOptions): ClientOptions {
  const { username, password, ca, commandTimeoutMs = 500, connectTimeoutMs = 2_000, maxReconnectMs = 2_000 } = options;
  return {
    lazyConnect: true,
    // A command that finds no connection fails at once, and one that lost it is not sent again: it may have been done.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    retryStrategy: (attempt) => Math.min(maxReconnectMs, 50 * 2 ** Math.min(attempt, 10)),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  };
}

/** The address itself is in no message: a password may be in it. */
function checkedAddress(url: string): string {
  if (!URL.canParse(url)) throw new TypeError('the address of Redis is no URL; it should be like redis://host:6379/0');
  const { protocol } = new URL(url);
  if (protocol === 'redis:' || protocol === 'rediss:') return url;
  throw new TypeError(`the address of Redis should begin with redis:// or rediss://, not ${protocol}//`);
}

function withoutPassword(message: string, { url, password }: RedisOptions): string {
  const inUrl = new URL(url).password;
  const secrets = [password ?? '', inUrl, decodeURIComponent(inUrl)].filter((secret) => secret !== '');
  return secrets.reduce((text, secret) => text.replaceAll(secret, '[REDACTED]'), message);
}
