/** Fingerprints of findings: the same problem keeps its own when lines come and go, functions move and code is formatted anew. */
import { createHash } from 'node:crypto';

/** Longest context that is hashed, in characters after normalization: a minified line says nothing more after that. */
const MAX_CONTEXT = 2_000;
/** Longest context that is looked at. */
const MAX_RAW = 20_000;

/**
 * 32 hex digits over rule, file, the text around the problem without what formatters change, and how many equal ones
 * came before it in the file.
 */
export function fingerprint(ruleId: string, file: string, context: string, occurrence: number): string {
  const parts = [ruleId, file, normalizeContext(context), String(occurrence)];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}

/** Comments, texts in quotes, words, and single signs. An apostrophe within a word is no quote. */
const TOKEN =
  /\/\*[\s\S]*?\*\/|(?<=^|\s)(?:\/\/|#\s)[^\n]*|"(?:[^"\\\n]|\\[\s\S])*"|(?<![\p{L}\p{N}])'(?:[^'\\\n]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`|[\p{L}\p{N}_$@]+|\S/gu;
const COMMENT = /^(?:\/\*[\s\S]|\/\/|#\s)/;
/** What a comment says, without the signs that lines of comments begin and end with. */
const COMMENT_WORD = /[\p{L}\p{N}_$@]+|[^\s/*#]/gu;

/**
 * The tokens of a text. Formatters change the white space between them, the kind of quotes, commas before a closing
 * bracket, semicolons, parentheses around the one parameter of an arrow function, and backslashes at the end of lines.
 */
function normalizeContext(context: string): string {
  const all =
    context
      .slice(0, MAX_RAW)
      .replace(/\\\r?\n/g, ' ')
      .match(TOKEN) ?? [];
  const code = all.filter((token) => !COMMENT.test(token) && token !== ';');
  // A problem that is all comment is told apart by what the comment says.
  const meant = code.length > 0 ? code : all.flatMap((token) => token.match(COMMENT_WORD) ?? []);
  const tokens = meant.map(withPlainQuotes);
  const kept = tokens.filter((token, at) => !isTrailingComma(token, tokens[at + 1]) && !isArrowParenthesis(tokens, at));
  return kept.join('\u0001').slice(0, MAX_CONTEXT);
}

/** `'a'` and `"a"` are the same text, and so are `'say "a"'` and `"say \\"a\\""`. */
function withPlainQuotes(token: string): string {
  const [quote] = token;
  if (token.length < 2 || (quote !== "'" && quote !== '"')) return token;
  return `"${token.slice(1, -1).replace(/\\(['"])/g, '$1')}"`;
}

function isTrailingComma(token: string, next: string | undefined): boolean {
  return token === ',' && (next === undefined || /^[)\]}]$/.test(next));
}

/** Either one of `(x) =>`, whose arrow is the two tokens `=` and `>`. */
function isArrowParenthesis(tokens: readonly string[], at: number): boolean {
  const open = tokens[at] === '(' ? at : at - 2;
  return (
    tokens[open] === '(' &&
    tokens[open + 2] === ')' &&
    tokens[open + 3] === '=' &&
    tokens[open + 4] === '>' &&
    (at === open || at === open + 2)
  );
}

/** Counts occurrences for its caller: ask for the findings of one file in their order in that file. */
export function createFingerprinter(): (ruleId: string, file: string, context: string) => string {
  const seen = new Map<string, number>();
  return (ruleId, file, context) => {
    const key = `${ruleId}\0${file}\0${normalizeContext(context)}`;
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    return fingerprint(ruleId, file, context, occurrence);
  };
}
