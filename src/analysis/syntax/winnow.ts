/** Winnowing (Schleimer, Wilkerson, Aiken 2003): few hashes of a sequence, chosen so that no long copy is missed. */

export interface WinnowOptions {
  /** Tokens in one hashed window: what is shorter is no copy. */
  readonly size: number;
  /** Of this many windows in a row at least one is chosen: a copy of `size + choice - 1` tokens is always found. */
  readonly choice: number;
}

/** What is called a copy of a block. */
export const CLONE: WinnowOptions = { size: 100, choice: 16 };

const BASES = [0x01000193, 0x5bd1e995] as const;

/** Four numbers for each chosen window: its hash, the index of its first token, its first and its last line. */
export function winnow(hashes: Uint32Array, lines: Uint32Array, { size, choice }: WinnowOptions): Float64Array {
  const windows = hashes.length - size + 1;
  if (windows < 1) return new Float64Array(0);
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
      chosen.push(rolled[best] ?? 0, best, lines[best] ?? 0, lines[best + size - 1] ?? 0);
    }
  }
  return Float64Array.from(chosen);
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
