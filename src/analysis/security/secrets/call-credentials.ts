/** Passwords given by their place in a call: `login('user', 'password')`, `mysqli_connect('host', 'user', 'password')`. */
import type { SecretDetection } from './detection.ts';
import { isPlaceholder, isReference } from './placeholders.ts';

const TEXT = String.raw`(?:"[^"\n]{1,200}"|'[^'\n]{1,200}')`;
const ANY = String.raw`(?:${TEXT}|[$\w.:>-]{1,60})`;
const SECRET = String.raw`(?:"(?<double>[^"\s]{4,200})"|'(?<single>[^'\s]{4,200})')`;

/** Arguments before the password, by the name of what is called. */
const CALLS: readonly { readonly hint: string; readonly pattern: RegExp }[] = [
  { hint: 'login', pattern: call(String.raw`\.(?:login|logIn|log_in|sign_in|signIn|authenticate)`, TEXT) },
  { hint: '_connect', pattern: call(String.raw`\b(?:mysqli?|ftp|sybase|mssql|oci)_p?connect`, ANY, ANY) },
  { hint: 'mysqli', pattern: call(String.raw`\bnew[ \t]{1,4}mysqli`, ANY, ANY) },
  { hint: 'PDO', pattern: call(String.raw`\bnew[ \t]{1,4}\\?PDO`, ANY, ANY) },
  { hint: 'getConnection', pattern: call(String.raw`\bDriverManager\.getConnection`, ANY, ANY) },
  { hint: 'asicAuth', pattern: call(String.raw`\b(?:HTTP|http\.)?[bB]asicAuth`, TEXT) },
  { hint: 'DigestAuth', pattern: call(String.raw`\bHTTPDigestAuth`, TEXT) },
  { hint: 'NetworkCredential', pattern: call(String.raw`\bnew[ \t]{1,4}NetworkCredential`, TEXT) },
  { hint: 'Credentials', pattern: call(String.raw`\bnew[ \t]{1,4}UsernamePasswordCredentials`, TEXT) },
  { hint: 'PasswordAuthentication', pattern: call(String.raw`\bnew[ \t]{1,4}PasswordAuthentication`, TEXT) },
];

function call(name: string, ...before: readonly string[]): RegExp {
  const given = before.map((argument) => String.raw`${argument}[ \t]{0,8},\s{0,40}`).join('');
  return new RegExp(String.raw`${name}[ \t]{0,4}\(\s{0,40}${given}${SECRET}`, 'g');
}

/** Statements that make a user: `IDENTIFIED BY 'x'` of MySQL and Oracle, `WITH PASSWORD 'x'` of PostgreSQL. */
const STATEMENTS: readonly RegExp[] = [
  new RegExp(
    String.raw`\bIDENTIFIED[ \t]+(?:WITH[ \t]+\S{1,60}[ \t]+)?(?:BY|AS)[ \t]+(?:PASSWORD[ \t]+)?${SECRET}`,
    'gi',
  ),
  new RegExp(String.raw`\b(?:ROLE|USER|LOGIN)[ \t][^\n;]{0,200}?\bPASSWORD[ \t]*=?[ \t]*${SECRET}`, 'gi'),
];

/** `"Authorization: Bearer x"`, as programs and curl are given headers. */
const HEADER = /["']Authorization:[ \t]*(?:Bearer|Basic|Token|token)[ \t]+(?<double>[\w.~+/=-]{16,400})["']/g;

/** libpq's notation: `host=db user=app password=…`, and ODBC's when it is spaced. */
const KEYWORDS =
  /\b(?:host|dbname|user|server|uid)[ ]?=[ ]?[^\s"'`]{1,100}[^"'`\n]{0,200}?[ ;](?:password|pwd)[ ]?=[ ]?(?<double>[^\s"'`;]{3,200})/gi;

export function* findInCalls(text: string): Generator<SecretDetection> {
  for (const { hint, pattern } of CALLS) {
    if (text.includes(hint)) yield* found(text, pattern);
  }
  if (text.includes('Authorization:')) yield* found(text, HEADER);
  if (!/password|pwd|identified/i.test(text)) return;
  yield* found(text, KEYWORDS);
  for (const statement of STATEMENTS) yield* found(text, statement);
}

function* found(text: string, pattern: RegExp): Generator<SecretDetection> {
  for (const match of text.matchAll(pattern)) {
    const value = match.groups?.double ?? match.groups?.single ?? '';
    if (value === '' || isPlaceholder(value) || isReference(value) || /^[a-z]{2,}[A-Z]/.test(value)) continue;
    const start = match.index + match[0].lastIndexOf(value);
    yield {
      rule: 'password',
      title: 'password in a call',
      severity: 'high',
      confidence: 'medium',
      start,
      end: start + value.length,
      value,
      isKnownFormat: false,
    };
  }
}
