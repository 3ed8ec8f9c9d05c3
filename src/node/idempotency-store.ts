/**
 * Finished calls on disk, shared by all windows and commands of a user: a folder per key.
 *
 * `1.lease`, `2.lease`, … are claims, each made with a link that only one can win; the number is the fencing token,
 * and the highest one holds until its time is over. Past that, unless its holder said that it let go, nobody knows
 * what became of the call. None is ever removed while the key is remembered, so that no number is given twice. `reply.json` is the finished call. A holder that slept past its lease and wakes up finds a
 * higher number and may not write any more.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { poll } from '../base/poll.ts';
import type { IdempotencyStore, Reply } from '../contracts/index.ts';
import { emptyWhenMissing } from './audit-heads.ts';
import { isSystemError } from './process-group.ts';
import { createWholeFile } from './whole-file.ts';

export interface FileIdempotencyOptions {
  /** Absolute path; made when the first claim comes. */
  readonly directory: string;
  readonly clock: Clock;
  /** Between two looks at somebody else's claim, milliseconds. @default 100 */
  readonly pollMs?: number;
}

export interface FileIdempotencyStore extends IdempotencyStore {
  /** Removes what expired an hour ago or more. @returns how many keys that were */
  prune(): Promise<number>;
}

interface Lease {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** Until then nobody knows what became of the call; the same as `until` when its holder let go of it. */
  readonly forgetAt: number;
}

interface Finished {
  readonly until: number;
  readonly reply: Reply;
}

interface Claim {
  readonly number: number;
  readonly token: string;
  readonly ttlMs: number;
}

const NEVER_HELD = { until: 0, forgetAt: 0 };
/** How long after its end a key's folder stays, milliseconds: somebody may have looked at it just before. */
const GRACE_MS = 3_600_000;
/** How long a key whose files are damaged is kept, milliseconds: longer than any is remembered by default. */
const UNREADABLE_MS = 172_800_000;
const NAME = /^[0-9a-f]{64}$/;
const LEASE = /^(\d+)\.lease$/;

export function createFileIdempotencyStore(options: FileIdempotencyOptions): FileIdempotencyStore {
  const { clock, pollMs = 100 } = options;
  const files = new KeyFolders(options.directory);
  const claims = new Map<string, Claim>();
  const finished = async (key: string): Promise<Reply | undefined> => {
    const entry = await files.finished(key);
    return entry !== undefined && clock.now() < entry.until ? entry.reply : undefined;
  };
  /** Still the highest number, with our own token in it. */
  const ourClaim = async (key: string): Promise<Claim | undefined> => {
    const claim = claims.get(key);
    if (claim === undefined) return undefined;
    const top = await files.topNumber(key);
    const lease = top === claim.number ? await files.lease(key, top) : undefined;
    return lease?.token === claim.token ? claim : undefined;
  };
  const hold = (key: string, { number, token, ttlMs }: Claim, leaseMs: number): Promise<void> => {
    const until = clock.now() + leaseMs;
    return files.replaceLease(key, number, { token, until, forgetAt: until + ttlMs });
  };
  const letGo = (key: string, { number, token }: Claim): Promise<void> =>
    files.replaceLease(key, number, { token, until: clock.now(), forgetAt: clock.now() });
  /** Ends a claim, if it still is ours. */
  const end = async (key: string, how: (claim: Claim) => Promise<void>): Promise<void> => {
    const claim = await ourClaim(key);
    claims.delete(key);
    if (claim !== undefined) await how(claim);
  };
  return {
    get: finished,
    async claim(key, { leaseMs, ttlMs, repeatable }) {
      const { top, state } = await files.state(key, clock.now());
      if (state === 'held') return 'taken';
      if (state === 'unknown' && !repeatable) return (await finished(key)) === undefined ? 'unknown' : 'taken';
      const until = clock.now() + leaseMs;
      const claim = { number: top + 1, token: randomBytes(8).toString('hex'), ttlMs };
      if (!(await files.createLease(key, claim.number, { token: claim.token, until, forgetAt: until + ttlMs }))) {
        return 'taken';
      }
      claims.set(key, claim);
      if ((await finished(key)) === undefined) return 'ours';
      // Whoever held it before us finished between our look and our claim.
      claims.delete(key);
      await letGo(key, claim);
      return 'taken';
    },
    async renew(key, leaseMs) {
      const claim = await ourClaim(key);
      if (claim === undefined) return false;
      await hold(key, claim, leaseMs);
      return (await files.topNumber(key)) === claim.number;
    },
    async finish(key, reply, ttlMs) {
      const claim = await ourClaim(key);
      claims.delete(key);
      if (claim === undefined) throw new Error('the claim has been lost');
      await files.finish(key, { until: clock.now() + ttlMs, reply });
      await letGo(key, claim);
    },
    release: (key) => end(key, (claim) => letGo(key, claim)),
    abandon: (key) => end(key, (claim) => hold(key, claim, 0)),
    settled: (key, signal) =>
      poll(clock, pollMs, signal, async () => {
        const reply = await finished(key);
        if (reply !== undefined) return { found: reply };
        return (await files.state(key, clock.now())).state === 'held' ? undefined : { found: await finished(key) };
      }),
    prune: () => files.prune(clock.now()),
  };
}

/** The files themselves; what is missing is told from what cannot be read. */
class KeyFolders {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** 0 when nobody ever claimed the key. */
  async topNumber(key: string): Promise<number> {
    return Math.max(0, ...(await leaseNumbers(this.#folder(key))));
  }

  async state(
    key: string,
    now: number,
  ): Promise<{ readonly top: number; readonly state: 'held' | 'unknown' | 'over' }> {
    const top = await this.topNumber(key);
    const { until, forgetAt } = top === 0 ? NEVER_HELD : await this.lease(key, top);
    const over = now < forgetAt ? 'unknown' : 'over';
    return { top, state: now < until ? 'held' : over };
  }

  lease(key: string, number: number): Promise<Lease> {
    return readLease(join(this.#folder(key), `${number}.lease`));
  }

  /** @returns false when another was first */
  async createLease(key: string, number: number, lease: Lease): Promise<boolean> {
    const folder = this.#folder(key);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return createWholeFile(join(folder, `${number}.lease`), JSON.stringify(lease));
  }

  async replaceLease(key: string, number: number, lease: Lease): Promise<void> {
    const options = { mode: 0o600, fsync: false };
    await writeFileAtomic(join(this.#folder(key), `${number}.lease`), JSON.stringify(lease), options);
  }

  finished(key: string): Promise<Finished | undefined> {
    return readFinished(this.#folder(key));
  }

  async finish(key: string, entry: Finished): Promise<void> {
    await writeFileAtomic(join(this.#folder(key), 'reply.json'), JSON.stringify(entry), { mode: 0o600 });
  }

  async prune(now: number): Promise<number> {
    const names = (await readdir(this.#directory).catch(emptyWhenMissing)).filter((name) => NAME.test(name));
    let removed = 0;
    for (const name of names) {
      const folder = join(this.#directory, name);
      if (!(await isOver(folder, now))) continue;
      await rm(folder, { recursive: true, force: true });
      removed += 1;
    }
    return removed;
  }

  #folder(key: string): string {
    return join(this.#directory, createHash('sha256').update(key).digest('hex'));
  }
}

async function leaseNumbers(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch(emptyWhenMissing);
  return names.flatMap((name) => Number(LEASE.exec(name)?.[1] ?? []));
}

async function readLease(file: string): Promise<Lease> {
  const lease = await readJson<Lease>(file);
  if (typeof lease?.until !== 'number' || typeof lease.forgetAt !== 'number') throw new Error(`${file} is no claim`);
  return lease;
}

/** @throws Error when there is a reply that cannot be read: the call was made, and nobody knows what came of it. */
async function readFinished(folder: string): Promise<Finished | undefined> {
  const file = join(folder, 'reply.json');
  const entry = await readJson<Finished>(file);
  if (entry !== undefined && (typeof entry.until !== 'number' || typeof entry.reply?.kind !== 'string')) {
    throw new Error(`${file} is no finished call`);
  }
  return entry;
}

/** What cannot be read counts by the age of its folder. */
async function isOver(folder: string, now: number): Promise<boolean> {
  try {
    const entry = await readFinished(folder);
    const numbers = await leaseNumbers(folder);
    const leases = await Promise.all(numbers.map((number) => readLease(join(folder, `${number}.lease`))));
    const ends = [entry?.until ?? 0, ...leases.map(({ forgetAt }) => forgetAt)];
    return ends.every((end) => now >= end + GRACE_MS);
  } catch {
    return now >= (await stat(folder)).mtimeMs + UNREADABLE_MS;
  }
}

async function readJson<T>(file: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new Error(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
