/** composer.json: packages, without the platform (`php`, `ext-…`). */
import { isJsonObject } from '../../../base/json.ts';
import type { Declared, Manifest } from '../declared.ts';
import { LineFinder } from '../line-finder.ts';
import { readJson } from '../parse.ts';
import { comparisonFreedom, manifest, namedVersion } from './manifest.ts';

const GROUPS: Readonly<Record<string, boolean>> = { require: false, 'require-dev': true };

/** @throws ManifestError when it is not JSON. */
export function readComposerJson(file: string, text: string): Manifest {
  const root = readJson(text);
  const finder = new LineFinder(text);
  const declared = Object.entries(GROUPS).flatMap(([group, isDevelopment]) => {
    const packages = root[group];
    if (!isJsonObject(packages)) return [];
    return Object.entries(packages).flatMap(([name, range]): readonly Declared[] =>
      name.includes('/') && typeof range === 'string'
        ? [{ ...fromRange(name, range.trim()), line: finder.quoted(name), isDevelopment }]
        : [],
    );
  });
  const licence = typeof root.license === 'string' ? root.license : undefined;
  return manifest('Packagist', file, declared, { isLibrary: root.type === 'library', licence });
}

function fromRange(name: string, range: string): Omit<Declared, 'line' | 'isDevelopment'> {
  const plain = range.replace(/@(?:dev|alpha|beta|RC|stable)$/i, '');
  if (/^=?v?\d+(?:\.\d+){2,3}(?:-[\w.]+)?$/.test(plain))
    return { name, version: plain.replace(/^=/, ''), freedom: 'exact' };
  const branch = /^(?:dev-[^\s#]+|[^\s#]+-dev)(?:#([0-9a-f]{7,64}))?$/.exec(plain);
  if (branch !== null) return { name, version: plain, freedom: 'git', isPinnedCommit: branch[1] !== undefined };
  const alternatives = plain.replace(/(?<!\|)\|(?!\|)/g, '||');
  return { name, version: range, freedom: comparisonFreedom(alternatives), named: namedVersion(alternatives) };
}
