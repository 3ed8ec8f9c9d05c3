/** Lockfiles of Cargo, Composer and Bundler. */
import { distinctPackages, type Locked, type Lockfile, sourceOf } from '../declared.ts';
import { readJson, readToml, type Table, table, tables, textAt } from '../parse.ts';

/** @throws ManifestError when it is not TOML. */
export function readCargoLockfile(file: string, text: string): Lockfile {
  const locked = tables(readToml(text).package).flatMap((entry): readonly Locked[] => {
    const [name, version] = [textAt(entry, 'name'), textAt(entry, 'version')];
    if (name === '' || version === '') return [];
    const source = textAt(entry, 'source');
    // A member of the workspace has none.
    return [{ name, version, source: sourceOf(source), isLocal: source === '', key: `name = "${name}"` }];
  });
  return { ecosystem: 'crates.io', file, locked: distinctPackages(locked) };
}

/** @throws ManifestError when it is not JSON. */
export function readComposerLockfile(file: string, text: string): Lockfile {
  const root = readJson(text);
  const locked = [
    ...tables(root.packages).flatMap((entry) => fromComposer(entry, false)),
    ...tables(root['packages-dev']).flatMap((entry) => fromComposer(entry, true)),
  ];
  return { ecosystem: 'Packagist', file, locked: distinctPackages(locked) };
}

function fromComposer(entry: Table, isDevelopment: boolean): readonly Locked[] {
  const [name, version] = [textAt(entry, 'name'), textAt(entry, 'version')];
  if (name === '' || version === '') return [];
  const licences = Array.isArray(entry.license) ? entry.license.filter((one) => typeof one === 'string') : [];
  const licence = licences.length === 0 ? undefined : licences.join(' OR ').slice(0, 200);
  const address = textAt(table(entry.dist), 'url') || textAt(table(entry.source), 'url');
  return [{ name, version, licence, source: sourceOf(address), isDevelopment, key: `"${name}"` }];
}

/** Sections name a source; below `specs:` four blanks begin a package and six what it needs. */
export function readGemfileLock(file: string, text: string): Lockfile {
  const locked: Locked[] = [];
  let section = '';
  let remote = '';
  for (const line of text.split(/[ \t]*\r?\n/)) {
    if (/^[A-Z]/.test(line)) section = line.trim();
    remote = /^ {2}remote: (\S+)/.exec(line)?.[1] ?? remote;
    const [, name, version = ''] = /^ {4}([^\s()]+) \(([^-)]+)(?:-[^)]*)?\)!?$/.exec(line) ?? [];
    if (name === undefined || !SPECIFIED.has(section)) continue;
    const source = section === 'GIT' ? (sourceOf(remote) ?? 'git') : sourceOf(remote);
    locked.push({ name, version, source, isLocal: section === 'PATH', key: line.trim() });
  }
  return { ecosystem: 'RubyGems', file, locked: distinctPackages(locked) };
}

const SPECIFIED: ReadonlySet<string> = new Set(['GIT', 'PATH', 'GEM', 'PLUGIN SOURCE']);
