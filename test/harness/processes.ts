/** Processes, ports and folders that a test borrows: each is given back, whatever happens. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const live = new Set<ChildProcess>();
const folders = new Set<string>();

/** Starts a process as the leader of its own group, so that `stopGroup` reaches its grandchildren too. */
export function spawnGroup(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  guardExit();
  const child = spawn(command, [...args], { ...options, detached: true });
  live.add(child);
  child.once('exit', () => live.delete(child));
  return child;
}

/** Ends a process started by `spawnGroup` with everything below it: politely, then after `graceMs` for good. */
export async function stopGroup(child: ChildProcess, graceMs = 2000): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
  signalGroup(child, 'SIGTERM');
  await Promise.race([ended, sleep(graceMs, undefined, { ref: false })]);
  signalGroup(child, 'SIGKILL');
  await ended;
}

/** The group may be gone already, which is what was wanted. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

let guarded = false;

/** However this process ends, short of SIGKILL, no group and no temporary folder outlives it. */
function guardExit(): void {
  if (guarded) return;
  guarded = true;
  process.once('exit', () => {
    for (const child of live) signalGroup(child, 'SIGKILL');
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  // A signal's default end would skip the handler above.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
}

/** A port on the loopback interface that was free a moment ago. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(wanted, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

export interface TemporaryFolder {
  readonly path: string;
  /** Removes the folder with all that is in it; without it, the end of the process does. */
  dispose(): Promise<void>;
}

/** A folder below the system's temporary one. */
export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  guardExit();
  const path = await mkdtemp(join(tmpdir(), `mcp-conductor-${name}-`));
  folders.add(path);
  return {
    path,
    dispose: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      folders.delete(path);
    },
  };
}

/** Fails with `what` when the work takes longer; the timer never keeps the process alive by itself. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} took longer than ${ms / 1000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}
