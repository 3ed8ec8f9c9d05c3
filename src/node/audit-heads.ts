/** What vouches for the audit log, kept apart from it in the user's configuration folder: the key and the heads. */
import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { messageOf } from '../base/errors.ts';
import type { AuditHead } from './audit-chain.ts';
import { isSystemError } from './process-group.ts';

/** Where the heads of all series of one log are kept. */
export interface AuditHeads {
  write(head: AuditHead): Promise<void>;
  list(): Promise<readonly AuditHead[]>;
  /** True for one process every `everyMs` milliseconds. @param now - milliseconds since the epoch */
  takeTurn(now: number, everyMs: number): Promise<boolean>;
}

export interface AuditPlaces {
  readonly directory: string;
  readonly heads: string;
  readonly keyFile: string;
}

const KEY_BYTES = 32;

/**
 * The log lies with the workspace's state; its heads are keyed by where it lies, so that logs of several state folders
 * do not answer for one another.
 * @param workspaceState - the workspace's folder of state
 * @param configDir - the user's configuration folder
 */
export function auditPlaces(workspaceState: string, configDir: string): AuditPlaces {
  const directory = resolve(workspaceState, 'audit');
  const key = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return { directory, heads: join(configDir, 'audit', key), keyFile: join(configDir, 'audit', 'key') };
}

export function createFileHeads(directory: string): AuditHeads {
  let made: Promise<unknown> | undefined;
  return {
    async write(head) {
      made ??= mkdir(directory, { recursive: true, mode: 0o700 });
      await made;
      await writeFileAtomic(join(directory, `${head.series}.json`), `${JSON.stringify(head)}\n`, { mode: 0o600 });
    },
    async list() {
      const names = (await readdir(directory).catch(emptyWhenMissing)).filter((name) => name.endsWith('.json')).sort();
      return Promise.all(names.map((name) => readHead(join(directory, name), name.slice(0, -'.json'.length))));
    },
    takeTurn: (now, everyMs) => takeTurn(join(directory, 'pruned-at'), now, everyMs),
  };
}

/** The file says when the last turn was. Whoever moves an old one away, and no new one with it, may put its own there. */
async function takeTurn(file: string, now: number, everyMs: number): Promise<boolean> {
  const isDue = (text: string | undefined): boolean =>
    text === undefined || !(Number(text) > now - everyMs && Number(text) <= now);
  const last = await readFile(file, 'utf8').catch(undefinedWhenMissing);
  if (!isDue(last)) return false;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  if (last !== undefined) {
    const aside = `${file}.${randomBytes(6).toString('hex')}`;
    await rename(file, aside).catch(undefinedWhenMissing);
    const moved = await readFile(aside, 'utf8').catch(undefinedWhenMissing);
    if (moved !== undefined && !isDue(moved)) await link(aside, file).catch(() => undefined);
    await rm(aside, { force: true });
  }
  try {
    await writeFile(file, String(now), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A head that cannot be read vouches for nothing, and says so when it is checked. */
async function readHead(file: string, series: string): Promise<AuditHead> {
  const text = await readFile(file, 'utf8');
  try {
    return { ...(JSON.parse(text) as AuditHead), series };
  } catch {
    return { series, seq: 0, seal: '', closed: false, mac: '' };
  }
}

/** @returns undefined when no key was ever made here. @throws Error naming a file that is no key */
export async function readAuditKey(file: string): Promise<Buffer | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw new Error(`the audit key ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const key = Buffer.from(text.trim(), 'hex');
  if (key.length !== KEY_BYTES) throw new Error(`${file} is no audit key: it should be ${KEY_BYTES} bytes in hex`);
  return key;
}

/** Makes the key where there is none; of two processes at once, both get the first one's. */
export async function ensureAuditKey(file: string): Promise<Buffer> {
  const known = await readAuditKey(file);
  if (known !== undefined) return known;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, file);
  } catch (error) {
    if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const made = await readAuditKey(file);
  if (made === undefined) throw new Error(`the audit key ${file} vanished while it was made`);
  return made;
}

export function emptyWhenMissing(error: unknown): string[] {
  if (isSystemError(error) && error.code === 'ENOENT') return [];
  throw error;
}

function undefinedWhenMissing(error: unknown): undefined {
  if (isSystemError(error) && error.code === 'ENOENT') return undefined;
  throw error;
}
