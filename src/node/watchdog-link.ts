/** The host's end of the watchdog: spawned with the first server, told every group, replaced if it dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** How often a watchdog that died is replaced before servers are run without one. */
const MAX_RESTARTS = 3;

export interface WatchdogLinkOptions {
  /** The script to run: `dist/watchdog.cjs`, or `src/node/watchdog.ts` from source. */
  readonly script: string;
  /** The program that runs it. @default process.execPath */
  readonly execPath?: string | undefined;
  /** Told when there is no watchdog although there should be one. */
  readonly onProblem: (message: string) => void;
}

export class WatchdogLink {
  readonly #options: WatchdogLinkOptions;
  readonly #groups = new Set<number>();
  #child: ChildProcess | undefined;
  #restarts = 0;
  #disposed = false;

  constructor(options: WatchdogLinkOptions) {
    this.#options = options;
  }

  /** Its process id while it runs; for tests. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Makes sure that there is somebody to tell before a child exists. */
  ensure(): void {
    if (this.#child === undefined && !this.#disposed) this.#launch();
  }

  /** Written to the pipe before this returns, so that a host killed in the next instant has still said it. */
  add(group: number): void {
    this.#groups.add(group);
    this.#write(`add ${group}\n`);
  }

  remove(group: number): void {
    this.#groups.delete(group);
    this.#write(`remove ${group}\n`);
  }

  /** Closes the pipe; the watchdog ends whatever is still listed and exits by itself. */
  dispose(): void {
    this.#disposed = true;
    this.#child?.stdin?.end();
    this.#child = undefined;
  }

  #launch(): void {
    const child = spawn(this.#options.execPath ?? process.execPath, [this.#options.script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
      env: watchdogEnvironment(),
    });
    this.#child = child;
    child.on('error', (error) => this.#lost(child, error.message));
    child.on('exit', (code, signal) => this.#lost(child, `exited (${signal ?? code})`));
    child.stdin.on('error', () => undefined); // the exit that follows is what is acted on
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    for (const group of this.#groups) this.#write(`add ${group}\n`);
  }

  #write(line: string): void {
    if (this.#child?.stdin?.writable) this.#child.stdin.write(line);
  }

  #lost(child: ChildProcess, why: string): void {
    if (this.#disposed || this.#child !== child) return;
    this.#child = undefined;
    this.#options.onProblem(`the watchdog of server processes ${why}`);
    if (this.#restarts >= MAX_RESTARTS) return;
    this.#restarts += 1;
    if (this.#groups.size > 0) this.#launch();
  }
}

/** Nothing of the host's but what no Windows program starts without, and what `taskkill` is found by. */
function watchdogEnvironment(): Record<string, string> {
  const { SystemRoot, PATH } = process.env;
  const windows = process.platform === 'win32' ? { ...(SystemRoot && { SystemRoot }), ...(PATH && { PATH }) } : {};
  return { ELECTRON_RUN_AS_NODE: '1', ...windows };
}
