/** Tokens known by their shape alone, and JSON web tokens; a checksum that a token carries is held against it. */
import type { SecretDetection } from './detection.ts';
import { isPlaceholder } from './placeholders.ts';
import { entropy } from './randomness.ts';
import { checksumOf } from './token-checksums.ts';
import { TOKEN_FORMATS, type TokenFormat } from './token-list.ts';

/** What is known by its format: the part of the rule's id after `secret/`, and its title. */
export const TOKEN_TITLES: readonly (readonly [rule: string, title: string])[] = [
  ...new Map(TOKEN_FORMATS.map(({ rule, title }) => [rule, title] as const)),
];

/** Known tokens in a text. */
export function* findTokens(text: string): Generator<SecretDetection> {
  const begun = new Set<string>();
  for (const [prefix] of text.matchAll(PREFIXES)) begun.add(prefix);
  const beginnings = [...begun];
  for (const format of TOKEN_FORMATS) {
    if (!isPossible(format, beginnings, text)) continue;
    for (const match of text.matchAll(format.pattern)) {
      const value = match[1] ?? match[0];
      if (entropy(value) < 2.8 || isPlaceholder(value)) continue;
      const start = match.index + match[0].length - value.length;
      yield { ...rated(format, value), start, end: start + value.length, value, isKnownFormat: true };
    }
  }
}

/** Every prefix in one pass, the longer of two first: a pass for each would cost more than all else together. */
const PREFIXES = new RegExp(
  `\\b(?:${[...new Set(TOKEN_FORMATS.flatMap(({ prefixes }) => prefixes))]
    .sort((a, b) => b.length - a.length)
    .map((prefix) => prefix.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
    .join('|')})`,
  'g',
);

/** @param beginnings the prefixes that stand in the text */
function isPossible({ prefixes, inside }: TokenFormat, beginnings: readonly string[], text: string): boolean {
  return (
    inside.some((part) => text.includes(part)) ||
    beginnings.some((beginning) => prefixes.some((prefix) => beginning.startsWith(prefix)))
  );
}

/** A token whose checksum is wrong was made up or changed: it is told, and not called sure. */
function rated(
  { rule, title, severity }: TokenFormat,
  value: string,
): Pick<SecretDetection, 'rule' | 'title' | 'severity' | 'confidence'> {
  if (checksumOf(value) !== 'wrong') return { rule, title, severity, confidence: 'high' };
  return { rule, title, severity: 'medium', confidence: 'low' };
}

const JWT = /\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{4,6000}\.[A-Za-z0-9_-]{10,1200}/g;

/** Signed JSON web tokens whose header and claims really are such. */
export function* findJsonWebTokens(text: string): Generator<SecretDetection> {
  if (!text.includes('.eyJ')) return;
  for (const match of text.matchAll(JWT)) {
    const value = match[0];
    const [header = '', claims = ''] = value.split('.');
    if (!isJwtHeader(header) || !decoded(claims).startsWith('{"')) continue;
    yield {
      rule: 'jwt',
      title: 'JSON web token',
      severity: 'medium',
      confidence: 'medium',
      start: match.index,
      end: match.index + value.length,
      value,
      isKnownFormat: false,
    };
  }
}

function decoded(part: string): string {
  return Buffer.from(part, 'base64url').toString('utf8');
}

function isJwtHeader(encoded: string): boolean {
  return /"(alg|typ)"\s*:/.test(decoded(encoded));
}
