/** Comments that take a finding off the list: `conductor-ignore RULE[, RULE] reason`, on its line or on the one above. */
import { join } from 'node:path';
import type { RawFinding } from '../contracts/review.ts';
import { groupBy } from './group-by.ts';
import { languageOfPath, languageOfShebang } from './languages.ts';
import { readText } from './read.ts';

const MARK = 'conductor-ignore';
/** Bytes of the biggest file that is looked through for comments. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_REASON = 300;

interface SuppressionComment {
  /** From 1. */
  readonly line: number;
  /** `sast/eval`, or `sast/*` for a whole area. */
  readonly rules: readonly string[];
  readonly reason: string;
  /** Lines whose findings it speaks of, beside its own. */
  readonly below?: number | undefined;
}

const SLASHES = ['//', '/*', '*'];
const HASH = ['#'];
const MARKUP = ['<!--'];
const DASHES = ['--'];

/** What begins a comment; a language that is not here has slashes. */
const OPENERS: Readonly<Record<string, readonly string[]>> = {
  python: HASH,
  ruby: HASH,
  shell: HASH,
  perl: HASH,
  r: HASH,
  julia: ['#', '#='],
  elixir: HASH,
  yaml: HASH,
  toml: HASH,
  dockerfile: HASH,
  makefile: HASH,
  cmake: HASH,
  terraform: ['#', ...SLASHES],
  graphql: HASH,
  powershell: ['#', '<#'],
  php: ['#', ...SLASHES],
  ini: ['#', ';'],
  properties: ['#', '!'],
  dotenv: HASH,
  ignore: HASH,
  text: HASH,
  html: [...MARKUP, ...SLASHES],
  xml: MARKUP,
  markdown: MARKUP,
  mdx: ['{/*', ...MARKUP],
  vue: [...MARKUP, ...SLASHES],
  svelte: [...MARKUP, ...SLASHES],
  sql: [...DASHES, '/*'],
  lua: DASHES,
  haskell: [...DASHES, '{-'],
  elm: [...DASHES, '{-'],
  clojure: [';'],
  erlang: ['%'],
  latex: ['%'],
  ocaml: ['(*'],
  batch: ['REM', 'rem', '::'],
  css: ['/*', '*'],
  json: [],
};

/** Files whose ending tells their comments, and no language of ours. */
const BY_ENDING: readonly (readonly [pattern: RegExp, openers: readonly string[]])[] = [
  [
    /\.(?:jsonc|json5|code-workspace)$|(?:^|\/)(?:[jt]sconfig[\w.-]*|devcontainer)\.json$|(?:^|\/)\.vscode\/[\w-]+\.json$/,
    SLASHES,
  ],
  [/\.(?:[\w]*proj|props|targets|xaml|resx|plist|wsdl|svg|config|nuspec|storyboard)$/, MARKUP],
  [/\.(?:erb|ejs|eex)$/, ['<%#', ...MARKUP]],
  [/\.(?:jsp|aspx?|ascx)$/, ['<%--', ...MARKUP, ...SLASHES]],
  [/\.(?:twig|jinja2?|j2|njk|liquid)$/, ['{#', ...MARKUP, ...HASH]],
  [/\.(?:hbs|handlebars|mustache)$/, ['{{!--', '{{!', ...MARKUP]],
  [/\.rst$/, ['..']],
  [/\.(?:el|lisp|scm|rkt|asm)$/, [';']],
  [/\.(?:f|for|f90|f95|f03)$/i, ['!']],
  [/\.(?:vb|vbs|bas)$/i, ["'"]],
  [/\.(?:pas|dpr|pp)$/i, ['{', '//', '(*', '#']],
  [/\.(?:pem|key|crt|cer|asc|ppk)$/i, HASH],
  [/(?:^|\/)Jenkinsfile[\w.-]*$/, SLASHES],
];

/** Findings with a `suppression` where a comment speaks of them; the files are read from the root. */
export async function markSuppressed<T extends RawFinding>(
  root: string,
  findings: readonly T[],
): Promise<readonly T[]> {
  const comments = new Map<string, readonly SuppressionComment[]>();
  for (const file of groupBy(findings, (finding) => finding.file).keys()) {
    const read = await readText(join(root, file), MAX_BYTES);
    if (read.kind === 'text') comments.set(file, suppressionComments(file, read.text));
  }
  return findings.map((finding) => suppress(finding, comments.get(finding.file) ?? []));
}

function suppress<T extends RawFinding>(finding: T, comments: readonly SuppressionComment[]): T {
  const comment = comments.find(
    ({ line, below, rules }) =>
      (finding.startLine === line || finding.startLine === below) && rules.some((rule) => isOf(finding.ruleId, rule)),
  );
  if (comment === undefined) return finding;
  return { ...finding, suppression: { line: comment.line, reason: comment.reason } };
}

function isOf(ruleId: string, rule: string): boolean {
  return rule === ruleId || (rule.endsWith('/*') && ruleId.startsWith(rule.slice(0, -1)));
}

/** The comments of a text, in the syntax of its language. */
export function suppressionComments(file: string, text: string): readonly SuppressionComment[] {
  if (!text.includes(MARK)) return [];
  const openers = openersIn(file, text);
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, at): readonly SuppressionComment[] => {
    const read = line.includes(MARK) ? readComment(line, openers) : undefined;
    if (read === undefined) return [];
    const { isAlone, ...comment } = read;
    return [{ ...comment, line: at + 1, below: isAlone ? nextCode(lines, at, openers) : undefined }];
  });
}

function openersIn(file: string, text: string): readonly string[] {
  const known = BY_ENDING.find(([pattern]) => pattern.test(file))?.[1];
  if (known !== undefined) return known;
  return OPENERS[languageOfPath(file) ?? languageOfShebang(text) ?? ''] ?? (isPlain(file) ? HASH : SLASHES);
}

/** Names without an ending, and lists such as `requirements.in`: what they have for comments begins with a hash. */
function isPlain(file: string): boolean {
  return /(?:^|\/)[^./]*$|\.(?:in|env|conf|cfg|lock|rake)$|(?:^|\/)\.[^./]+$/.test(file);
}

/** The line below a comment that stands alone; several such comments may stand above each other. */
function nextCode(lines: readonly string[], at: number, openers: readonly string[]): number {
  let next = at + 1;
  while (lines[next]?.includes(MARK) === true && readComment(lines[next] ?? '', openers)?.isAlone === true) next += 1;
  return next + 1;
}

function readComment(
  line: string,
  openers: readonly string[],
): { readonly rules: readonly string[]; readonly reason: string; readonly isAlone: boolean } | undefined {
  const mark = withoutTexts(line).indexOf(MARK);
  if (mark === -1) return undefined;
  const before = withoutTexts(line).slice(0, mark).trimEnd();
  // A bare star is a comment only at the start of a line, within a block.
  const opener = openers.find((one) => before.endsWith(one) && (one !== '*' || before.trim() === '*'));
  if (opener === undefined) return undefined;
  const said = line
    .slice(mark + MARK.length)
    .replace(/\s*(?:\*\/\}?|-->|(?:--)?%>|(?:--)?\}\}|#\}|#>|=#|-\}|\*\)|\})\s*$/, '')
    .trim();
  const [, list, reason = ''] = /^:?\s*([\w-]+\/[\w.*-]+(?:\s*,\s*[\w-]+\/[\w.*-]+)*)[\s:–—-]*(.*)$/u.exec(said) ?? [];
  if (list === undefined) return undefined;
  const code = before.slice(0, -opener.length).replace(/\{\s*$/, '');
  return { rules: list.split(/\s*,\s*/), reason: reason.slice(0, MAX_REASON), isAlone: code.trim() === '' };
}

/** Texts in quotes blanked out, so that a mark in one is none; what is in quotes after the mark stays out of it, too. */
function withoutTexts(line: string): string {
  return line
    .slice(0, 10_000)
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g, (text) => ' '.repeat(text.length));
}
