/** Files of `NAME=value` lines, as `.env` files are commonly written. */

const LINE = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

export interface EnvFile {
  readonly values: Readonly<Record<string, string>>;
  /** Numbers of lines that are neither empty, nor a comment, nor an assignment; from 1. */
  readonly badLines: readonly number[];
}

/** Single quotes are literal, double quotes know \n, \r, \t and \", and an unquoted value ends before " #". No expansion. */
export function parseEnvFile(text: string): EnvFile {
  const values: Record<string, string> = {};
  const badLines: number[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, written] = LINE.exec(line) ?? [];
    const value = written === undefined ? undefined : parseValue(written.trim());
    if (name === undefined || value === undefined) badLines.push(index + 1);
    else values[name] = value;
  }
  return { values, badLines };
}

function parseValue(written: string): string | undefined {
  const quote = written[0];
  if (quote !== '"' && quote !== "'") return written.replace(/(?:^|\s+)#.*$/, '').trim();
  const end = quote === '"' ? /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(written) : /^'([^']*)'\s*(?:#.*)?$/.exec(written);
  const inner = end?.[1];
  if (inner === undefined || quote === "'") return inner;
  return inner.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
}
