/**
 * How the audit log is chained and checked; pure.
 *
 * Every process writes a series of its own, so nobody ever waits for a lock: `<series>-000001.jsonl`, `-000002`, …
 * hold records numbered from 1. A line is the record's JSON as it was hashed, followed by that SHA-256, and on the
 * last record of each commit by a seal: the HMAC of the hash. The next record's `prev` is the seal where there is
 * one, else the hash; the first one's is a digest of the series' name, so that no line fits anywhere else. The head
 * (the last sealed record, under the same key) is kept apart from the log and says where the log must reach.
 */
import { hash as digest } from 'node:crypto';
import type { AuditRecord } from '../contracts/index.ts';
import { keyedHasher } from './keyed-hash.ts';

/** Who vouches for what: the last record that was committed. */
export interface AuditHead {
  readonly series: string;
  readonly seq: number;
  /** The seal of that record. */
  readonly seal: string;
  /** The writer has ended in order: nothing may follow. */
  readonly closed: boolean;
  /** HMAC-SHA-256 (hex) of the fields above. */
  readonly mac: string;
}

export interface AuditFile {
  readonly name: string;
  /** Called when it is the file's turn, so that a long log is never in memory as a whole. */
  readonly read: () => string;
}

/** One thing that is wrong, and where. */
export interface AuditFault {
  readonly file: string;
  /** From 1; 0 when the file is not there. */
  readonly line: number;
  /** Number of the record within its series, as far as it can be known. */
  readonly seq: number;
  readonly what: string;
}

export interface AuditVerdict {
  readonly records: number;
  readonly series: number;
  /** The first fault of each series; empty when the log is what was written. */
  readonly faults: readonly AuditFault[];
  /** Records at the end of a series that no commit vouches for: a process died while it wrote them. */
  readonly notes: readonly AuditFault[];
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
export function verifyChains(files: readonly AuditFile[], heads: readonly AuditHead[], key: Buffer): AuditVerdict {
  const bySeries = new Map<string, Part[]>();
  for (const head of heads) bySeries.set(head.series, []);
  for (const { name, read } of files) {
    const { series, part } = parseFileName(name) ?? {};
    if (series === undefined || part === undefined) continue;
    const parts = bySeries.get(series) ?? [];
    parts.push({ name, read, number: part });
    bySeries.set(series, parts);
  }
  const results = [...bySeries].map(([series, parts]) => {
    const head = heads.find((candidate) => candidate.series === series);
    return verifySeries(series, parts, head, key);
  });
  return {
    records: results.reduce((sum, { records }) => sum + records, 0),
    series: results.length,
    faults: results.flatMap(({ fault }) => fault ?? []),
    notes: results.flatMap(({ note }) => note ?? []),
  };
}

interface Part extends AuditFile {
  readonly number: number;
}

interface SeriesResult {
  readonly records: number;
  readonly fault?: AuditFault | undefined;
  readonly note?: AuditFault | undefined;
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** Goes through one series in order and stops at the first thing that is not as it was written. */
function verifySeries(series: string, parts: readonly Part[], head: AuditHead | undefined, key: Buffer): SeriesResult {
  const walk = new SeriesWalk(series, head, key);
  if (head !== undefined && macOf(head, key) !== head.mac) {
    return walk.failed({ file: auditFileName(series, 1), line: 0 }, 'its head was not signed with this key');
  }
  const ordered = [...parts].sort((a, b) => a.number - b.number);
  for (const [index, part] of ordered.entries()) {
    if (part.number !== index + 1) {
      return walk.failed({ file: auditFileName(series, index + 1), line: 0 }, 'the file is missing');
    }
    const result = walk.file(part, index === ordered.length - 1);
    if (result !== undefined) return result;
  }
  return walk.end(ordered.at(-1)?.name ?? auditFileName(series, 1));
}

class SeriesWalk {
  readonly #head: AuditHead | undefined;
  readonly #key: Buffer;
  #state: ChainState;
  #place: Place;
  /** First of the records after the last seal. */
  #unsealed: (Place & { readonly seq: number }) | undefined;

  constructor(series: string, head: AuditHead | undefined, key: Buffer) {
    this.#head = head;
    this.#key = key;
    this.#state = chainStart(series);
    this.#place = { file: auditFileName(series, 1), line: 0 };
  }

  /** @returns how the series ends, when it ends here */
  file({ name, read }: Part, isLast: boolean): SeriesResult | undefined {
    const lines = read().split('\n');
    const rest = lines.pop() ?? '';
    for (const [index, text] of lines.entries()) {
      const place = { file: name, line: index + 1 };
      const what = this.#step(text, place);
      if (what !== undefined) return this.failed(place, what);
    }
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
    if (head?.closed === true && seq > head.seq) return `the log ended with record ${head.seq}; this one was added`;
    return undefined;
  }

  /** Only what comes after the head can be the trace of a process that died in the middle of a write. */
  #mayBeUnfinished(): boolean {
    return this.#head !== undefined && !this.#head.closed && this.#state.seq >= this.#head.seq;
  }

  failed(place: Place, what: string): SeriesResult {
    return { records: this.#state.seq, fault: { ...place, seq: this.#state.seq + 1, what } };
  }

  #unfinished(place: Place): SeriesResult {
    const { seq } = this.#state;
    const first = this.#unsealed ?? { ...place, seq: seq + 1 };
    return { records: seq, note: { ...first, what: 'from here on no commit vouches for what is written' } };
  }

  end(file: string): SeriesResult {
    const { seq } = this.#state;
    const place = { file: seq === 0 ? file : this.#place.file, line: this.#place.line };
    if (this.#head === undefined) return this.failed(place, 'the series has no head, so nothing says where it ended');
    if (seq < this.#head.seq) {
      return this.failed(place, `the log was cut off: records ${seq + 1} to ${this.#head.seq} are missing`);
    }
    return this.#unsealed === undefined ? { records: seq } : this.#unfinished(place);
  }
}

function parseLink(body: string): ChainState | undefined {
  try {
    return JSON.parse(body) as ChainState;
  } catch {
    return undefined;
  }
}

function macOf({ series, seq, seal, closed }: Omit<AuditHead, 'mac'>, key: Buffer): string {
  return hmac(`head ${JSON.stringify([series, seq, seal, closed])}`, key);
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
