/** The bundled servers as the product starts them, asked directly: what they say meanwhile, and how soon they answer. */
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { bundledServers } from '../../../src/app/bundled-servers.ts';

export interface Watched {
  /** Milliseconds for all calls. */
  readonly wall: number;
  /** Milliseconds until a finding was named in the progress of any call. */
  readonly firstFinding: number;
  /** The longest wait for the answer to a ping, in milliseconds. */
  readonly slowestPing: number;
  readonly pings: number;
}

export interface Servers {
  /** Both analyses at once, as a review has them. */
  review(): Promise<Watched>;
  close(): Promise<void>;
}

/** Milliseconds between two pings of a server. */
const PING_MS = 20;
const CALLS = [
  ['code-analysis', 'analyze_repository', { analysis_types: ['complexity', 'patterns', 'smells'] }],
  ['security-scanner', 'scan_repository', { scan_types: ['secrets', 'sast'] }],
] as const;

export async function startServers(dist: string, root: string, state: string): Promise<Servers> {
  const definitions = bundledServers({
    assetsDir: dist,
    roots: [root],
    clonesDir: join(state, 'clones'),
    cacheDir: join(state, 'cache'),
  });
  const clients = new Map<string, Client>();
  for (const { id, launch } of definitions) {
    if (launch.type !== 'stdio') continue;
    const client = new Client({ name: 'bench', version: '1' });
    const env = { ELECTRON_RUN_AS_NODE: '1' };
    await client.connect(
      new StdioClientTransport({ command: launch.command, args: [...(launch.args ?? [])], env, stderr: 'inherit' }),
    );
    clients.set(id, client);
  }
  return {
    review: () => review(clients),
    async close() {
      for (const client of clients.values()) await client.close();
    },
  };
}

async function review(clients: ReadonlyMap<string, Client>): Promise<Watched> {
  const begun = performance.now();
  let firstFinding = Number.POSITIVE_INFINITY;
  const onprogress = ({ message = '' }: { message?: string | undefined }): void => {
    if (/\bso far: /.test(message)) firstFinding = Math.min(firstFinding, performance.now() - begun);
  };
  const waits: number[] = [];
  let isOver = false;
  const pinging = [...clients.values()].map(async (client) => {
    while (!isOver) {
      const sent = performance.now();
      await client.ping();
      waits.push(performance.now() - sent);
      await new Promise((resolve) => setTimeout(resolve, PING_MS));
    }
  });
  await Promise.all(
    CALLS.map(async ([id, name, args]) => {
      const options = { onprogress, timeout: 600_000, resetTimeoutOnProgress: true };
      const reply = await clients
        .get(id)
        ?.callTool({ name, arguments: { ...args, severity_threshold: 'medium' } }, options);
      if (reply === undefined || reply.isError === true) throw new Error(`${name}: ${JSON.stringify(reply?.content)}`);
    }),
  );
  const wall = performance.now() - begun;
  isOver = true;
  await Promise.all(pinging);
  return { wall, firstFinding, slowestPing: Math.max(...waits), pings: waits.length };
}
