/** Rules over plain text, one line at a time: no parser knows these better. */
import type { Finding } from './exceptions.ts';

export type TextRule = (file: string, text: string) => readonly Finding[];

function search(file: string, text: string, patterns: Readonly<Record<string, RegExp>>): readonly Finding[] {
  const lines = text.split('\n');
  return Object.entries(patterns).flatMap(([what, pattern]) =>
    lines.flatMap((line, index) =>
      pattern.test(line) ? [{ file, what, message: `line ${index + 1}: ${line.trim().slice(0, 100)}` }] : [],
    ),
  );
}

/** Marks that switch a check or a test off. */
const MARKS: Readonly<Record<string, RegExp>> = {
  only: /\.only\(/,
  skip: /\.skip\(/,
  'x-test': /(?<![\w.])x(it|describe|context|specify)\(/,
  'ts-comment': /@ts-(ignore|expect-error|nocheck)/,
  'eslint-comment': /eslint-(disable|ignore)/,
  'biome-comment': /biome-(ignore)/,
  'coverage-comment': /(c8|istanbul|v8) (ignore)/,
};

export const marks: TextRule = (file, text) => search(file, text, MARKS);

/** The first line is a comment that says what the one thing in the file is. */
export const headers: TextRule = (file, text) => {
  const start = text.replace(/^#![^\n]*\n/, '');
  const said = /^\/\*\*(?:\s|\* )*(?!\*\/)(\S.*)/.exec(start)?.[1] ?? '';
  if (said.length > 5) return [];
  return [{ file, what: 'header', message: 'line 1 is no /** comment that says what the file is */' }];
};

const MACHINES: Readonly<Record<string, RegExp>> = {
  'path of a machine': /(?<![\w.$}*?)\]-])\/(root|work)\/|(?<![\w.$}*?)\]-])\/(home|Users)\/\w|\b[A-Z]:\\+Users\\+\w/,
  'package host': /registry\.(npmjs|yarnpkg)\.|(npm|files|upload)\.(pkg\.github|pythonhosted)|npm\.pkg\.github/,
};

/** @param here absolute paths of the machine the guard runs on */
export function tracesOfMachines(here: readonly string[]): TextRule {
  const escaped = here.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const patterns =
    escaped.length === 0
      ? MACHINES
      : { ...MACHINES, 'path of this machine': new RegExp(`(?<![\\w.])(?:${escaped.join('|')})`) };
  return (file, text) => {
    const found = search(file, text, patterns);
    // One place is one finding, though two patterns may know it.
    return found.filter((one, index) => found.findIndex((other) => other.message === one.message) === index);
  };
}
