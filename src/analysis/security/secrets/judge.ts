/** Decides whether a value given to a credential's name is a real one, and how sure and how bad that is. */
import type { Confidence, Severity } from '../../../contracts/index.ts';
import type { Assignment } from './assignments.ts';
import { isPlaceholder, isReference } from './placeholders.ts';
import { isPasswordHash } from './password-hashes.ts';
import { characterClasses, isNoise, looksRandom, wordShare } from './randomness.ts';

export interface Verdict {
  readonly severity: Severity;
  readonly confidence: Confidence;
}

const SURE: Verdict = { severity: 'high', confidence: 'high' };
const LIKELY: Verdict = { severity: 'high', confidence: 'medium' };
const POSSIBLE: Verdict = { severity: 'medium', confidence: 'low' };
const DOUBTFUL: Verdict = { severity: 'low', confidence: 'low' };

const MINIMUM_LENGTH = { password: 4, secret: 6, token: 8, key: 8, weak: 16 } as const;

/** @returns undefined for placeholders, references and values that are no credential. */
export function judge(assignment: Assignment): Verdict | undefined {
  const { category, value, name } = assignment;
  if (value.length < MINIMUM_LENGTH[category] || value.length > 512) return undefined;
  const basic = /auth/i.test(name) ? basicCredentials(value) : undefined;
  if (basic !== undefined) return isPlaceholder(basic) ? undefined : SURE;
  if (isNoise(value)) return looksRandom(value) ? SURE : LIKELY;
  if (isPlaceholder(value) || isReference(value) || echoes(name, value)) return undefined;
  return isPasswordHash(value) ? POSSIBLE : verdictOn(assignment);
}

function verdictOn(assignment: Assignment): Verdict | undefined {
  const { category, value } = assignment;
  if (looksRandom(value)) return category === 'weak' ? weakVerdict(value) : SURE;
  if (category === 'password') return passwordVerdict(assignment);
  return category === 'weak' ? undefined : tokenVerdict(assignment);
}

/** The password of `user:password` in base64, as HTTP, Docker and npm write it. */
function basicCredentials(value: string): string | undefined {
  if (!/^[A-Za-z0-9+/]{8,400}={0,2}$/.test(value)) return undefined;
  const plain = Buffer.from(value, 'base64').toString('latin1');
  return /^[^:\s\x00-\x1f\x7f-\xff]{1,100}:([\x20-\x7e]{3,})$/.exec(plain)?.[1];
}

/** `password: "Password"`, `token = user_token`: a label or a variable, not a value. */
function echoes(name: string, value: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const plainName = plain(name);
  const plainValue = plain(value);
  return (
    plainValue !== '' && (plainName.endsWith(plainValue) || (/^[\w.-]+$/.test(value) && plainValue.endsWith(plainName)))
  );
}

/** `key`, `salt`, `auth`: long and random, or nothing. */
function weakVerdict(value: string): Verdict | undefined {
  if (!/^[\w+/=-]+$/.test(value) || wordShare(value) > 0.4) return undefined;
  return value.length >= 20 ? POSSIBLE : DOUBTFUL;
}

function passwordVerdict({ value, quoted }: Assignment): Verdict | undefined {
  if (/\s/.test(value)) return undefined;
  const classes = characterClasses(value);
  const isWord = wordShare(value) >= 0.8;
  const hasDigit = /\d/.test(value);
  // One plain word in quotes is a bad password; several joined ones are a name.
  if (isIdentifier(value) && !hasDigit) return classes > 1 ? undefined : quoted ? POSSIBLE : DOUBTFUL;
  if (value.length >= 8 && classes >= 3) return LIKELY;
  if (hasDigit && classes >= 2) return isWord ? POSSIBLE : LIKELY;
  return POSSIBLE;
}

function tokenVerdict({ value, category }: Assignment): Verdict | undefined {
  if (/\s/.test(value)) return undefined;
  if (isIdentifier(value) && wordShare(value) >= 0.7)
    return category === 'secret' && characterClasses(value) === 1 ? DOUBTFUL : undefined;
  const isMixed = characterClasses(value) >= 2 && /\d/.test(value);
  if (!isMixed) return category === 'secret' ? DOUBTFUL : undefined;
  return wordShare(value) < 0.5 ? POSSIBLE : DOUBTFUL;
}

/** Letters, digits and the usual joints, reading as words: a name of something. */
function isIdentifier(value: string): boolean {
  return /^[A-Za-z][\w.:/-]*$/.test(value) && wordShare(value) >= 0.6;
}
