/** What the configuration says of each server's connections. */
import type { ServerId } from '../contracts/index.ts';
import type { GivenPool } from '../mcp/pool/settings.ts';
import type { UserConfig } from './config/schema.ts';

/** @returns the same object for a server as long as the configuration is the same */
export function serverPools(config: () => Pick<UserConfig, 'pool' | 'servers'>): (server: ServerId) => GivenPool {
  let read = config();
  let known = new Map<ServerId, GivenPool>();
  return (server) => {
    if (read !== config()) {
      read = config();
      known = new Map();
    }
    const pool = known.get(server) ?? givenPool(read, server);
    known.set(server, pool);
    return pool;
  };
}

function givenPool({ pool, servers }: Pick<UserConfig, 'pool' | 'servers'>, server: ServerId): GivenPool {
  const own = servers[server];
  const { max, prefill, calls, idle, health } = { ...pool, ...own?.pool };
  return { max, prefill, calls, idleMs: idle, healthMs: health, stateful: own?.stateful };
}
