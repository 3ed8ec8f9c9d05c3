/** Finds values given to names that promise a credential, in any language: one pass over the hints, bounded look-ahead. */
import { classifyKey, KEY_HINT, type KeyCategory } from './key-names.ts';
import type { TextFlavour } from './file-flavour.ts';

/** A name and the literal value it is given. */
export interface Assignment {
  readonly name: string;
  readonly category: KeyCategory;
  readonly value: string;
  readonly quoted: boolean;
  /** Offset of the value in the text. */
  readonly start: number;
  readonly end: number;
}

const MAX_NAME = 80;
const MAX_VALUE = 600;
const NAME_CHARACTER = /[\w.-]/;

const CLOSE_NAME = /(?:\[\w{0,20}\])?\\?["'`]?(?:[ \t]{0,4}\])?[!?]?/y;
const SPACE = /[ \t]{0,60}/y;
const TYPE = /:[ \t]{0,4}[&\w'[\]<>|.?: ]{1,40}?=(?!=)[ \t]{0,20}/y;
const OPERATOR = /(?:===?|!==?|:=|=>|\?\?=?|\|\|=?|or\b|[?]=|=|:(?!:)|\.equals\()/y;
const AFTER_OPERATOR = /[ \t]{0,60}(?:\r?\n[ \t]{0,60}(?=\\?["'`]))?/y;
const WRAPPER =
  /(?:(?:new[ \t]{1,4})?(?:String|str|bytes|Buffer\.from|b64decode|Some|SecretStr|SecretString|Arrays\.asList|\[\]byte|Bearer|\$this->\w{1,30})\([ \t]{0,4}|ConvertTo-SecureString[ \t]{1,4}(?:-String[ \t]{1,4})?|\[[ \t]{0,4})?[bBuUrRfFL@$]{0,2}(?=\\?["'`])/y;
const FALLBACK = /[\w.$[\]()'"-]{1,100}[ \t]{0,4}(?:\|\||\?\?|\bor\b|\?:|,)[ \t]{0,4}(?=["'`])/y;
const PAIR = /\\?["']?[ \t]{0,4},?\s{0,60}\\?["']?(?:[vV]alue|[dD]efault(?:Value)?)\\?["']?[ \t]{0,4}[:=][ \t]{0,4}/y;
/** Attributes of an element, up to the end of its tag. */
const REST_OF_TAG = /(?:\s[^<>]{0,200})?>/y;
const COMBINED = /[ \t]{0,10}(?:\+|%(?!>)|\.\.|&(?!&)|<<)|[ \t]{1,10}\.[ \t]|\.(?:format|replace|concat|split|join)\(/y;
const SCHEME = /^(?:Bearer|Basic|Token|token|bearer|basic|ApiKey|apikey)[ +]/;

/** Every name in `text` that promises a credential and is given a literal. */
export function* findAssignments(text: string, flavour: TextFlavour): Generator<Assignment> {
  let from = 0;
  for (const hint of text.matchAll(KEY_HINT)) {
    if (hint.index < from) continue;
    const name = nameAround(text, hint.index, hint.index + hint[0].length);
    from = name.end;
    // `password.encode("x")` is about the method; `db.password.value=x` in a properties file is not.
    const isPath = flavour === 'config' || !name.text.includes('.');
    const category = classifyKey(isPath ? name.text : name.text.slice(name.text.lastIndexOf('.') + 1));
    if (category === undefined) continue;
    const value = readAssigned(text, name, flavour);
    if (value !== undefined) yield { name: name.text, category, ...value };
  }
}

interface Name {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface Value {
  readonly value: string;
  readonly quoted: boolean;
  readonly start: number;
  readonly end: number;
}

function nameAround(text: string, hintStart: number, hintEnd: number): Name {
  let start = hintStart;
  while (start > 0 && hintStart - start < MAX_NAME && NAME_CHARACTER.test(text[start - 1] ?? '')) start--;
  let end = hintEnd;
  while (end < text.length && end - hintEnd < MAX_NAME && NAME_CHARACTER.test(text[end] ?? '')) end++;
  while (end > hintEnd && /[.-]/.test(text[end - 1] ?? '')) end--;
  const whole = text.slice(start, end);
  // `config.password.equals(` and `settings.api_key`: the last member is the name, unless it is a method.
  return {
    text: whole.replace(/\.(?:equals|get|set|value)$/, ''),
    start,
    end: end - (/\.equals$/.test(whole) ? 7 : 0),
  };
}

function stick(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function skip(pattern: RegExp, text: string, at: number): number {
  return stick(pattern, text, at) ?? at;
}

function readAssigned(text: string, name: Name, flavour: TextFlavour): Value | undefined {
  const closed = skip(CLOSE_NAME, text, name.end);
  const pair = stick(PAIR, text, name.end);
  if (pair !== undefined) return readQuoted(text, pair) ?? (flavour === 'config' ? readBare(text, pair) : undefined);
  const spaced = skip(SPACE, text, closed);
  const typed = stick(TYPE, text, spaced);
  if (typed !== undefined) {
    const value = readQuoted(text, typed);
    if (value !== undefined) return value;
  }
  const operator = stick(OPERATOR, text, spaced);
  if (flavour === 'code' && text[spaced] === ':' && isChoice(text, name.start)) return undefined;
  if (operator === undefined) return readWithoutOperator(text, name, { closed, spaced }, flavour);
  const after = skip(AFTER_OPERATOR, text, operator);
  const quoted = readQuoted(text, after) ?? readFallback(text, after);
  if (quoted !== undefined) return quoted;
  return mayBeBare(text, name, spaced, operator, flavour) ? readBare(text, after) : undefined;
}

/** `ok ? 'pass' : 'info'`: the text is the first of two choices, and the second is not given to it. */
function isChoice(text: string, start: number): boolean {
  return /\?\s{0,60}["'`]$/.test(text.slice(Math.max(0, start - 64), start));
}

/** `process.env.SECRET || 'literal'`, `os.environ.get("SECRET", "literal")`. */
function readFallback(text: string, at: number): Value | undefined {
  const start = stick(FALLBACK, text, at);
  return start === undefined ? undefined : readQuoted(text, start);
}

/** A bare value counts in configuration, and in strings such as `…;Pwd=value;` and `?token=value&`. */
function mayBeBare(text: string, name: Name, spaced: number, operator: number, flavour: TextFlavour): boolean {
  if (flavour === 'config' || flavour === 'prose') return true;
  return (
    spaced === name.end &&
    text[operator - 1] === '=' &&
    operator === name.end + 1 &&
    /[;?&"']/.test(text[name.start - 1] ?? '')
  );
}

/** `setPassword("x")`, `put("password", "x")`, `<password>x</password>`, `--password x`. */
function readWithoutOperator(
  text: string,
  name: Name,
  at: { readonly closed: number; readonly spaced: number },
  flavour: TextFlavour,
): Value | undefined {
  const next = text[at.spaced];
  const before = text[name.start - 1] ?? '';
  const isQuotedName = at.closed > name.end && /["'`]/.test(before);
  if ((next === ',' && isQuotedName && isFirstArgument(text, name.start - 1)) || (next === '(' && !isQuotedName)) {
    return readQuoted(text, skip(SPACE, text, at.spaced + 1));
  }
  if (next === ')' && isQuotedName) return readFallback(text, at.spaced);
  if (before === '<') {
    const opened = stick(REST_OF_TAG, text, name.end);
    if (opened !== undefined) return readElement(text, opened);
  }
  if (at.spaced === at.closed) return undefined;
  if (!takesNextWord(text, name, flavour)) return readAlone(text, name, at.spaced, flavour);
  return readQuoted(text, at.spaced) ?? readBare(text, at.spaced, true);
}

/** `put("password", …)`, and not one of a list of names. */
function isFirstArgument(text: string, quote: number): boolean {
  return /\(\s{0,40}$/.test(text.slice(Math.max(0, quote - 42), quote));
}

/** `#define PASSWORD "x"`, `(def password "x")`, and a line of nothing but a name and a text. */
function readAlone(text: string, name: Name, at: number, flavour: TextFlavour): Value | undefined {
  // Lines can be as long as files: only their near end is looked at.
  const near = text.slice(Math.max(0, name.start - 120), name.start);
  const before = near.slice(near.lastIndexOf('\n') + 1);
  if (/(?:#[ \t]*define|\(def(?:parameter|var|constant)?)[ \t]+[\w-]{0,40}$/.test(before)) return readQuoted(text, at);
  if (flavour === 'prose' || before.trim() !== '') return undefined;
  const value = readQuoted(text, at);
  return value !== undefined && /^["'][ \t]*;?[ \t]*(?:\r?\n|$)/.test(text.slice(value.end, value.end + 20))
    ? value
    : undefined;
}

/** `--password x`, and `ENV PASSWORD x` of a Dockerfile. */
function takesNextWord(text: string, name: Name, flavour: TextFlavour): boolean {
  if (text.startsWith('--', name.start)) return true;
  const before = text.slice(Math.max(0, name.start - 40), name.start);
  return before.endsWith('--') || (flavour === 'config' && /(^|\n)[ \t]*ENV[ \t]+$/.test(before));
}

function readElement(text: string, start: number): Value | undefined {
  const end = text.indexOf('<', start);
  if (end === -1 || end - start > MAX_VALUE || text[end + 1] !== '/') return undefined;
  const value = text.slice(start, end);
  return value.includes('\n') ? undefined : { value: value.trim(), quoted: true, start, end };
}

function readQuoted(text: string, at: number): Value | undefined {
  const open = skip(WRAPPER, text, at);
  const escaped = text[open] === '\\' ? '\\' : '';
  const quote = text[open + escaped.length] ?? '';
  if (quote !== '"' && quote !== "'" && quote !== '`') return undefined;
  const start = open + escaped.length + 1;
  const end = closingQuote(text, start, escaped + quote);
  if (end === undefined || end === start) return undefined;
  const after = end + escaped.length + 1;
  if (stick(COMBINED, text, after) !== undefined) return undefined;
  if (/^[ \t]{0,4}:(?!:)/.test(text.slice(after, after + 6)) && text.slice(at - 1, open).includes('\n'))
    return undefined;
  return withoutScheme({ value: text.slice(start, end), quoted: true, start, end });
}

function closingQuote(text: string, start: number, close: string): number | undefined {
  const limit = Math.min(text.length, start + MAX_VALUE);
  for (let at = start; at < limit; at++) {
    if (text.startsWith(close, at)) return at;
    const character = text[at];
    if (character === '\n') return undefined;
    if (character === '\\') at++;
  }
  return undefined;
}

const BARE = /[^\s"'`<>]{1,600}/y;

/** @param isWord true where more words may follow on the line without belonging to the value */
function readBare(text: string, start: number, isWord = false): Value | undefined {
  const scheme = SCHEME.exec(text.slice(start, start + 10))?.[0].length ?? 0;
  const from = start + scheme;
  const limit = stick(BARE, text, from);
  if (limit === undefined) return undefined;
  const raw = text.slice(from, limit);
  const value = (/[;&]/.test(raw) ? (raw.split(/[;&]/, 1)[0] ?? '') : raw).replace(/[,;)\]}\\]+$/, '');
  // More words on the line: a sentence, a command or an expression, not a value.
  const rest = text.slice(from + value.length, from + value.length + 30).split('\n', 1)[0] ?? '';
  if (value === '' || (!isWord && /^[ \t]+[^\s#;&|\\/)}]/.test(rest)) || /^["'`(]/.test(rest)) return undefined;
  return { value, quoted: false, start: from, end: from + value.length };
}

function withoutScheme(value: Value): Value {
  const scheme = SCHEME.exec(value.value)?.[0].length ?? 0;
  return scheme === 0 ? value : { ...value, value: value.value.slice(scheme), start: value.start + scheme };
}
