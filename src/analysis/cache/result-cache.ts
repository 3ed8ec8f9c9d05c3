/** Results of single files, remembered by what is in the file; what an earlier review found need not be found again. */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { stampOf, type WalkedFile } from '../walk.ts';
import { createBreath } from './breath.ts';
import { createLedger, type FileLedger } from './file-ledger.ts';
import { KEY_LENGTH, MAX_PACK_BYTES, type Pack, type PackEntry, packEntry, readPack, writePack } from './pack-file.ts';

export interface ResultCacheOptions {
  /** Folder of the packs; made when it is missing. */
  readonly folder: string;
  /** Says which analysis made the results: those of another are not used. */
  readonly version: string;
  readonly clock: Clock;
  /** Bytes of all packs together; the longest unused go first. @default 512 MB */
  readonly maxBytes?: number | undefined;
  /** Told what keeps the cache from working; results are the same without it. */
  readonly onProblem: (message: string) => void;
}

export interface ResultCache {
  /** What is known of the files of a repository: shared by all topics and by all servers that use the folder. */
  ledger(root: string): Promise<FileLedger>;
  /** The results of one topic for a repository. Never throws. */
  open(topic: string, root: string): Promise<FileResults>;
}

export interface Question<T> {
  readonly file: WalkedFile;
  /** Of its content; undefined when it is not known: then nothing is remembered. */
  readonly digest: string | undefined;
  /** Everything besides path and content that the result depends on. */
  readonly asked: string;
  readonly make: () => Promise<T>;
  /** Whether the result is worth remembering. */
  readonly keeps: (value: T) => boolean;
}

export interface FileResults {
  /** The remembered result for a file of this content, else what `make` gives. */
  of<T>(question: Question<T>): Promise<T>;
  /** Writes what is new; with `complete`, what was not asked for is forgotten. Never throws. */
  save(complete: boolean): Promise<void>;
}

const MAX_BYTES = 512 * 1024 * 1024;
/** Hours after which a file that was never finished is removed. */
const STALE_HOURS = 1;

/** Remembers nothing. */
export const NO_RESULTS: FileResults = { of: ({ make }) => make(), save: () => Promise.resolve() };

export function createResultCache(options: ResultCacheOptions): ResultCache {
  const { folder } = options;
  const save = async (file: string, version: string, entries: ReadonlyMap<string, PackEntry>): Promise<void> => {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writePack(file, version, entries);
      await evict(folder, options.maxBytes ?? MAX_BYTES, options.clock.now(), file);
    } catch (error) {
      options.onProblem(`results are not remembered: ${messageOf(error)}`);
    }
  };
  return {
    ledger: (root) => createLedger({ file: join(folder, packName('files', root)), clock: options.clock, save }),
    async open(topic, root) {
      const file = join(folder, packName(topic, root));
      const pack = await readPack(file, options.version);
      return new PackedResults(pack, {
        write: (entries) => save(file, options.version, entries),
        // What is used is not the first to go.
        touch: () => utimes(file, new Date(options.clock.now()), new Date(options.clock.now())).catch(() => undefined),
      });
    },
  };
}

function packName(topic: string, root: string): string {
  return `${topic}-${createHash('sha256').update(root).digest('hex').slice(0, 24)}.pack`;
}

interface Disk {
  readonly write: (entries: ReadonlyMap<string, PackEntry>) => Promise<void>;
  readonly touch: () => Promise<void>;
}

class PackedResults implements FileResults {
  readonly #pack: Pack;
  readonly #disk: Disk;
  readonly #used = new Set<string>();
  readonly #made = new Map<string, PackEntry>();
  readonly #breathe = createBreath();
  #bytes = 0;

  constructor(pack: Pack, disk: Disk) {
    this.#pack = pack;
    this.#disk = disk;
  }

  async of<T>({ file, digest, asked, make, keeps }: Question<T>): Promise<T> {
    if (digest === undefined) return make();
    const key = createHash('sha256')
      .update(JSON.stringify([file.path, digest, asked]))
      .digest('hex');
    const short = key.slice(0, KEY_LENGTH);
    const known = this.#take<T>(short);
    await this.#breathe();
    if (known !== undefined) return known.value;
    const value = await make();
    if (keeps(value) && (await isUnchanged(file))) this.#keep(short, value);
    return value;
  }

  async save(complete: boolean): Promise<void> {
    const kept = complete ? this.#used : new Set(this.#pack.keys());
    if (this.#made.size === 0 && kept.size === this.#pack.size) return this.#disk.touch();
    const entries = new Map<string, PackEntry>();
    for (const key of kept) {
      const entry = this.#pack.unchecked(key);
      if (entry !== undefined) entries.set(key, entry);
    }
    for (const [key, entry] of this.#made) entries.set(key, entry);
    return this.#disk.write(entries);
  }

  #take<T>(key: string): { readonly value: T } | undefined {
    const body = this.#pack.get(key);
    if (body === undefined) return undefined;
    try {
      const value = deserialize(body) as T;
      this.#used.add(key);
      return { value };
    } catch {
      // Written by another version of the runtime: as good as nothing.
      return undefined;
    }
  }

  #keep(key: string, value: unknown): void {
    if (this.#bytes > MAX_PACK_BYTES / 2) return;
    const body = serialize(value);
    this.#bytes += body.length;
    this.#made.set(key, packEntry(body));
  }
}

/** A file that changed while it was looked at may have been read before or after: its result belongs to no content. */
async function isUnchanged(file: WalkedFile): Promise<boolean> {
  return lstat(file.absolute).then(
    (stats) => stampOf(stats) === file.stamp,
    () => false,
  );
}

/** Removes the longest unused packs beyond the limit, and what was never finished. */
async function evict(folder: string, maxBytes: number, now: number, own: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /\.(?:pack|tmp)$/.test(name));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const stats = await stat(path).catch(() => undefined);
      return { path, bytes: stats?.size ?? 0, used: stats?.mtimeMs ?? 0 };
    }),
  );
  let bytes = 0;
  for (const file of files.sort((a, b) => b.used - a.used)) {
    bytes += file.bytes;
    const isStale = file.path.endsWith('.tmp') && now - file.used > STALE_HOURS * 3_600_000;
    if (file.path !== own && (isStale || bytes > maxBytes)) await rm(file.path, { force: true });
  }
}
