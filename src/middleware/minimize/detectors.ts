/** Secrets and personal data known by their shape. Every pattern is linear: it starts where a run of its kind starts. */

/** Replaces what it recognises; the same text when there is nothing. */
type Detector = (text: string) => string;

export const DETECTORS = ['email', 'phone', 'card', 'iban', 'ssn', 'ip', 'token', 'jwt', 'privateKey'] as const;
export type DetectorName = (typeof DETECTORS)[number];

const EMAIL =
  /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}(?![A-Za-z0-9-])/g;

/** With a country code, or grouped as in North America: a bare run of digits is more often an id. */
const PHONE =
  /(?<![\w+.-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d(?:[ .-]?\d){5,12}|(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4})(?![\w-])/g;

const CARD = /(?<![\w.-])[2-6](?:[ -]?\d){12,18}(?![\w-])/g;

const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])/g;

/** Grouped as it is written; a run of nine digits is more often something else. What is never issued is none. */
const SSN = /(?<![\w.-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])/g;

/** Four numbers up to 255; a version number of four parts looks the same and goes, too. */
const IPV4 = /(?<![\w.-])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w-]|\.\d)/g;

/** Runs of hexadecimal groups between colons; `isIpv6` has the last word. */
const IPV6 = /(?<![\w:.])[0-9A-Fa-f:]{2,39}(?![\w:])/g;

/** What issuers publish: fixed prefixes, then enough characters. */
const TOKEN = new RegExp(
  `(?<![A-Za-z0-9_-])(?:${[
    'gh[pousr]_[A-Za-z0-9]{36,255}',
    'github_pat_[A-Za-z0-9_]{60,255}',
    'gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[A-Za-z0-9_-]{20,64}',
    'xox[abeoprs]-[A-Za-z0-9-]{10,200}',
    'xapp-[A-Za-z0-9-]{10,200}',
    '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}',
    'AIza[A-Za-z0-9_-]{35}',
    'GOCSPX-[A-Za-z0-9_-]{28}',
    'ya29\\.[A-Za-z0-9_-]{30,250}',
    '[rs]k_(?:live|test)_[A-Za-z0-9]{20,120}',
    'whsec_[A-Za-z0-9+/=]{24,120}',
    'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}',
    'npm_[A-Za-z0-9]{36}',
    'pypi-[A-Za-z0-9_-]{50,250}',
    'sk-(?:ant|proj|svcacct|admin)-[A-Za-z0-9_-]{20,200}',
    'sk-[A-Za-z0-9]{32,120}',
    'hf_[A-Za-z]{34}',
    'do[opr]_v1_[0-9a-f]{64}',
    'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}',
    'dckr_pat_[A-Za-z0-9_-]{20,60}',
    'glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}',
    'hv[sbr]\\.[A-Za-z0-9_-]{24,200}',
  ].join('|')})(?![A-Za-z0-9_-])`,
  'g',
);

const JWT = /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g;

/** To the end of the text where the end mark was cut off. */
const PRIVATE_KEY =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)[\s\S])*(?:-----END [A-Z0-9 ]{0,60}-----)?/g;

const BY_NAME: Readonly<Record<DetectorName, Detector>> = {
  email: (text) => (text.includes('@') ? text.replace(EMAIL, '[REDACTED:email]') : text),
  phone: (text) => text.replace(PHONE, (found) => (isPhone(found) ? '[REDACTED:phone]' : found)),
  card: (text) => text.replace(CARD, (found) => (passesLuhn(found) ? '[REDACTED:card]' : found)),
  iban: (text) => text.replace(IBAN, withoutIban),
  ssn: (text) => text.replace(SSN, '[REDACTED:ssn]'),
  ip: (text) => withoutIpv6(text.replace(IPV4, '[REDACTED:ip]')),
  token: (text) => text.replace(TOKEN, '[REDACTED:token]'),
  jwt: (text) => (text.includes('eyJ') ? text.replace(JWT, '[REDACTED:jwt]') : text),
  privateKey: (text) => (text.includes('-----BEGIN ') ? text.replace(PRIVATE_KEY, '[REDACTED:private key]') : text),
};

/** @throws TypeError naming the detectors there are. */
export function detector(name: DetectorName): Detector {
  const found = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (found === undefined)
    throw new TypeError(`there is no detector "${String(name)}"; there are ${DETECTORS.join(', ')}`);
  return found;
}

function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  return digits >= 8 && digits <= 15;
}

/** Times and MAC addresses have colons as well. */
function withoutIpv6(text: string): string {
  return text.includes(':') ? text.replace(IPV6, (found) => (isIpv6(found) ? '[REDACTED:ip]' : found)) : text;
}

/** RFC 4291: eight groups, or fewer around one `::`. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (halves.length > 2 || !groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? groups.length >= 1 && groups.length < 8 : groups.length === 8;
}

/** ISO/IEC 7812: every second digit from the right doubled, the sum divisible by ten. */
function passesLuhn(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Upper-case words may follow the number: the longest part that is an IBAN goes, the rest stays. */
function withoutIban(found: string): string {
  for (let end = found.length; end >= 15; end -= 1) {
    const part = found.slice(0, end);
    if (!part.endsWith(' ') && isIban(part.replaceAll(' ', ''))) return `[REDACTED:iban]${found.slice(end)}`;
  }
  return found;
}

/** ISO 13616: the first four characters to the end, letters as numbers from 10, the remainder by 97 is 1. */
function isIban(compact: string): boolean {
  if (compact.length < 15 || compact.length > 34) return false;
  let remainder = 0;
  for (const char of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}
