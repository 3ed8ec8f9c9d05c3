/** Credentials inside addresses and command lines: `scheme://user:password@host`, `curl -u user:password`. */
import type { SecretDetection } from './detection.ts';
import { isPlaceholder, isReference } from './placeholders.ts';

const URL =
  /\b([a-z][a-z0-9+.-]{1,20}):\/\/([^\s:@/'"`<>{}()[\]\\]{0,100}):([^\s@/'"`<>\\]{3,200})@([\w.-]{1,200}|\[[0-9a-f:]{2,40}\])/gi;
const COMMAND =
  /\b(?:curl|wget|http|https)\b[^\n]{0,200}?[ \t](?:-u|--user)[ =]{0,2}["']?[\w.@-]{1,60}:(?<value>[^\s"'`]{3,100})/g;
/** Programs that take a password as an argument, with the group `value`; the hint is the name of each. */
const PROGRAMS: readonly { readonly hint: string; readonly pattern: RegExp }[] = [
  { hint: 'sshpass', pattern: /\bsshpass[ \t]{1,4}-p[ \t]{0,4}["']?(?<value>[^\s"'`]{3,100})/g },
  {
    hint: 'mysql',
    pattern:
      /\bmysql(?:dump|admin|import|show)?[ \t][^\n|;]{0,200}?[ \t]-p["']?(?<value>[^\s"'`$;|&<>-][^\s"'`;|&<>]{3,60})/g,
  },
  {
    hint: 'login',
    pattern: /\b(?:docker|podman)[ \t]+login\b[^\n|;]{0,200}?[ \t]-p[ \t]+["']?(?<value>[^\s"'`;|&]{4,200})/g,
  },
  { hint: 'redis-cli', pattern: /\bredis-cli\b[^\n|;]{0,200}?[ \t]-a[ \t]+["']?(?<value>[^\s"'`;|&]{4,100})/g },
  {
    hint: 'pass',
    pattern:
      /[ \t]-(?:store|key|src|dest)?pass(?:in|out|word)?[ \t]+(?:pass:)?["']?(?<value>(?!pass:|env:|file:|stdin)[^\s"'`;|&-][^\s"'`;|&]{3,100})/g,
  },
  {
    hint: 'htpasswd',
    pattern:
      /\bhtpasswd[ \t]+-\w{0,6}b\w{0,6}[ \t]+[^\s]{1,200}[ \t]+[\w.@-]{1,60}[ \t]+["']?(?<value>[^\s"'`;|&]{4,100})/g,
  },
];

/** Example hosts of RFC 2606, loopback, and the made-up ones that documentation is full of. */
const EXAMPLE_HOST =
  /(^|\.)(example\.(com|org|net)|example|test|invalid|host|hostname|server|domain\.com|mydomain\.com|company\.com|proxy|site\.com|foo\.com|bar\.com)$/i;
const LOCAL_HOST =
  /^(localhost|127\.|0\.0\.0\.0|::1|\[|db$|database$|postgres$|mysql$|redis$|mongo(db)?$|rabbitmq$|host\.docker)/i;
const STAND_IN =
  /^(pass(word|wd)?|pwd|secret|token|user(name)?|login|admin|root|guest|test|postgres|mysql|foo|bar|example|xxx+|\*+|key|p|pw|credentials?|api_?key|redis|rabbitmq|mongo(db)?|dev(elopment)?|local|[a-z]|\d{1,4}|\.+)$/i;

export function* findUrlCredentials(text: string): Generator<SecretDetection> {
  for (const match of text.matchAll(URL)) {
    const [whole, , , value = '', host = ''] = match;
    // A name such as `user` says nothing: real ones are called that too.
    if (isStandIn(value) || EXAMPLE_HOST.test(host)) continue;
    const start = match.index + whole.length - host.length - 1 - value.length;
    const isLocal = LOCAL_HOST.test(host);
    yield detection('url-credentials', 'password in an address', value, start, isLocal);
  }
  yield* findIn(text, COMMAND);
  for (const { hint, pattern } of PROGRAMS) if (text.includes(hint)) yield* findIn(text, pattern);
}

function* findIn(text: string, pattern: RegExp): Generator<SecretDetection> {
  for (const match of text.matchAll(pattern)) {
    const value = match.groups?.value ?? '';
    if (isStandIn(value)) continue;
    yield detection(
      'command-credentials',
      'password on a command line',
      value,
      match.index + match[0].length - value.length,
      false,
    );
  }
}

function isStandIn(value: string): boolean {
  return (
    STAND_IN.test(value) ||
    isPlaceholder(value) ||
    isReference(value) ||
    /[${}%<>]/.test(value.replace(/%[0-9a-f]{2}/gi, ''))
  );
}

function detection(rule: string, title: string, value: string, start: number, isLocal: boolean): SecretDetection {
  return {
    rule,
    title,
    severity: isLocal ? 'low' : 'high',
    confidence: isLocal ? 'low' : 'medium',
    start,
    end: start + value.length,
    value,
    isKnownFormat: false,
  };
}
