/** Winnowing (Schleimer, Wilkerson, Aiken 2003): few hashes of a sequence, chosen so that no long copy is missed. */

export interface WinnowOptions {
  /** Tokens in one hashed window: what is shorter is no copy. */
  readonly size: number;
  /** Of this many windows in a row at least one is chosen: a copy of `size + choice - 1` tokens is always found. */
  readonly choice: number;
}

/** What is called a copy of a block: 115 tokens in a row are always found, 92 most often. */
export const CLONE: WinnowOptions = { size: 92, choice: 24 };

/**
 * Numbers that a chosen window takes: the low 32 bits of its hash; the high 20 bits of its hash and, in 12 bits, on how
 * many lines after its first it ends; the index of its first token; its first line. A large repository has a million.
 */
export const WINDOW_FIELDS = 4;
/** Lines that can be told. */
const MAX_SPAN = 0xfff;

/** @param at where the window begins among the numbers */
export function windowHash(windows: Uint32Array, at: number): number {
  return ((windows[at + 1] ?? 0) >>> 12) * 2 ** 32 + (windows[at] ?? 0);
}

export function windowEnd(windows: Uint32Array, at: number): number {
  return (windows[at + 3] ?? 0) + ((windows[at + 1] ?? 0) & MAX_SPAN);
}

const BASES = [0x01000193, 0x5bd1e995] as const;

/** The chosen windows, see `WINDOW_FIELDS`. */
export function winnow(hashes: Uint32Array, lines: Uint32Array, { size, choice }: WinnowOptions): Uint32Array {
  const windows = hashes.length - size + 1;
  if (windows < 1) return new Uint32Array(0);
  const rolled = roll(hashes, size, windows);
  const chosen: number[] = [];
  let best = -1;
  const last = Math.max(1, windows - choice + 1);
  for (let from = 0; from < last; from += 1) {
    const end = Math.min(windows, from + choice);
    const before = best;
    if (best < from) best = lowest(rolled, from, end);
    else if ((rolled[end - 1] ?? 0) <= (rolled[best] ?? 0)) best = end - 1;
    if (best !== before) {
      const hash = rolled[best] ?? 0;
      const startLine = lines[best] ?? 0;
      const span = Math.min(MAX_SPAN, (lines[best + size - 1] ?? 0) - startLine);
      chosen.push(hash >>> 0, (Math.floor(hash / 2 ** 32) << 12) | span, best, startLine);
    }
  }
  return Uint32Array.from(chosen);
}

/** The rightmost of the lowest. */
function lowest(values: Float64Array, from: number, end: number): number {
  let best = from;
  for (let index = from + 1; index < end; index += 1) {
    if ((values[index] ?? 0) <= (values[best] ?? 0)) best = index;
  }
  return best;
}

/** A hash of 52 bits for each window, each from the one before it (Karp and Rabin 1987). */
function roll(hashes: Uint32Array, size: number, windows: number): Float64Array {
  const [a, b] = BASES;
  const leaveA = power(a, size);
  const leaveB = power(b, size);
  const rolled = new Float64Array(windows);
  let hashA = 0;
  let hashB = 0;
  for (let index = 0; index < hashes.length; index += 1) {
    const entering = hashes[index] ?? 0;
    hashA = (Math.imul(hashA, a) + entering) | 0;
    hashB = (Math.imul(hashB, b) + entering) | 0;
    const leaving = index - size;
    if (leaving >= 0) {
      hashA = (hashA - Math.imul(hashes[leaving] ?? 0, leaveA)) | 0;
      hashB = (hashB - Math.imul(hashes[leaving] ?? 0, leaveB)) | 0;
    }
    if (leaving >= -1) rolled[leaving + 1] = (mix(hashA) >>> 12) * 2 ** 32 + (mix(hashB) >>> 0);
  }
  return rolled;
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let step = 0; step < exponent; step += 1) result = Math.imul(result, base);
  return result;
}

/** Spreads what is in the low bits over all of them: the least hash is to be any window's. */
function mix(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
