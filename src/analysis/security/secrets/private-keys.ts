/** Private keys of every wrapping: PEM, OpenSSH, PGP, PuTTY, and PEM in base64. One behind a passphrase weighs less. */
import type { SecretDetection } from './detection.ts';
import { entropy } from './randomness.ts';

const PRIVATE_KEY = /-----BEGIN ((?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?)-----/g;
/** Key material after the header, in whatever string syntax the lines are wrapped. */
const KEY_BODY = /^(?:[A-Za-z-]{1,20}: [^\n]{0,200}|[\s"'`+\\nr,.;]|(?!-----)[A-Za-z0-9+/=]){0,6000}/;
const PUTTY = /^PuTTY-User-Key-File-\d: [^\n]{1,60}\r?\nEncryption: ([^\r\n]{1,40})/gm;
const PUTTY_LINES = /^Private-Lines: \d{1,4}\r?\n([A-Za-z0-9+/=\r\n]{40,8000})/m;
/** `-----BEGIN ` in base64. */
const WRAPPED = /\bLS0tLS1CRUdJTi[A-Za-z0-9+/]{80,12000}={0,2}/g;

/** Private keys that carry key material; a header alone is a parser or a document. */
export function* findPrivateKeys(text: string): Generator<SecretDetection> {
  if (text.includes('PRIVATE KEY')) yield* findPem(text);
  if (text.includes('PuTTY-User-Key-File-')) yield* findPutty(text);
  if (text.includes('LS0tLS1CRUdJTi')) yield* findWrapped(text);
}

function* findPem(text: string): Generator<SecretDetection> {
  for (const match of text.matchAll(PRIVATE_KEY)) {
    const bodyStart = match.index + match[0].length;
    const body = KEY_BODY.exec(text.slice(bodyStart, bodyStart + 6000))?.[0] ?? '';
    const material = materialOf(body);
    if (material.length < 60 || entropy(material) < 4) continue;
    const isLocked = (match[1] ?? '').startsWith('ENCRYPTED') || isEncrypted(body, material);
    yield detection(material, match.index, bodyStart + body.length, isLocked);
  }
}

/** Without headers such as `Proc-Type: 4,ENCRYPTED` and what strings put between the lines. */
function materialOf(body: string): string {
  return body.replace(/^[A-Za-z-]{1,20}: .*$/gm, '').replace(/\\[nr]|[^A-Za-z0-9+/]/g, '');
}

/** PEM says it in a header; OpenSSH names a cipher, or `none`, right after its magic. */
function isEncrypted(body: string, material: string): boolean {
  if (/Proc-Type: 4,ENCRYPTED|DEK-Info:/.test(body)) return true;
  const start = Buffer.from(material.slice(0, 80), 'base64').toString('latin1');
  return start.startsWith('openssh-key-v1\0') && !start.startsWith('none', 19);
}

function* findPutty(text: string): Generator<SecretDetection> {
  for (const match of text.matchAll(PUTTY)) {
    const lines = PUTTY_LINES.exec(text.slice(match.index, match.index + 20_000));
    if (lines === null) continue;
    const end = match.index + lines.index + lines[0].length;
    yield detection(materialOf(lines[1] ?? ''), match.index, end, match[1] !== 'none');
  }
}

/** As kubeconfig files and Kubernetes secrets carry them. */
function* findWrapped(text: string): Generator<SecretDetection> {
  for (const match of text.matchAll(WRAPPED)) {
    const pem = Buffer.from(match[0], 'base64').toString('latin1');
    const [inner] = findPem(pem);
    if (inner !== undefined) {
      yield { ...inner, start: match.index, end: match.index + match[0].length };
    }
  }
}

function detection(value: string, start: number, end: number, isLocked: boolean): SecretDetection {
  return {
    rule: 'private-key',
    title: isLocked ? 'private key behind a passphrase' : 'private key',
    severity: isLocked ? 'medium' : 'critical',
    confidence: 'high',
    start,
    end,
    value,
    isKnownFormat: false,
  };
}
