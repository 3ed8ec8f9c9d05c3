/** A lock between processes: a folder that one of them makes, and that dies with its maker. */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, sleep } from '../base/clock.ts';
import { ConductorError } from '../base/errors.ts';

export interface LockOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds to wait for another holder. */
  readonly timeoutMs: number;
}

/** Milliseconds between two looks at a held lock. */
const POLL_MS = 100;
/** Milliseconds a lock without a name in it may stand: its maker died between two steps. */
const NAMELESS_MS = 5_000;

/**
 * Runs `work` while holding `folder` as a lock.
 * @throws ConductorError TIMEOUT when it stays taken, CANCELLED
 */
export async function withLock<T>(folder: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const start = options.clock.monotonic();
  while (!(await take(folder))) {
    if (await isAbandoned(folder, options.clock)) {
      await rm(folder, { recursive: true, force: true });
      continue;
    }
    if (options.clock.monotonic() - start > options.timeoutMs) {
      throw new ConductorError('TIMEOUT', `another process holds ${folder}; if none does, delete that folder`);
    }
    await sleep(options.clock, POLL_MS, options.signal);
  }
  try {
    return await work();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function take(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(folder, 'pid'), String(process.pid));
  return true;
}

async function isAbandoned(folder: string, clock: Clock): Promise<boolean> {
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => ''));
  if (pid > 0) return !isAlive(pid);
  const made = await stat(folder).catch(() => undefined);
  return made !== undefined && clock.now() - made.mtimeMs > NAMELESS_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
