/** The audit log on disk: records chained and sealed in batches, one write and one fdatasync each (see audit-chain.ts). */
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import type { Disposable } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';
import type { IdSource } from '../base/ids.ts';
import { canonicalJson, type JsonValue } from '../base/json.ts';
import type { AuditLog, AuditRecord, AuditVerdict, KeyedHash } from '../contracts/index.ts';
import {
  type AuditFile,
  type AuditHead,
  auditFileName,
  type ChainState,
  chainBatch,
  chainStart,
  parseFileName,
  parseLine,
  signHead,
  verifyChains,
} from './audit-chain.ts';
import { type AuditHeads, emptyWhenMissing } from './audit-heads.ts';
import type { AuditMirror } from './audit-mirror.ts';
import { keyedHasher } from './keyed-hash.ts';

export interface AuditLogOptions {
  /** Absolute path; made when the first record comes. */
  readonly directory: string;
  readonly heads: AuditHeads;
  /** Seals commits and hashes arguments; kept apart from the log. */
  readonly key: Buffer;
  readonly clock: Clock;
  /** Names the series of this process. */
  readonly ids: IdSource;
  /** Bytes after which a new file is begun. @default 16777216 */
  readonly maxFileBytes?: number;
  /** Records that make a commit due; what waits for a slow disk by then goes with it. @default 256 */
  readonly batch?: number;
  /** How long records that nobody waits for gather, milliseconds. @default 20 */
  readonly lingerMs?: number;
  /** Records that may wait for a slow disk before the log counts as failed. @default 100000 */
  readonly maxWaiting?: number;
  /** The secret store that is told of the heads. @default none */
  readonly keeper?: string | undefined;
  /** Called with every head that is on disk. */
  readonly onHead?: ((head: AuditHead) => void) | undefined;
}

export interface FileAuditLog extends AuditLog {
  /** Commits what waits, and says in the head that nothing will follow. */
  close(): Promise<void>;
}

/**
 * @throws RangeError for a number that is not a whole one of at least 1.
 * @example
 * const log = createAuditLog({ directory, heads: createFileHeads(dir), key, clock: systemClock, ids: systemIds });
 */
export function createAuditLog(options: AuditLogOptions): FileAuditLog {
  for (const name of ['maxFileBytes', 'batch', 'lingerMs', 'maxWaiting'] as const) {
    const value = options[name] ?? 1;
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`audit.${name} must be a whole number of at least 1, not ${value}`);
    }
  }
  return new ChainedFiles(options);
}

/** Texts up to so many characters are hashed with the commit of their record. */
const MOST_KEPT = 1_024;

class PendingHash {
  readonly #hash: (text: string) => string;
  #text: string;
  #isHashed = false;

  constructor(text: string, hash: (text: string) => string) {
    this.#text = text;
    this.#hash = hash;
  }

  /** The intent and the outcome of a call share the hash of its arguments. */
  toJSON(): string {
    if (!this.#isHashed) this.#text = this.#hash(this.#text);
    this.#isHashed = true;
    return this.#text;
  }
}

/** Records written at once: chaining that many keeps others waiting for a few milliseconds. */
const MOST_AT_ONCE = 2_048;
/** How long one series goes on. */
const SERIES_MS = 86_400_000;
/** Writes before the disk is told to keep them. */
const MOST_PER_SYNC = 16;

/** Records that are committed together, and the promise all of them share. */
interface Batch {
  readonly records: AuditRecord[];
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class ChainedFiles implements FileAuditLog {
  readonly #options: AuditLogOptions;
  #series: string;
  readonly #size: number;
  readonly #hash: (text: string) => string;
  readonly #queue: Batch[] = [];
  #waiting = 0;
  #timer: Disposable | undefined;
  #writing: Promise<void> | undefined;
  #state: ChainState;
  #file: FileHandle | undefined;
  #part = 0;
  #bytes = 0;
  #begunAt = 0;
  #head: AuditHead | undefined;
  #failure: Error | undefined;
  #closed = false;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#series = options.ids.next();
    this.#size = options.batch ?? 256;
    this.#hash = keyedHasher(options.key);
    this.#state = chainStart(this.#series);
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  keyedHash(value: JsonValue): KeyedHash {
    const text = typeof value === 'string' ? value : canonicalJson(value);
    // Long texts are not kept waiting: thousands of records may be.
    return text.length > MOST_KEPT ? this.#hash(text) : new PendingHash(text, this.#hash);
  }

  append(record: AuditRecord, urgent = false): Promise<void> {
    if (this.#closed) this.#fail(new Error('the audit log is closed'));
    const batch = this.#openBatch();
    batch.records.push(record);
    this.#waiting += 1;
    if (this.#waiting > (this.#options.maxWaiting ?? 100_000)) {
      this.#fail(new Error(`the disk does not keep up: ${this.#waiting} audit records wait for it`));
    }
    if (this.#failure !== undefined) this.#rejectAll(this.#failure);
    else if (urgent || batch.records.length >= this.#size) this.#commit();
    else this.#timer ??= this.#options.clock.schedule(this.#options.lingerMs ?? 20, () => this.#commit());
    return batch.promise;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#queue.length > 0) this.#commit();
    await this.#writing;
    this.#closed = true;
    this.#timer?.dispose();
    if (this.#file === undefined) return;
    await this.#file.close();
    if (this.#failure === undefined) await this.#endSeries();
  }

  /** A series that lay idle for long may have been taken for one whose writer died; what became of it then stays so. */
  async #endSeries(): Promise<void> {
    if (this.#isOld()) {
      const heads = await this.#options.heads.list();
      if (heads.find(({ series }) => series === this.#series)?.mac !== this.#head?.mac) return;
    }
    await this.#writeHead(true);
  }

  #isOld(): boolean {
    return this.#options.clock.now() - this.#begunAt >= SERIES_MS;
  }

  /** Only what has ended is ever let go of, and an editor may stay open for months. */
  async #newSeriesWhenOld(): Promise<void> {
    if (this.#file === undefined || !this.#isOld()) return;
    await this.#file.close();
    await this.#endSeries();
    this.#series = this.#options.ids.next();
    this.#state = chainStart(this.#series);
    this.#file = undefined;
    this.#part = 0;
    this.#bytes = 0;
  }

  #openBatch(): Batch {
    const last = this.#queue.at(-1);
    if (last !== undefined && last.records.length < MOST_AT_ONCE) return last;
    const { promise, resolve, reject } = deferred<void>();
    promise.catch(() => undefined); // `failure` tells those who do not wait
    const batch = { records: [], promise, resolve, reject };
    this.#queue.push(batch);
    return batch;
  }

  #commit(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#writing ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // Whatever else this turn brings goes with the same commit; and `#writing` is set before this can end.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#commitSome();
    this.#writing = undefined;
  }

  /** While records come faster than the disk takes them, more and more of them share one sync. */
  async #commitSome(): Promise<void> {
    const written: Batch[] = [];
    try {
      await this.#newSeriesWhenOld();
      for (let batch = this.#queue.shift(); batch !== undefined; batch = this.#queue.shift()) {
        written.push(batch);
        await this.#write(batch.records);
        if (written.length === MOST_PER_SYNC) break;
      }
      await this.#file?.datasync();
      await this.#writeHead(false);
      for (const { records, resolve } of written) {
        this.#waiting -= records.length;
        resolve();
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(messageOf(error)));
      for (const { reject } of written) reject(error);
      this.#rejectAll(error);
    }
  }

  async #write(records: readonly AuditRecord[]): Promise<void> {
    const { text, end } = chainBatch(this.#state, records, this.#options.key);
    const bytes = Buffer.byteLength(text);
    const file = await this.#fileFor(bytes);
    await file.appendFile(text);
    this.#bytes += bytes;
    this.#state = end;
  }

  async #fileFor(bytes: number): Promise<FileHandle> {
    const isFull = this.#bytes > 0 && this.#bytes + bytes > (this.#options.maxFileBytes ?? 16 * 1_048_576);
    if (this.#file !== undefined && !isFull) return this.#file;
    if (this.#file === undefined) {
      // The head comes first: from its first line on, a series without one has lost it.
      await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
      this.#begunAt = this.#options.clock.now();
      await this.#writeHead(false);
    }
    await this.#file?.datasync();
    await this.#file?.close();
    this.#part += 1;
    this.#bytes = 0;
    this.#file = await open(join(this.#options.directory, auditFileName(this.#series, this.#part)), 'ax', 0o600);
    await syncDirectory(this.#options.directory);
    return this.#file;
  }

  async #writeHead(closed: boolean): Promise<void> {
    const { key, keeper, heads, onHead } = this.#options;
    const head = { series: this.#series, seq: this.#state.seq, seal: this.#state.prev, closed };
    this.#head = signHead(keeper === undefined ? head : { ...head, keeper }, key);
    await heads.write(this.#head);
    onHead?.(this.#head);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
  }

  #rejectAll(error: unknown): void {
    for (const batch of this.#queue.splice(0)) batch.reject(error);
  }
}

/** A new file's name is on disk only when its folder is; Windows has no such call and needs none. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Finds any edit, deletion, reordering and truncation. The log may be written meanwhile.
 * @param mirror - the secret store whose word counts as well
 */
export async function verifyAudit(
  directory: string,
  heads: AuditHeads,
  key: Buffer,
  mirror?: Pick<AuditMirror, 'name' | 'read'>,
): Promise<AuditVerdict> {
  // What vouches comes first: what is committed after it was read only makes the files longer than it says.
  let problem: string | undefined;
  const told = await mirror?.read().catch((error: unknown) => {
    problem = messageOf(error);
    return [];
  });
  const known: readonly AuditHead[] = await heads.list();
  const verdict = verifyChains(await auditFiles(directory), known, key, told);
  if (mirror === undefined || told === undefined) return verdict;
  return { ...verdict, witness: { store: mirror.name, series: told.length, problem } };
}

/** Every record as one JSON line with its series, in the order of writing within each. */
export async function* exportAudit(directory: string, heads: AuditHeads): AsyncGenerator<string> {
  const starts = new Map((await heads.list()).map((head) => [head.series, head.start?.part ?? 1]));
  for (const { name, read } of await auditFiles(directory)) {
    const { series, part } = parseFileName(name) ?? { series: name, part: 1 };
    if (part < (starts.get(series) ?? 1)) continue;
    for (const line of read().split('\n')) {
      const body = parseLine(line)?.body;
      if (body === undefined) continue;
      const { prev: _, ...record } = JSON.parse(body) as { readonly prev: string };
      yield JSON.stringify({ series, ...record });
    }
  }
}

export async function auditFiles(directory: string): Promise<readonly AuditFile[]> {
  const names = (await readdir(directory).catch(emptyWhenMissing)).filter((name) => parseFileName(name) !== undefined);
  return names.sort().map((name) => ({ name, read: () => readText(join(directory, name)) }));
}

/** A byte that is no UTF-8 must not be read as the replacement character another edit could have put there. */
function readText(path: string): string {
  const bytes = readFileSync(path);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const decode = (line: string): string => {
    const raw = Buffer.from(line, 'latin1');
    return isUtf8(raw) ? raw.toString('utf8') : line;
  };
  return bytes.toString('latin1').split('\n').map(decode).join('\n');
}
