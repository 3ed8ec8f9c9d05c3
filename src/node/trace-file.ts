/** Finished calls as JSON lines on disk: written in batches, bounded in size, and never in a call's way. */
import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';
import type { IdSource } from '../base/ids.ts';
import type { TraceEntry, TraceSink } from '../contracts/index.ts';
import { emptyWhenMissing } from './audit-heads.ts';

export interface TraceFileOptions {
  /** Absolute path; made when the first entry comes. */
  readonly directory: string;
  readonly clock: Clock;
  /** Names the files of this process; ids sort by time, so the oldest file is the first. */
  readonly ids: IdSource;
  /** Told once when the traces cannot be written, and once when they can again. */
  readonly onProblem: (message: string) => void;
  /** Bytes after which a new file is begun. @default 8388608 */
  readonly maxFileBytes?: number;
  /** Files kept in the folder, those of other processes included; each command line begins one. @default 1000 */
  readonly maxFiles?: number;
  /** Bytes of all of them; the oldest files go first. @default 67108864 */
  readonly maxFolderBytes?: number;
  /** How long entries gather, milliseconds. @default 200 */
  readonly lingerMs?: number;
  /** Entries that may wait for a slow disk; those beyond it are dropped and counted. @default 10000 */
  readonly maxWaiting?: number;
}

export interface TraceFile {
  readonly sink: TraceSink;
  /** Writes what waits. */
  flush(): Promise<void>;
}

/**
 * @throws RangeError for a number that is not a whole one of at least 1.
 * @example
 * const traces = createTraceFile({ directory, clock: systemClock, ids: systemIds, onProblem: log });
 */
export function createTraceFile(options: TraceFileOptions): TraceFile {
  for (const name of ['maxFileBytes', 'maxFiles', 'maxFolderBytes', 'lingerMs', 'maxWaiting'] as const) {
    const value = options[name] ?? 1;
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`traceFile.${name} must be a whole number of at least 1, not ${value}`);
    }
  }
  const writer = new TraceWriter(options);
  return { sink: (entry) => writer.add(entry), flush: () => writer.flush() };
}

/** Lines put together at once: a long queue must not become one huge string. */
const LINES_AT_ONCE = 256;

class TraceWriter {
  readonly #options: TraceFileOptions;
  #waiting: TraceEntry[] = [];
  #dropped = 0;
  #timer: Disposable | undefined;
  #writing: Promise<void> | undefined;
  #path: string | undefined;
  #bytes = 0;
  #isBroken = false;

  constructor(options: TraceFileOptions) {
    this.#options = options;
  }

  add(entry: TraceEntry): void {
    if (this.#waiting.length >= (this.#options.maxWaiting ?? 10_000)) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(entry);
    this.#timer ??= this.#options.clock.schedule(this.#options.lingerMs ?? 200, () => void this.flush());
  }

  async flush(): Promise<void> {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#writing ??= this.#drain();
    await this.#writing;
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // `#writing` is set before this can end
    while (this.#waiting.length > 0) {
      const entries = this.#waiting.splice(0, LINES_AT_ONCE);
      const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
      try {
        await this.#write(text);
        this.#mended();
      } catch (error) {
        this.#dropped += entries.length;
        this.#broke(error);
      }
    }
    this.#writing = undefined;
  }

  async #write(text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    if (this.#path === undefined || this.#bytes + bytes > (this.#options.maxFileBytes ?? 8 * 1_048_576)) {
      await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
      this.#path = join(this.#options.directory, `${this.#options.ids.next()}.jsonl`);
      this.#bytes = 0;
      await this.#removeOldest();
    }
    await appendFile(this.#path, text, { mode: 0o600 });
    this.#bytes += bytes;
  }

  /** Leaves room for the file about to be begun. */
  async #removeOldest(): Promise<void> {
    const { directory, maxFiles = 1_000, maxFolderBytes = 64 * 1_048_576 } = this.#options;
    const names = (await readdir(directory).catch(emptyWhenMissing)).filter((name) => name.endsWith('.jsonl'));
    let bytes = 0;
    for (const [newer, name] of names.sort().reverse().entries()) {
      const path = join(directory, name);
      bytes += (await stat(path).catch(() => undefined))?.size ?? 0;
      if (newer >= maxFiles - 1 || bytes > maxFolderBytes) await rm(path, { force: true });
    }
  }

  #broke(error: unknown): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#path = undefined;
    this.#options.onProblem(`traces cannot be written to ${this.#options.directory}: ${messageOf(error)}`);
  }

  #mended(): void {
    if (!this.#isBroken && this.#dropped === 0) return;
    this.#options.onProblem(
      `traces are written to ${this.#options.directory} again; ${this.#dropped} calls are missing`,
    );
    this.#isBroken = false;
    this.#dropped = 0;
  }
}
