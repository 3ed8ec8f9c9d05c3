/**
 * A file of many small entries: read in one go, each entry checked when it is taken, written whole or not at all.
 * Layout: magic, digest of the version and the table, number of entries, table of (key, length, checksum), entries.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

const MAGIC = Buffer.from('MCPACK01', 'latin1');
const HEAD_BYTES = MAGIC.length + 16 + 4;
const ROW_BYTES = 16 + 4 + 4;
/** Bytes above which a file is not read, nor written: it is a cache, and nothing is lost. */
export const MAX_PACK_BYTES = 256 * 1024 * 1024;
/** Bytes handed to the system at once. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** Characters of a key: 16 bytes as hexadecimal digits. */
export const KEY_LENGTH = 32;

interface Entry {
  readonly start: number;
  readonly end: number;
  readonly check: number;
}

export interface PackEntry {
  readonly body: Buffer;
  /** Tells a whole body from a damaged one. */
  readonly check: number;
}

export function packEntry(body: Buffer): PackEntry {
  return { body, check: crc32(body) };
}

/** The entries of a file as it was when it was read. */
export class Pack {
  static readonly empty = new Pack(Buffer.alloc(0), new Map());
  readonly #bytes: Buffer;
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(bytes: Buffer, entries: ReadonlyMap<string, Entry>) {
    this.#bytes = bytes;
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.size;
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The entry as it stands, whole or not; for writing it again. */
  unchecked(key: string): PackEntry | undefined {
    const entry = this.#entries.get(key);
    return entry && { body: this.#bytes.subarray(entry.start, entry.end), check: entry.check };
  }

  /** Undefined for a key that is not there, and for an entry that is not as it was written. */
  get(key: string): Buffer | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const body = this.#bytes.subarray(entry.start, entry.end);
    return crc32(body) === entry.check ? body : undefined;
  }
}

/** The pack in a file; an empty one when there is none, or when it is broken or of another version. Never throws. */
export async function readPack(file: string, version: string): Promise<Pack> {
  try {
    const { size } = await stat(file);
    if (size < HEAD_BYTES || size > MAX_PACK_BYTES) return Pack.empty;
    return parse(await readFile(file), version) ?? Pack.empty;
  } catch {
    // Missing or unreadable: what is remembered there is made again.
    return Pack.empty;
  }
}

function parse(bytes: Buffer, version: string): Pack | undefined {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const count = bytes.readUInt32LE(HEAD_BYTES - 4);
  const tableEnd = HEAD_BYTES + count * ROW_BYTES;
  if (tableEnd > bytes.length) return undefined;
  const table = bytes.subarray(HEAD_BYTES, tableEnd);
  if (!bytes.subarray(MAGIC.length, MAGIC.length + 16).equals(headDigest(version, table))) return undefined;
  const entries = new Map<string, Entry>();
  let start = tableEnd;
  for (let row = 0; row < table.length; row += ROW_BYTES) {
    const end = start + table.readUInt32LE(row + 16);
    // A file that was cut off ends the list; what is before it is whole.
    if (end > bytes.length) break;
    entries.set(table.toString('hex', row, row + 16), { start, end, check: table.readUInt32LE(row + 20) });
    start = end;
  }
  return new Pack(bytes, entries);
}

/**
 * Replaces the file, readable by its owner alone; whoever reads it meanwhile has the old or the new one.
 * @throws whatever the file system says; the old file is then still there
 */
export async function writePack(file: string, version: string, entries: ReadonlyMap<string, PackEntry>): Promise<void> {
  const table = Buffer.alloc(entries.size * ROW_BYTES);
  let row = 0;
  for (const [key, { body, check }] of entries) {
    table.write(key, row, 'hex');
    table.writeUInt32LE(body.length, row + 16);
    table.writeUInt32LE(check, row + 20);
    row += ROW_BYTES;
  }
  const count = Buffer.alloc(4);
  count.writeUInt32LE(entries.size);
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await writeAll(handle, [
        MAGIC,
        headDigest(version, table),
        count,
        table,
        ...[...entries.values()].map(({ body }) => body),
      ]);
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeAll(handle: FileHandle, parts: readonly Buffer[]): Promise<void> {
  let batch: Buffer[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    await handle.writeFile(Buffer.concat(batch, bytes));
    batch = [];
    bytes = 0;
  };
  for (const part of parts) {
    batch.push(part);
    bytes += part.length;
    if (bytes >= BATCH_BYTES) await flush();
  }
  if (bytes > 0) await flush();
}

function headDigest(version: string, table: Buffer): Buffer {
  return createHash('sha256').update(version).update('\0').update(table).digest().subarray(0, 16);
}
