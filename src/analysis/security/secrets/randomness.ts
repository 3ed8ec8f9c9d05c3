/** How random a text looks: entropy, character classes, and how much of it reads like words. */

/** Shannon entropy in bits per character. */
export function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) {
    const share = count / value.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}

const CLASSES = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/] as const;

/** How many of lower case, upper case, digits and symbols occur: 0 to 4. */
export function characterClasses(value: string): number {
  return CLASSES.filter((pattern) => pattern.test(value)).length;
}

/** Share of neighbouring characters that repeat or count up or down by one, as in `aaaa1234`. */
export function sequentialShare(value: string): number {
  if (value.length < 2) return 0;
  let steps = 0;
  for (let at = 1; at < value.length; at++) {
    if (Math.abs(value.charCodeAt(at) - value.charCodeAt(at - 1)) <= 1) steps++;
  }
  return steps / (value.length - 1);
}

/** Runs of letters, cut at camel humps: `parseHTTPBody2` gives parse, HTTP, Body. */
const LETTER_RUN = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g;
const VOWEL = /[aeiouyAEIOUY]/;
const CONSONANT_RUN = /[^aeiouyAEIOUY]{5,}/;

function readsLikeWord(run: string, value: string, at: number): boolean {
  const minimum = isSeparated(value, at, at + run.length) ? 2 : 4;
  return run.length >= minimum && (run.length <= 3 || (VOWEL.test(run) && !CONSONANT_RUN.test(run)));
}

function isSeparated(value: string, start: number, end: number): boolean {
  return isSeparator(value[start - 1]) && isSeparator(value[end]);
}

function isSeparator(character: string | undefined): boolean {
  return character === undefined || /[\s_.:/-]/.test(character);
}

/** Share of letters and digits that stand in runs readable as words: 1 for `my_access_token`, about 0.3 for base64. */
export function wordShare(value: string): number {
  const symbols = value.replace(/[^A-Za-z0-9]/g, '').length;
  if (symbols === 0) return 0;
  let words = 0;
  for (const match of value.matchAll(LETTER_RUN)) {
    if (readsLikeWord(match[0], value, match.index)) words += match[0].length;
  }
  return words / symbols;
}

/** Parts of patterns and templates, which are as varied as keys. */
const PATTERN_OR_TEMPLATE = /\[\^?[\w]-[\w]|\\[dwsbDWSB]|\(\?[:=!<]|\$\{[a-z]|\{\{|<\/\w/;

/** Long and of every kind of sign, as generators of salts and keys make them; no text or code looks like it. */
export function isNoise(value: string): boolean {
  return (
    value.length >= 32 &&
    characterClasses(value) === 4 &&
    entropy(value) >= 4.6 &&
    value.replace(/[\w\s.,:;/-]/g, '').length >= value.length / 6 &&
    wordShare(value) < 0.35 &&
    !PATTERN_OR_TEMPLATE.test(value)
  );
}

/** Longer texts must be more varied to count as random; the bounds are shares of what a random text of that length has. */
export function looksRandom(value: string): boolean {
  if (value.length < 12 || /\s/.test(value) || sequentialShare(value) > 0.4) return false;
  const hexadecimal = /^[0-9a-fA-F-]+$/.test(value);
  const possible = Math.log2(Math.min(value.length, hexadecimal ? 16 : 62));
  if (entropy(value) / possible < 0.75) return false;
  if (/^[0-9]+$/.test(value)) return false;
  // Names are made of words and seldom hold digits.
  return hexadecimal || wordShare(value) < (/\d/.test(value) ? 0.66 : 0.4);
}
