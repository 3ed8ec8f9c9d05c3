/** Gemfile: the gems it names with literals; what Ruby would only know at run time is left out. */
import type { Declared, Manifest } from '../declared.ts';
import { comparisonFreedom, fromGit, manifest, namedVersion } from './manifest.ts';

const DEVELOPMENT = /\b(?:development|test|ci|lint|doc)\b/;

export function readGemfile(file: string, text: string): Manifest {
  const declared: Declared[] = [];
  const unencryptedIndexes: number[] = [];
  let group = '';
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/(^|\s)#(?!\{).*$/, '').trim();
    if (/^source\b.*['"]http:\/\//.test(line)) unencryptedIndexes.push(at + 1);
    group = /^group\b(.*)\bdo$/.exec(line)?.[1] ?? (line === 'end' ? '' : group);
    const [, name, rest = ''] = /^gem\s*\(?\s*['"]([\w.-]+)['"](.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const isDevelopment = DEVELOPMENT.test(`${group} ${/\bgroups?(?::|\s*=>)\s*(.*)$/.exec(rest)?.[1] ?? ''}`);
    declared.push({ ...fromArguments(name, rest), line: at + 1, isDevelopment });
  }
  return manifest('RubyGems', file, declared, { unencryptedIndexes });
}

function fromArguments(name: string, rest: string): Omit<Declared, 'line' | 'isDevelopment'> {
  const option = (key: string): string | undefined =>
    new RegExp(`(?:\\b${key}:|:${key}\\s*=>)\\s*['"]([^'"]+)['"]`).exec(rest)?.[1];
  const address =
    option('git') ?? (option('github') === undefined ? undefined : `https://github.com/${option('github')}`);
  if (address !== undefined) return fromGit(name, address, option('ref') ?? '');
  const path = option('path');
  if (path !== undefined) return { name, version: path, freedom: 'path' };
  const plain = rest.replace(/,?\s*(?::\w+\s*=>|\w+:).*$/, '');
  const range = [...plain.matchAll(/['"]([^'"]+)['"]/g)].map((match) => (match[1] ?? '').trim()).join(', ');
  if (/^=?\s*\d[\w.]*$/.test(range)) return { name, version: range.replace(/^=\s*/, ''), freedom: 'exact' };
  const freedom = range === '' ? 'any' : comparisonFreedom(range);
  return { name, version: range, freedom, named: namedVersion(range) };
}
