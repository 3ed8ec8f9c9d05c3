/** The journal on disk: `runs/<id>/events.jsonl`, one event a line, with large values as blobs beside it. */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { ConductorError, messageOf } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import type { BlobRef, Journal, JournalStore, RunEvent, RunId } from '../contracts/index.ts';

const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export interface JournalStoreOptions {
  /** The workspace's state folder; `runs/` is made inside it. */
  readonly directory: string;
  /** True when an event's checksum is its own. */
  readonly isIntact: (event: RunEvent) => boolean;
}

export function createJournalStore(options: JournalStoreOptions): JournalStore {
  const runs = join(options.directory, 'runs');
  const directoryOf = (runId: RunId): string => join(runs, safe(runId));
  return {
    async create(runId) {
      const directory = directoryOf(runId);
      await mkdir(join(directory, 'blobs'), { recursive: true, mode: 0o700 });
      return new FileJournal(directory, await open(join(directory, 'events.jsonl'), 'ax', 0o600));
    },
    async list() {
      const names = await readdir(runs).catch(emptyWhenMissing);
      return names
        .filter((name) => SAFE_NAME.test(name))
        .sort()
        .reverse();
    },
    async read(runId) {
      return readEvents(await readFile(join(directoryOf(runId), 'events.jsonl'), 'utf8'), options.isIntact);
    },
    readBlob: (runId, ref) => readBlob(directoryOf(runId), ref),
    async writeFile(runId, name, text) {
      const path = join(directoryOf(runId), safe(name));
      await writeFileAtomic(path, text, { mode: 0o600 });
      return path;
    },
    readFile: (runId, name) => readFile(join(directoryOf(runId), safe(name)), 'utf8').catch(undefinedWhenMissing),
  };
}

/** Appends strictly in order; everything that waits is written with one call. */
class FileJournal implements Journal {
  readonly #directory: string;
  readonly #file: FileHandle;
  #pending: string[] = [];
  #writing: Promise<void> | undefined;
  #broken: unknown;

  constructor(directory: string, file: FileHandle) {
    this.#directory = directory;
    this.#file = file;
  }

  append(event: RunEvent): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    this.#pending.push(`${JSON.stringify(event)}\n`);
    this.#writing ??= this.#drain();
    return this.#writing;
  }

  async putBlob(value: JsonValue): Promise<BlobRef> {
    const text = JSON.stringify(value);
    const blob = `${createHash('sha256').update(text).digest('hex')}.json`;
    await writeFileAtomic(join(this.#directory, 'blobs', blob), text, { mode: 0o600, fsync: false });
    return { blob, bytes: Buffer.byteLength(text) };
  }

  getBlob(ref: BlobRef): Promise<JsonValue> {
    return readBlob(this.#directory, ref);
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.datasync();
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.#pending.length > 0) {
        const batch = this.#pending.join('');
        this.#pending = [];
        await this.#file.appendFile(batch);
      }
    } catch (error) {
      this.#broken = error;
      throw error;
    } finally {
      this.#writing = undefined;
    }
  }
}

function readEvents(
  text: string,
  isIntact: (event: RunEvent) => boolean,
): { readonly events: readonly RunEvent[]; readonly damage?: string } {
  const events: RunEvent[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '' && index === lines.length - 1) return { events };
    const event = parseEvent(line);
    if (event === undefined || event.seq !== events.length || !isIntact(event)) {
      const what =
        index === lines.length - 1
          ? 'the last event was not written whole'
          : `line ${index + 1} is not what was written`;
      return { events, damage: what };
    }
    events.push(event);
  }
  return { events, damage: 'the last event was not written whole' };
}

function parseEvent(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined;
  }
}

async function readBlob(directory: string, ref: BlobRef): Promise<JsonValue> {
  const path = join(directory, 'blobs', safe(ref.blob));
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ConductorError('INTERNAL', `a value of the run is missing: ${messageOf(error)}`, { cause: error });
  });
  if (`${createHash('sha256').update(text).digest('hex')}.json` !== ref.blob) {
    throw new ConductorError('INTERNAL', `a value of the run was changed on disk: ${path}`);
  }
  return JSON.parse(text) as JsonValue;
}

function safe(name: string): string {
  if (!SAFE_NAME.test(name))
    throw new ConductorError('VALIDATION_FAILED', `not a name of a run or its file: ${JSON.stringify(name)}`);
  return name;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function emptyWhenMissing(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}

function undefinedWhenMissing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}
