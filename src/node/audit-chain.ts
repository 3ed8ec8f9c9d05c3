/**
 * How the audit log is chained and checked; pure.
 *
 * Every process writes a series of its own, so nobody ever waits for a lock: `<series>-000001.jsonl`, `-000002`, …
 * hold records numbered from 1. A line is the record's JSON as it was hashed, followed by that SHA-256, and on the
 * last record of each commit by a seal: the HMAC of the hash. The next record's `prev` is the seal where there is
 * one, else the hash; the first one's is a digest of the series' name, so that no line fits anywhere else. The head
 * (the last sealed record, under the same key) is kept apart from the log and says where the log must reach; and, once
 * old files were let go of, where it begins.
 */
import { hash as digest } from 'node:crypto';
import type { AuditFault, AuditRecord, AuditVerdict } from '../contracts/index.ts';
import { keyedHasher } from './keyed-hash.ts';

/** Where the kept part of a series begins. */
export interface AuditStart extends ChainState {
  /** Number of the first file that is kept. */
  readonly part: number;
}

/** Who vouches for what: the last record that was committed. */
export interface AuditHead {
  readonly series: string;
  readonly seq: number;
  /** The seal of that record. */
  readonly seal: string;
  /** The writer has ended in order: nothing may follow. */
  readonly closed: boolean;
  /** Set once old files were let go of. */
  readonly start?: AuditStart | undefined;
  /** The secret store that was told of the series as well; whoever cannot tell it of a new start lets go of nothing. */
  readonly keeper?: string | undefined;
  /** HMAC-SHA-256 (hex) of the fields above. */
  readonly mac: string;
}

export interface AuditFile {
  readonly name: string;
  /** Called when it is the file's turn, so that a long log is never in memory as a whole. */
  readonly read: () => string;
}

/** What a secret store was told of a series: the head as it was at some time, and the record before the first kept one. */
export interface MirroredHead extends Pick<AuditHead, 'series' | 'seq' | 'seal' | 'closed'> {
  readonly start: number;
}

/** Where the next record goes on. */
export interface ChainState {
  readonly seq: number;
  readonly prev: string;
}

const FILE_NAME = /^(.+)-(\d{6,})\.jsonl$/;
const LINE = /^(\{.*),"hash":"([0-9a-f]{64})"(?:,"seal":"([0-9a-f]{64})")?\}$/;

export function chainStart(series: string): ChainState {
  return { seq: 0, prev: sha256(`mcp-conductor audit ${series}`) };
}

export function auditFileName(series: string, part: number): string {
  return `${series}-${String(part).padStart(6, '0')}.jsonl`;
}

/** Undefined for a file that is none of the log's. */
export function parseFileName(name: string): { readonly series: string; readonly part: number } | undefined {
  const [, series, part] = FILE_NAME.exec(name) ?? [];
  return series === undefined ? undefined : { series, part: Number(part) };
}

/** A line without what chains it; undefined when it is not a record. */
export function parseLine(
  text: string,
): { readonly body: string; readonly hash: string; readonly seal?: string } | undefined {
  const [, open, hash, seal] = LINE.exec(text) ?? [];
  if (open === undefined || hash === undefined) return undefined;
  return { body: `${open}}`, hash, ...(seal === undefined ? {} : { seal }) };
}

/** The lines of one commit, and the state after it. `key` seals the last one. */
export function chainBatch(
  start: ChainState,
  records: readonly AuditRecord[],
  key: Buffer,
): { readonly text: string; readonly end: ChainState } {
  let { seq, prev } = start;
  let text = '';
  for (const [index, record] of records.entries()) {
    seq += 1;
    const body = JSON.stringify({ seq, prev, ...record });
    const hash = sha256(body);
    const isLast = index === records.length - 1;
    prev = isLast ? sealOf(hash, key) : hash;
    text += `${body.slice(0, -1)},"hash":"${hash}"${isLast ? `,"seal":"${prev}"` : ''}}\n`;
  }
  return { text, end: { seq, prev } };
}

export function signHead(head: Omit<AuditHead, 'mac'>, key: Buffer): AuditHead {
  return { ...head, mac: macOf(head, key) };
}

/** Checks every series that has files or a head. Files of other names are none of the log's. */
export function verifyChains(
  files: readonly AuditFile[],
  heads: readonly AuditHead[],
  key: Buffer,
  mirrored: readonly MirroredHead[] = [],
): AuditVerdict {
  const bySeries = new Map<string, AuditPart[]>();
  for (const { series } of mirrored) bySeries.set(series, []);
  for (const head of heads) bySeries.set(head.series, []);
  for (const { name, read } of files) {
    const { series, part } = parseFileName(name) ?? {};
    if (series === undefined || part === undefined) continue;
    const parts = bySeries.get(series) ?? [];
    parts.push({ name, read, part });
    bySeries.set(series, parts);
  }
  const known = new Map(heads.map((head) => [head.series, head]));
  const told = new Map(mirrored.map((head) => [head.series, head]));
  const results = [...bySeries].map(([series, parts]) =>
    verifySeries({ series, parts, head: known.get(series), told: told.get(series) }, key),
  );
  return {
    records: results.reduce((sum, { records }) => sum + records, 0),
    series: results.filter(({ isGone }) => isGone !== true).length,
    faults: results.flatMap(({ fault }) => fault ?? []),
    notes: results.flatMap(({ note }) => note ?? []),
  };
}

export interface AuditPart extends AuditFile {
  readonly part: number;
}

interface SeriesResult {
  readonly records: number;
  readonly fault?: AuditFault | undefined;
  readonly note?: AuditFault | undefined;
  /** All of it was let go of, and nothing is left but its head. */
  readonly isGone?: boolean;
}

/** When the last sealed record up to the end of a file was written, and where the chain goes on behind it. */
export interface PartEnd {
  readonly part: number;
  readonly at: number;
  readonly state: ChainState;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

export function isSigned(head: AuditHead, key: Buffer): boolean {
  return macOf(head, key) === head.mac;
}

/** The ends of the files of one series, when every one of them is what was written; else undefined. */
export function provenEnds(parts: readonly AuditPart[], head: AuditHead, key: Buffer): readonly PartEnd[] | undefined {
  if (!isSigned(head, key)) return undefined;
  const walk = new SeriesWalk({ series: head.series, head }, key);
  return walkParts(walk, keptParts(parts, head), head).fault === undefined ? walk.ends : undefined;
}

interface Vouched {
  readonly series: string;
  readonly head?: AuditHead | undefined;
  readonly told?: MirroredHead | undefined;
}

function verifySeries(vouched: Vouched & { readonly parts: readonly AuditPart[] }, key: Buffer): SeriesResult {
  const { series, parts, head, told } = vouched;
  const isForeign = head !== undefined && !isSigned(head, key);
  const what = isForeign ? 'its head was not signed with this key' : told && differing(head, told);
  if (what !== undefined) {
    return new SeriesWalk({ series }, key).failed({ file: auditFileName(series, 1), line: 0 }, what);
  }
  const kept = keptParts(parts, head);
  const result = walkParts(new SeriesWalk(vouched, key), kept, head);
  if (result.fault !== undefined) return result;
  const [left] = parts.filter((part) => !kept.includes(part));
  const isGone = parts.length === 0 && head !== undefined && head.start?.seq === head.seq;
  if (left === undefined) return { ...result, isGone };
  const note = 'the file was to be removed, being old, and nobody vouches for it any more';
  return { ...result, note: result.note ?? { file: left.name, line: 0, seq: 0, what: note } };
}

/** How the head falls short of what a secret store was told; a start that was told but not written yet does no harm. */
function differing(head: AuditHead | undefined, told: MirroredHead): string | undefined {
  const upTo = `the secret store knows the series up to record ${told.seq}`;
  if (head === undefined) return `${upTo}, but its head is gone`;
  if (head.seq < told.seq) return `${upTo}, but its head only up to record ${head.seq}`;
  if (told.closed && head.seq > told.seq) return `${upTo}, where it ended, but its head up to record ${head.seq}`;
  if (told.closed && !head.closed) return `${upTo}, where it ended, but its head says that it goes on`;
  const start = head.start?.seq ?? 0;
  if (start > told.start) return `records ${told.start + 1} to ${start} are gone, and the secret store was not told`;
  return head.seq === told.seq && head.seal !== told.seal ? `${upTo}, but with another seal` : undefined;
}

/** What was let go of may lie there still: somebody died in the middle of removing it. */
function keptParts(parts: readonly AuditPart[], head: AuditHead | undefined): readonly AuditPart[] {
  const first = head?.start?.part ?? 1;
  return parts.filter(({ part }) => part >= first).sort((a, b) => a.part - b.part);
}

/** Goes through one series in order and stops at the first thing that is not as it was written. */
function walkParts(walk: SeriesWalk, kept: readonly AuditPart[], head: AuditHead | undefined): SeriesResult {
  const first = head?.start?.part ?? 1;
  for (const [index, part] of kept.entries()) {
    if (part.part !== first + index) {
      return walk.failed({ file: auditFileName(walk.series, first + index), line: 0 }, 'the file is missing');
    }
    const result = walk.file(part, index === kept.length - 1);
    if (result !== undefined) return result;
  }
  return walk.end(kept.at(-1)?.name ?? auditFileName(walk.series, first));
}

class SeriesWalk {
  readonly series: string;
  /** Of the files that were gone through. */
  readonly ends: PartEnd[] = [];
  readonly #start: number;
  readonly #head: AuditHead | undefined;
  readonly #told: MirroredHead | undefined;
  readonly #key: Buffer;
  #state: ChainState;
  #place: Place;
  #at = Number.POSITIVE_INFINITY;
  /** First of the records after the last seal. */
  #unsealed: (Place & { readonly seq: number }) | undefined;

  constructor({ series, head, told }: Vouched, key: Buffer) {
    this.series = series;
    this.#head = head;
    this.#told = told;
    this.#key = key;
    const { part, seq, prev } = head?.start ?? { part: 1, ...chainStart(series) };
    this.#state = { seq, prev };
    this.#start = seq;
    this.#place = { file: auditFileName(series, part), line: 0 };
  }

  /** @returns how the series ends, when it ends here */
  file({ name, read, part }: AuditPart, isLast: boolean): SeriesResult | undefined {
    const lines = read().split('\n');
    const rest = lines.pop() ?? '';
    for (const [index, text] of lines.entries()) {
      const place = { file: name, line: index + 1 };
      const what = this.#step(text, place);
      if (what !== undefined) return this.failed(place, what);
    }
    this.ends.push({ part, at: this.#at, state: this.#state });
    if (rest === '') return undefined;
    const place = { file: name, line: lines.length + 1 };
    if (isLast && this.#mayBeUnfinished()) return this.#unfinished(place);
    return this.failed(place, 'the record is cut off, or something was added to the file');
  }

  /** @returns what is wrong with the line */
  #step(text: string, place: Place): string | undefined {
    const parsed = parseLine(text);
    const link = parsed === undefined ? undefined : parseLink(parsed.body);
    if (parsed === undefined || link === undefined) return 'the line is not a record';
    const { body, hash, seal } = parsed;
    if (sha256(body) !== hash) return 'the record was changed';
    const what = this.#misplaced(link) ?? this.#unsealedBy(link.seq, hash, seal);
    if (what !== undefined) return what;
    this.#state = { seq: link.seq, prev: seal ?? hash };
    this.#place = place;
    if (seal !== undefined) this.#at = link.at;
    this.#unsealed = seal === undefined ? (this.#unsealed ?? { ...place, seq: link.seq }) : undefined;
    return undefined;
  }

  #misplaced({ seq, prev }: ChainState): string | undefined {
    const expected = this.#state.seq + 1;
    if (seq !== expected) return `record ${seq} stands where record ${expected} was written`;
    return prev === this.#state.prev ? undefined : 'the record does not follow from the one before it';
  }

  #unsealedBy(seq: number, hash: string, seal: string | undefined): string | undefined {
    if (seal !== undefined && seal !== sealOf(hash, this.#key)) {
      return 'the seal does not fit: a record since the last seal was rewritten, or the key is another one';
    }
    const head = this.#head;
    if (head?.seq === seq && head.seal !== seal) return 'the record is not the one that the head vouches for';
    if (this.#told?.seq === seq && this.#told.seal !== seal)
      return 'the record is not the one that the secret store knows';
    if (head?.closed === true && seq > head.seq) return `the log ended with record ${head.seq}; this one was added`;
    return undefined;
  }

  /** Only what comes after the head can be the trace of a process that died in the middle of a write. */
  #mayBeUnfinished(): boolean {
    return this.#head !== undefined && !this.#head.closed && this.#state.seq >= this.#head.seq;
  }

  failed(place: Place, what: string): SeriesResult {
    return { records: this.#state.seq - this.#start, fault: { ...place, seq: this.#state.seq + 1, what } };
  }

  #unfinished(place: Place): SeriesResult {
    const { seq } = this.#state;
    const first = this.#unsealed ?? { ...place, seq: seq + 1 };
    return {
      records: seq - this.#start,
      note: { ...first, what: 'from here on no commit vouches for what is written' },
    };
  }

  end(file: string): SeriesResult {
    const { seq } = this.#state;
    const place = { file: seq === this.#start ? file : this.#place.file, line: this.#place.line };
    if (this.#head === undefined) return this.failed(place, 'the series has no head, so nothing says where it ended');
    if (seq < this.#head.seq) {
      return this.failed(place, `the log was cut off: records ${seq + 1} to ${this.#head.seq} are missing`);
    }
    return this.#unsealed === undefined ? { records: seq - this.#start } : this.#unfinished(place);
  }
}

export function parseLink(body: string): (ChainState & { readonly at: number }) | undefined {
  try {
    return JSON.parse(body) as ChainState & { readonly at: number };
  } catch {
    return undefined;
  }
}

function macOf({ series, seq, seal, closed, start, keeper }: Omit<AuditHead, 'mac'>, key: Buffer): string {
  const more = start === undefined && keeper === undefined ? [] : [start?.part, start?.seq, start?.prev, keeper];
  return hmac(`head ${JSON.stringify([series, seq, seal, closed, ...more])}`, key);
}

function sealOf(hash: string, key: Buffer): string {
  return hmac(`seal ${hash}`, key);
}

/** One per key: making one costs more than using it. */
const hashers = new WeakMap<Buffer, (text: string) => string>();

function hmac(text: string, key: Buffer): string {
  let hasher = hashers.get(key);
  if (hasher === undefined) {
    hasher = keyedHasher(key);
    hashers.set(key, hasher);
  }
  return hasher(text);
}

function sha256(text: string): string {
  return digest('sha256', text);
}
