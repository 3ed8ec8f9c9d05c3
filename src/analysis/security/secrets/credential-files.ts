/** Credentials that stand at their place in a file's format instead of behind a name: netrc, pgpass, key files and the like. */
import type { SecretDetection } from './detection.ts';
import { isPlaceholder, isReference } from './placeholders.ts';
import { characterClasses, looksRandom } from './randomness.ts';

interface FileFormat {
  /** What the path must be like; a format that shows in the text itself has none. */
  readonly path?: RegExp;
  /** Global; the value is the group `value`. */
  readonly pattern: RegExp;
  readonly hint: string;
  readonly rule: string;
  readonly title: string;
}

const PASSWORD = { rule: 'password', title: 'password' } as const;

const FORMATS: readonly FileFormat[] = [
  {
    hint: 'machine',
    pattern:
      /\bmachine\s+\S{1,200}\s+(?:login\s+\S{1,200}\s+)?(?:account\s+\S{1,200}\s+)?password\s+"?(?<value>[^\s"\\]{4,200})/g,
    ...PASSWORD,
  },
  {
    path: /(^|\/)[._]?pgpass(\.conf|\.txt)?$/i,
    hint: ':',
    pattern:
      /^(?!#)(?:[^:\n\\]|\\.){1,200}:(?:\d{1,5}|\*):(?:[^:\n\\]|\\.){1,100}:(?:[^:\n\\]|\\.){1,100}:(?<value>[^\s]{3,200})\r?$/gm,
    ...PASSWORD,
  },
  {
    path: /(^|\/)[._]?git-credentials$/i,
    hint: '@',
    pattern: /^[a-z+]{3,10}:\/\/[^:\s]{1,200}:(?<value>\S{3,200})@[\w.:-]{3,200}\/?\r?$/gm,
    rule: 'url-credentials',
    title: 'password in an address',
  },
  {
    path: /(^|\/)[._]?htpasswd$|(^|\/)[._]?htpasswd[._-][\w-]*$/i,
    hint: ':',
    pattern: /^[^:#\s]{1,100}:(?<value>[./A-Za-z0-9]{13})\r?$/gm,
    rule: 'password-hash',
    title: 'hash of a password',
  },
  {
    // What mail and chat programs take: a name and its value, and nothing else on the line.
    path: /(^|\/)\.?[\w.-]*rc$|(^|\/)\.[\w-]+$|\.(?:conf|cnf|cfg)$/i,
    hint: 'pass',
    pattern:
      /^[ \t]*(?:password|passwd|pass|requirepass|masterauth|rootpw|bindpw)[ \t]+(?:"(?<value>[^"\s]{4,200})"|(?<bare>(?=[^\s\d]*\d)[^\s"'$<{(=]{6,200}))[ \t]*\r?$/gim,
    ...PASSWORD,
  },
  {
    // Rails' own key file: nothing but the key.
    path: /(^|\/)(?:master|credentials|production|staging|development|[\w-]*secret[\w-]*)\.key$/i,
    hint: '',
    pattern: /^(?<value>[0-9a-f]{32}|[0-9a-f]{64})\s*$/g,
    rule: 'key',
    title: 'key',
  },
  {
    path: /(^|\/)[._]?(?:vault[._-]?pass(?:word)?|passw(?:or)?d|secret|token|api[._-]?key|auth[._-]?token|access[._-]?token)(?:\.(?:txt|key|secret|token))?$/i,
    hint: '',
    pattern: /^(?<value>\S{8,512})\s*$/g,
    rule: 'secret',
    title: 'secret',
  },
];

/** @param file relative to the root */
export function* findInCredentialFiles(file: string, text: string): Generator<SecretDetection> {
  for (const format of FORMATS) {
    const isMeant = format.path === undefined || format.path.test(file);
    if (isMeant && text.includes(format.hint)) yield* findByPlace(text, format);
  }
  yield* findInKubernetesSecret(text);
}

function* findByPlace(text: string, { pattern, rule, title }: FileFormat): Generator<SecretDetection> {
  for (const match of text.matchAll(pattern)) {
    const value = match.groups?.value ?? match.groups?.bare ?? '';
    // A password in an address may hold anything.
    if (isPlaceholder(value) || (rule !== 'url-credentials' && isReference(value))) continue;
    const start = match.index + match[0].lastIndexOf(value);
    yield {
      rule,
      title,
      severity: rule === 'password-hash' ? 'medium' : 'high',
      confidence: looksRandom(value) || characterClasses(value) >= 3 ? 'high' : 'medium',
      start,
      end: start + value.length,
      value,
      isKnownFormat: false,
    };
  }
}

const KUBERNETES = /^kind:[ \t]*["']?Secret["']?[ \t]*\r?$/m;
const ENTRY =
  /^(?<indent>[ \t]{1,12})(?<name>[\w.-]{1,80}):[ \t]*["']?(?<value>[A-Za-z0-9+/]{4,4000}={0,2})["']?[ \t]*\r?$/gm;
/** Entries of a secret that are public, or about it. */
const PUBLIC = /^(?:namespace|name|ca\.crt|tls\.crt|username|user|host|port|type|database|url|endpoint|region)$/i;

/** Below `data:` of a Kubernetes secret everything is base64; what stands there is decoded before it is judged. */
function* findInKubernetesSecret(text: string): Generator<SecretDetection> {
  if (!text.includes('Secret') || !KUBERNETES.test(text)) return;
  for (const { index: at, 0: block } of text.matchAll(/^data:[ \t]*\r?\n(?:[ \t]+[^\n]*\n?)+/gm)) {
    for (const match of block.matchAll(ENTRY)) {
      const { name = '', value = '' } = match.groups ?? {};
      const plain = Buffer.from(value, 'base64').toString('utf8').trim();
      if (PUBLIC.test(name) || plain.length < 4 || isPlaceholder(plain) || isReference(plain)) continue;
      const start = at + match.index + match[0].lastIndexOf(value);
      yield {
        rule: 'secret',
        title: 'value of a Kubernetes secret',
        severity: 'high',
        confidence: 'high',
        start,
        end: start + value.length,
        value,
        name,
        isKnownFormat: false,
      };
    }
  }
}
