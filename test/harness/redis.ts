/** A real Redis for a test: Debian's `redis-server` on a free loopback port, without persistence, ended with the test. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { within } from './processes.ts';

export interface TestRedis {
  readonly url: string;
  /** The process stops answering, and goes on. */
  pause(): void;
  resume(): void;
  /** As a crash would. */
  kill(): Promise<void>;
  /** On the same port, with nothing in it. */
  restart(): Promise<void>;
  /** Ends it. */
  dispose(): Promise<void>;
}

/** Debian's name of the package and of the program in it. */
const PROGRAM = 'redis-server';
const INSTALL = `apt-get install -y --no-install-recommends ${PROGRAM}`;

/** Installs the package where it may and has to. @throws Error with the command that would help */
function ensureRedis(): void {
  if (spawnSync(PROGRAM, ['--version']).status === 0) return;
  if (process.getuid?.() === 0) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const { status } = spawnSync('sh', ['-c', `${INSTALL} || { apt-get update -qq && ${INSTALL}; }`], { env });
    if (status === 0 && spawnSync(PROGRAM, ['--version']).status === 0) return;
  }
  throw new Error(`${PROGRAM} is needed and not there; install it: sudo ${INSTALL}`);
}

/** @param settings - further ones, as on the command line: `['--maxmemory', '4mb']` */
export async function startRedis(settings: readonly string[] = []): Promise<TestRedis> {
  ensureRedis();
  const port = await freePort();
  let child = await launch(port, settings);
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: end,
    async restart() {
      await end();
      child = await launch(port, settings);
    },
    dispose: end,
  };
}

async function launch(port: number, settings: readonly string[]) {
  const quiet = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1', '--dir', tmpdir()];
  const child = spawn(PROGRAM, ['--port', String(port), ...quiet, ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('Ready to accept connections')) break;
    }
  })();
  await within(10_000, PROGRAM, ready);
  child.stdout.resume();
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
