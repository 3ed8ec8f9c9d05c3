/** Signals to a whole process group, and waiting for it to be gone. */
import { spawn } from 'node:child_process';
import { type Clock, sleep } from '../base/clock.ts';

const POLL_MS = 20;

/** @returns false when there is no such group any more. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  if (process.platform === 'win32') return signalTree(group, signal);
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // EPERM means that the id has passed to somebody else: not ours to end.
    if (isSystemError(error) && (error.code === 'ESRCH' || error.code === 'EPERM')) return false;
    throw error;
  }
}

/** Resolves to true once the group is gone, to false when `ms` milliseconds have passed before that. */
export async function groupGone(clock: Clock, group: number, ms: number): Promise<boolean> {
  const deadline = clock.monotonic() + ms;
  while (signalGroup(group, 0)) {
    if (clock.monotonic() >= deadline) return false;
    await sleep(clock, POLL_MS);
  }
  return true;
}

/** Windows has no process groups to signal: the tree under the process is ended with `taskkill`. */
function signalTree(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (signal !== 0) {
    const killer = spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    // Without taskkill only the process itself can be ended.
    killer.on('error', () => process.kill(pid));
  }
  return true;
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
