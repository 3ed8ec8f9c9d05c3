/** setup.py: the requirements it writes as literals; what only running it would tell is left out. */
import type { Declared, Manifest } from '../declared.ts';
import { LineFinder } from '../line-finder.ts';
import { manifest } from './manifest.ts';
import { readRequirement } from './pip-requirement.ts';

const KEYS: Readonly<Record<string, boolean>> = { install_requires: false, setup_requires: true, tests_require: true };
const MAX_LIST = 200_000;

export function readSetupPy(file: string, text: string): Manifest {
  const finder = new LineFinder(text);
  const declared = Object.entries(KEYS).flatMap(([key, isDevelopment]) =>
    listAfter(text, key).flatMap((item): readonly Declared[] => {
      const requirement = readRequirement(item.trim());
      if (requirement === undefined) return [];
      const isUnlisted = requirement.freedom !== 'exact' && requirement.named === undefined;
      return [{ ...requirement, line: finder.quoted(item), isDevelopment, isUnlisted }];
    }),
  );
  return manifest('PyPI', file, declared, { isLibrary: true });
}

/** The texts of the list that a keyword is given, straight or by the name of a variable. */
function listAfter(text: string, key: string): readonly string[] {
  const [, value = ''] = new RegExp(`\\b${key}\\s*=\\s*(\\[|[A-Za-z_]\\w*)`).exec(text) ?? [];
  if (value === '') return [];
  const opening = value === '[' ? `\\b${key}\\s*=\\s*\\[` : `^\\s*${value}\\s*(?::[^=\\n]*)?=\\s*\\[`;
  const match = new RegExp(opening, 'm').exec(text);
  return match === null ? [] : literals(text.slice(match.index + match[0].length, match.index + MAX_LIST));
}

/** Texts up to the closing bracket, comments left out. */
function literals(list: string): readonly string[] {
  const found: string[] = [];
  for (const [token] of list.matchAll(/#[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\]/g)) {
    if (token === ']') break;
    if (!token.startsWith('#')) found.push(token.slice(1, -1));
  }
  return found;
}
