/**
 * The process that outlives its host just long enough to end the host's servers: it is told process groups over its
 * standard input ("add 123", "remove 123") and, when that pipe closes for whatever reason, ends every group still listed.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';

/** Milliseconds a group has between SIGTERM and SIGKILL. */
const TERM_GRACE_MS = 1_000;
const POLL_MS = 50;

/** Group ids are those of their leaders, so 0 and 1 (our own group, everyone) can never be meant. */
function parseGroup(text: string | undefined): number | undefined {
  const group = Number(text);
  return Number.isSafeInteger(group) && group > 1 ? group : undefined;
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  if (process.platform === 'win32') return endTree(group, signal);
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    // ESRCH: the group is gone. EPERM: it is no longer ours. Either way there is nothing left to do here.
    return false;
  }
}

/** Windows has no process groups: the tree under the process is ended at once. */
function endTree(pid: number, signal: NodeJS.Signals | 0): boolean {
  if (signal !== 0) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
  return false;
}

async function endGroups(groups: ReadonlySet<number>): Promise<void> {
  let alive = [...groups].filter((group) => signalGroup(group, 'SIGTERM'));
  const deadline = performance.now() + TERM_GRACE_MS;
  while (alive.length > 0 && performance.now() < deadline) {
    await wait(POLL_MS);
    alive = alive.filter((group) => signalGroup(group, 0));
  }
  for (const group of alive) signalGroup(group, 'SIGKILL');
}

function applyLine(groups: Set<number>, line: string): void {
  const [verb, id] = line.split(' ');
  const group = parseGroup(id);
  if (group === undefined) return;
  if (verb === 'add') groups.add(group);
  else if (verb === 'remove') groups.delete(group);
}

async function main(): Promise<void> {
  // Whatever ends the host's terminal session must not end the one who cleans up after it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const groups = new Set<number>();
  let rest = '';
  try {
    for await (const chunk of process.stdin) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) applyLine(groups, line);
    }
  } finally {
    await endGroups(groups);
  }
}

void main();
