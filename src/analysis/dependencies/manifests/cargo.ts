/** Cargo.toml: its own package, as Cargo.lock lists it too, and what it needs. */
import type { Declared, Manifest } from '../declared.ts';
import { LineFinder } from '../line-finder.ts';
import { isTable, readToml, type Table, table, textAt } from '../parse.ts';
import { comparisonFreedom, fromGit, manifest, namedVersion } from './manifest.ts';

const GROUPS: Readonly<Record<string, boolean>> = {
  dependencies: false,
  'build-dependencies': false,
  'dev-dependencies': true,
};

/** @throws ManifestError when it is not TOML. */
export function readCargoToml(file: string, text: string): Manifest {
  const root = readToml(text);
  const finder = new LineFinder(text);
  const places = [root, table(root.workspace), ...Object.values(table(root.target)).map(table)];
  const declared = places.flatMap((place) =>
    Object.entries(GROUPS).flatMap(([group, isDevelopment]) =>
      Object.entries(table(place[group])).map(([key, spec]): Declared => {
        const line = finder.key(key);
        return { ...fromSpec(key, spec), line, isDevelopment, isOptional: isTable(spec) && spec.optional === true };
      }),
    ),
  );
  const own = table(root.package);
  // Without binaries of its own it may be for others to build on.
  const isLibrary = root.package !== undefined && root.bin === undefined;
  return manifest('crates.io', file, [...ownPackage(own, finder), ...declared], {
    isLibrary,
    line: declared[0]?.line ?? 1,
    licence: textAt(own, 'license') || undefined,
  });
}

function ownPackage(own: Table, finder: LineFinder): readonly Declared[] {
  const [name, version] = [textAt(own, 'name'), textAt(own, 'version')];
  if (name === '' || version === '') return [];
  return [{ name, version: '', named: version, freedom: 'path', line: finder.quoted(name), isDevelopment: false }];
}

function fromSpec(key: string, spec: unknown): Omit<Declared, 'line' | 'isDevelopment'> {
  if (typeof spec === 'string') return fromRange(key, spec);
  const entry = table(spec);
  const name = textAt(entry, 'package') || key;
  const git = textAt(entry, 'git');
  const version = textAt(entry, 'version');
  if (git !== '') {
    const source = fromGit(name, git, textAt(entry, 'rev'));
    return { ...source, named: namedVersion(version), isUnlisted: version === '' && source.isPinnedCommit !== true };
  }
  if (entry.workspace === true) return { name, version: '', freedom: 'managed' };
  if (textAt(entry, 'path') !== '' && version === '') return { name, version: textAt(entry, 'path'), freedom: 'path' };
  return fromRange(name, version);
}

/** A bare version is a caret range to Cargo. */
function fromRange(name: string, range: string): Omit<Declared, 'line' | 'isDevelopment'> {
  const exact = /^=\s*(\d+\.\d+\.\d+\S*)$/.exec(range.trim())?.[1];
  if (exact !== undefined) return { name, version: exact, freedom: 'exact' };
  return { name, version: range, freedom: comparisonFreedom(range), named: namedVersion(range) };
}
