/**
 * Lets go of old records so that it does not look like tampering: the head says first, under the key, where the series
 * begins from now on; then the files go. Only series that have ended are touched, and only while every record of them
 * is what was written: what somebody changed stays as evidence, and neither a changed date nor a file put there makes
 * others go.
 */
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AuditHead,
  type AuditPart,
  isSigned,
  parseFileName,
  parseLine,
  parseLink,
  type PartEnd,
  provenEnds,
  signHead,
} from './audit-chain.ts';
import type { AuditHeads } from './audit-heads.ts';
import { auditFiles } from './audit-log.ts';

export interface RetentionLimits {
  /** Milliseconds after which a record may go. @default never */
  readonly keepMs?: number | undefined;
  /** Bytes of the log over which the oldest go, until three quarters are left. @default no limit */
  readonly maxBytes?: number | undefined;
}

export interface PruneOptions {
  /** Where the log lies. */
  readonly directory: string;
  readonly heads: AuditHeads;
  readonly key: Buffer;
  readonly limits: RetentionLimits;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The secret store this process can tell of new starts. @default none */
  readonly keeper?:
    | { readonly name: string; readonly tell: (heads: readonly AuditHead[]) => Promise<void> }
    | undefined;
  /** Told what stays although it is old. */
  readonly onProblem: (message: string) => void;
}

/** A series without a word for so long has lost its writer. */
const ABANDONED_MS = 7 * 86_400_000;
/** How much of a full log is kept, so that not every start has to look at all of it. */
const KEPT_SHARE = 0.75;
/** The last line of a file is within so many bytes: a record holds hashes, not what was hashed. */
const TAIL_BYTES = 65_536;

interface Segment extends AuditPart {
  readonly bytes: number;
  /** Milliseconds since the epoch of its last record, as the file says. */
  readonly at: number;
}

interface Ended {
  readonly head: AuditHead;
  /** By number. */
  readonly segments: readonly Segment[];
}

/** One whose every record is what was written. */
interface Proven extends Ended {
  /** Of the files from its start on. */
  readonly ends: readonly PartEnd[];
}

/** @returns how many files went */
export async function pruneAudit(options: PruneOptions): Promise<number> {
  const { keepMs, maxBytes = Number.POSITIVE_INFINITY } = options.limits;
  if (keepMs === undefined && options.limits.maxBytes === undefined) return 0;
  const oldest = options.now - (keepMs ?? Number.POSITIVE_INFINITY);
  const ended = await endedSeries(options);
  const isFull = sizeOf(ended) > maxBytes;
  const proven: Proven[] = [];
  for (const series of ended) {
    if (!isFull && series.segments.every((segment) => segment.at >= oldest && isKept(series.head, segment))) continue;
    const one = prove(series, options);
    if (one !== undefined) proven.push(one);
    await new Promise(setImmediate); // checking takes its time, and the window has other work
  }
  const since = Math.max(oldest, isFull ? sinceThatFits(proven, maxBytes * KEPT_SHARE) : oldest);
  return letGo(options, proven, since);
}

function sizeOf(series: readonly Ended[]): number {
  return series.flatMap(({ segments }) => segments).reduce((sum, { bytes }) => sum + bytes, 0);
}

function isKept(head: AuditHead, { part }: Segment): boolean {
  return part >= (head.start?.part ?? 1);
}

/** Those that this process may touch: nobody writes them any more, and no other secret store was told of them. */
async function endedSeries({ heads, key, directory, keeper, now }: PruneOptions): Promise<readonly Ended[]> {
  const signed = (await heads.list()).filter((head) => isSigned(head, key));
  const mine = new Map(
    signed
      .filter((head) => head.keeper === undefined || head.keeper === keeper?.name)
      .map((head) => [head.series, head]),
  );
  const bySeries = new Map<string, Segment[]>();
  for (const { name, read } of await auditFiles(directory)) {
    const { series, part } = parseFileName(name) ?? {};
    if (series === undefined || part === undefined || !mine.has(series)) continue;
    const segments = bySeries.get(series) ?? [];
    segments.push({ name, read, part, ...(await lastOf(join(directory, name))) });
    bySeries.set(series, segments);
  }
  return [...bySeries].flatMap(([series, segments]) => {
    const head = mine.get(series);
    if (head === undefined || !hasEnded(head, segments, now)) return [];
    return { head, segments: segments.sort((a, b) => a.part - b.part) };
  });
}

function hasEnded(head: AuditHead, parts: readonly { readonly at: number }[], now: number): boolean {
  return head.closed || parts.every(({ at }) => at < now - ABANDONED_MS);
}

async function lastOf(path: string): Promise<{ readonly bytes: number; readonly at: number }> {
  const { size } = await stat(path);
  const file = await open(path, 'r');
  try {
    const tail = { buffer: Buffer.alloc(Math.min(size, TAIL_BYTES)), position: Math.max(0, size - TAIL_BYTES) };
    const { buffer, bytesRead } = await file.read(tail);
    return { bytes: size, at: timeOf(buffer.toString('utf8', 0, bytesRead).split('\n').at(-2)) };
  } finally {
    await file.close();
  }
}

/** What is no record is as good as new. */
function timeOf(line: string | undefined): number {
  const body = parseLine(line ?? '')?.body;
  return (body === undefined ? undefined : parseLink(body)?.at) ?? Number.POSITIVE_INFINITY;
}

/** What the files say of themselves is believed only once every record of the series was checked. */
function prove({ head, segments }: Ended, { key, now, onProblem }: PruneOptions): Proven | undefined {
  const ends = provenEnds(segments, head, key);
  if (ends === undefined) {
    onProblem(`the audit records of ${head.series} stay: they are not what was written (audit verify says more)`);
    return undefined;
  }
  return hasEnded(head, ends, now) ? { head, segments, ends } : undefined;
}

/** @returns milliseconds since the epoch from which on records fit into so many bytes */
function sinceThatFits(series: readonly Proven[], bytes: number): number {
  const sizes = series.flatMap(({ segments, ends }) =>
    ends.map(({ part, at }) => ({ at, bytes: segments.find((segment) => segment.part === part)?.bytes ?? 0 })),
  );
  let room = bytes;
  for (const file of sizes.sort((a, b) => b.at - a.at)) {
    room -= file.bytes;
    if (room < 0) return file.at + 1;
  }
  return Number.NEGATIVE_INFINITY;
}

/** Files whose last record was written before `since`. */
async function letGo(options: PruneOptions, series: readonly Proven[], since: number): Promise<number> {
  const changed = series.flatMap(({ head, ends }) => {
    const stays = ends.findIndex(({ at }) => at >= since);
    const last = ends.at(stays === -1 ? -1 : stays - 1);
    return last === undefined || stays === 0 ? [] : signHead(startedAfter(head, last, stays === -1), options.key);
  });
  if (changed.length > 0) await options.keeper?.tell(changed);
  for (const head of changed) await options.heads.write(head);
  const heads = new Map(changed.map((head) => [head.series, head]));
  const gone = series.flatMap(({ head, segments }) =>
    segments.filter((segment) => !isKept(heads.get(head.series) ?? head, segment)),
  );
  for (const { name } of gone) await rm(join(options.directory, name), { force: true });
  return gone.length;
}

function startedAfter(head: AuditHead, { part, state }: PartEnd, isAll: boolean): Omit<AuditHead, 'mac'> {
  const start = { part: part + 1, ...state };
  if (!isAll) return { ...head, start };
  return { ...head, start, seq: state.seq, seal: state.prev, closed: true };
}
