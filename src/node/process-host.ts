/** Server processes on Node: each in a process group of its own, ended in stages, and ended even if the host is killed. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { type Clock, systemClock } from '../base/clock.ts';
import { ConductorError, messageOf } from '../base/errors.ts';
import type { ChildHandle, ProcessHost, ProcessSpec } from '../contracts/server.ts';
import { groupGone, isSystemError, signalGroup } from './process-group.ts';
import { WatchdogLink } from './watchdog-link.ts';

export interface ProcessHostOptions {
  /** The watchdog's script: `dist/watchdog.cjs`, or `src/node/watchdog.ts` from source. */
  readonly watchdogScript: string;
  /** The program that runs the watchdog. @default process.execPath */
  readonly execPath?: string | undefined;
  /** Milliseconds a server has to leave after its standard input ended. @default 500 */
  readonly endGraceMs?: number | undefined;
  /** Milliseconds its group has between SIGTERM and SIGKILL. @default 2000 */
  readonly termGraceMs?: number | undefined;
  /** @default systemClock */
  readonly clock?: Clock | undefined;
  /** Told what went wrong beside any one server. @default ignored */
  readonly onProblem?: ((message: string) => void) | undefined;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
type Exit = Awaited<ChildHandle['exited']>;

interface Grace {
  readonly clock: Clock;
  readonly endMs: number;
  readonly termMs: number;
}

/** How long after SIGKILL the kernel may take to reap a group before we stop waiting for it, in milliseconds. */
const KILL_WAIT_MS = 5_000;

/**
 * @example
 * const host = createProcessHost({ watchdogScript: join(dist, 'watchdog.cjs') });
 * const child = await host.spawn({ command: 'node', args: ['server.js'], env: { PATH: '/usr/bin' } });
 */
export function createProcessHost(
  options: ProcessHostOptions,
): ProcessHost & { readonly watchdogPid: number | undefined } {
  const grace: Grace = {
    clock: options.clock ?? systemClock,
    endMs: options.endGraceMs ?? 500,
    termMs: options.termGraceMs ?? 2_000,
  };
  const watchdog = new WatchdogLink({
    script: options.watchdogScript,
    execPath: options.execPath,
    onProblem: options.onProblem ?? (() => undefined),
  });
  const running = new Set<ChildHandle>();
  let disposed = false;

  return {
    get watchdogPid() {
      return watchdog.pid;
    },
    async spawn(spec) {
      await assertFolder(spec);
      if (disposed) throw new ConductorError('CANCELLED', `"${spec.command}" was not started: shutting down`);
      watchdog.ensure();
      const child = await launch(spec, watchdog);
      const { handle, cleaned } = makeHandle(child, watchdog, grace);
      running.add(handle);
      void cleaned.then(() => running.delete(handle));
      return handle;
    },
    async dispose() {
      disposed = true;
      await Promise.all([...running].map((handle) => handle.stop()));
      watchdog.dispose();
    },
  };
}

/** Node reports a missing folder as a missing command; it is said here which of the two it was. */
async function assertFolder(spec: ProcessSpec): Promise<void> {
  if (spec.cwd === undefined) return;
  const found = await stat(spec.cwd).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new ConductorError(
      'SERVER_START_FAILED',
      `could not start "${spec.command}": its working folder ${spec.cwd} does not exist or is not a folder`,
      { retryable: false },
    );
  }
}

function launch(spec: ProcessSpec, watchdog: WatchdogLink): Promise<Child> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(startError(spec, error));
    try {
      const child = spawn(spec.command, [...spec.args], {
        cwd: spec.cwd,
        env: { ...spec.env },
        detached: process.platform !== 'win32',
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
      });
      if (child.pid !== undefined) watchdog.add(child.pid);
      child.once('error', fail);
      child.once('spawn', () => {
        child.off('error', fail);
        resolve(child);
      });
    } catch (error) {
      fail(error); // an argument holding a null byte, or an environment the system refuses
    }
  });
}

/** What the system has too little of just now; everything else would fail in the same way again. */
const SHORT_OF: ReadonlySet<string> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY']);

function startError(spec: ProcessSpec, error: unknown): ConductorError {
  const code = isSystemError(error) ? error.code : undefined;
  const why = code === 'ENOENT' ? notFoundReason(spec) : code === 'EACCES' ? 'it is not executable' : messageOf(error);
  const path = code === 'ENOENT' ? { path: spec.env.PATH ?? '' } : {};
  return new ConductorError('SERVER_START_FAILED', `could not start "${spec.command}": ${why}`, {
    cause: error,
    retryable: code !== undefined && SHORT_OF.has(code),
    details: { command: spec.command, ...path },
  });
}

function notFoundReason(spec: ProcessSpec): string {
  if (/[/\\]/.test(spec.command)) return 'there is no such file';
  const path = spec.env.PATH ?? '';
  return path === '' ? 'PATH is empty, so the command must be an absolute path' : 'there is no such command in PATH';
}

function makeHandle(
  child: Child,
  watchdog: WatchdogLink,
  grace: Grace,
): { readonly handle: ChildHandle; readonly cleaned: Promise<void> } {
  const pid = child.pid ?? -1;
  // A write after the child's end is answered by `exited`; without a listener it would end the host.
  child.stdin.on('error', () => undefined);
  child.on('error', () => undefined);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // Whatever the server started and left behind goes with it.
  const cleaned = exited.then(async () => {
    await endGroup(pid, grace);
    watchdog.remove(pid);
  });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    child.stdin.end();
    if (!(await within(grace.clock, exited, grace.endMs))) await endGroup(pid, grace);
    await cleaned;
  };
  const handle: ChildHandle = {
    pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
  return { handle, cleaned };
}

async function endGroup(group: number, grace: Grace): Promise<void> {
  if (!signalGroup(group, 'SIGTERM')) return;
  if (await groupGone(grace.clock, group, grace.termMs)) return;
  signalGroup(group, 'SIGKILL');
  await groupGone(grace.clock, group, KILL_WAIT_MS);
}

/** Whether `work` settles within `ms` milliseconds. */
async function within(clock: Clock, work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.schedule(ms, () => resolve(false));
    void work.then(() => {
      timer.dispose();
      resolve(true);
    });
  });
}
