/** What one reading of each file told, valid as long as the file system says that the file was not touched. */
import { deserialize, serialize } from 'node:v8';
import type { Clock } from '../../base/clock.ts';
import type { WalkedFile } from '../walk.ts';
import { KEY_LENGTH, type PackEntry, packEntry, readPack } from './pack-file.ts';

export interface FileLook {
  /** Of the text, as hexadecimal digits; undefined for what was too large to read. */
  readonly digest: string | undefined;
  readonly lines: number;
  readonly binary: boolean;
}

export interface FileLedger {
  known(file: WalkedFile): FileLook | undefined;
  /** @param begun when the reading began, by the ledger's clock */
  note(file: WalkedFile, look: FileLook, begun: number): void;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Writes what is new. Never throws. */
  save(): Promise<void>;
}

/** Path, stamp, digest, lines, binary. */
type Row = readonly [string, string, string | undefined, number, boolean];

const VERSION = 'ledger-1';
const KEY = '0'.repeat(KEY_LENGTH);
/**
 * Milliseconds between the last change of a file and its reading for the stamp to be trusted later: two changes within
 * the resolution of a file system's clock have the same stamp (FAT has 2 s, the others far less).
 */
const SETTLED_MS = 2_100;
/** Rows kept. */
const MAX_ROWS = 200_000;

/** Knows nothing and keeps nothing. */
export const NO_LEDGER: FileLedger = {
  known: () => undefined,
  note: () => undefined,
  now: () => 0,
  save: () => Promise.resolve(),
};

export interface LedgerOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly save: (file: string, version: string, entries: ReadonlyMap<string, PackEntry>) => Promise<void>;
}

export async function createLedger({ file, clock, save }: LedgerOptions): Promise<FileLedger> {
  const rows = readRows((await readPack(file, VERSION)).get(KEY));
  const seen = new Map<string, Row>();
  let fresh = 0;
  return {
    now: () => clock.now(),
    known({ path, stamp }) {
      const row = rows.get(path);
      if (row === undefined || row[1] !== stamp) return undefined;
      seen.set(path, row);
      return { digest: row[2], lines: row[3], binary: row[4] };
    },
    note({ path, stamp, changed }, { digest, lines, binary }, begun) {
      if (begun - changed < SETTLED_MS || seen.size >= MAX_ROWS) return;
      fresh += 1;
      seen.set(path, [path, stamp, digest, lines, binary]);
    },
    async save() {
      if (fresh === 0 && seen.size === rows.size) return;
      await save(file, VERSION, new Map([[KEY, packEntry(serialize([...seen.values()]))]]));
    },
  };
}

function readRows(body: Buffer | undefined): ReadonlyMap<string, Row> {
  if (body === undefined) return new Map();
  try {
    return new Map((deserialize(body) as readonly Row[]).map((row) => [row[0], row]));
  } catch {
    return new Map();
  }
}
