/** Hashes of passwords in the notations of crypt(3), PHP, Django, LDAP and Apache: who has one can guess at leisure. */
import type { SecretDetection } from './detection.ts';
import { isPlaceholder } from './placeholders.ts';
import { entropy } from './randomness.ts';

const HASHES: readonly { readonly hint: string; readonly pattern: RegExp }[] = [
  { hint: '$2', pattern: /\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}(?![./A-Za-z0-9])/g },
  {
    hint: '$',
    pattern:
      /\$(?:1|5|6|7|y|gy|apr1|sha1|md5)\$(?:rounds=\d{1,9}\$)?[./A-Za-z0-9$,=]{1,64}\$[./A-Za-z0-9]{22,86}(?![./A-Za-z0-9$])/g,
  },
  {
    hint: '$argon2',
    pattern: /\$argon2(?:id|i|d)\$v=\d+\$[mtp=,\d]{5,40}\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{20,90}/g,
  },
  { hint: '$', pattern: /(?<![\w$])\$[PH]\$[./A-Za-z0-9]{31}(?![./A-Za-z0-9])/g },
  { hint: '_sha', pattern: /\bpbkdf2_sha(?:1|256)\$\d{3,8}\$[A-Za-z0-9+/=]{4,64}\$[A-Za-z0-9+/]{20,64}=?/g },
  { hint: '$', pattern: /\b(?:pbkdf2:sha\d+:\d+|scrypt:\d+:\d+:\d+)\$[A-Za-z0-9]{4,64}\$[0-9a-f]{40,128}\b/g },
  { hint: '{', pattern: /\{S?(?:SHA|MD5)(?:256|384|512)?\}[A-Za-z0-9+/]{22,120}={0,2}/g },
];

/** A value that is such a hash as a whole, its end cut off or not. */
const HASH = /^(\$(2[abxy]|argon2\w*|[156y]|apr1|[PH]|pbkdf2\S*)\$|pbkdf2[_:]|scrypt:|\{S?SHA)/;

export function isPasswordHash(value: string): boolean {
  return HASH.test(value);
}

export function* findPasswordHashes(text: string): Generator<SecretDetection> {
  for (const { hint, pattern } of HASHES) {
    if (!text.includes(hint)) continue;
    for (const match of text.matchAll(pattern)) {
      const [value] = match;
      if (entropy(value) < 3.5 || isPlaceholder(value)) continue;
      yield {
        rule: 'password-hash',
        title: 'hash of a password',
        severity: 'medium',
        confidence: 'medium',
        start: match.index,
        end: match.index + value.length,
        value,
        isKnownFormat: false,
      };
    }
  }
}
