/** poetry.lock, uv.lock, pdm.lock, pylock.toml (PEP 751) and Pipfile.lock: every package with its version. */
import { distinctPackages, type Locked, type Lockfile, sourceOf } from '../declared.ts';
import { isTable, readJson, readToml, type Table, table, tables, textAt } from '../parse.ts';

/** poetry.lock and pdm.lock. @throws ManifestError when it is not TOML. */
export function readPythonPackages(file: string, text: string): Lockfile {
  return lockfile(file, tables(readToml(text).package).flatMap(toLocked));
}

/** The project itself is a package of `uv.lock` too, and none of its dependencies. @throws ManifestError */
export function readUvLockfile(file: string, text: string): Lockfile {
  const packages = tables(readToml(text).package).filter((entry) => {
    const source = table(entry.source);
    return source.virtual !== '.' && source.editable !== '.' && source.directory !== '.';
  });
  return lockfile(file, packages.flatMap(toLocked));
}

/** A package without a version is a folder, a repository or an archive. @throws ManifestError */
export function readPylock(file: string, text: string): Lockfile {
  return lockfile(file, tables(readToml(text).packages).flatMap(toLocked));
}

/** @throws ManifestError when it is not JSON. */
export function readPipfileLock(file: string, text: string): Lockfile {
  const locked = Object.entries(readJson(text)).flatMap(([group, packages]) =>
    group === '_meta'
      ? []
      : Object.entries(table(packages)).flatMap(([name, entry]) => fromPipfile(group, name, entry)),
  );
  return lockfile(file, locked);
}

function fromPipfile(group: string, name: string, entry: unknown): readonly Locked[] {
  const version = textAt(table(entry), 'version').replace(/^={2,3}\s*/, '');
  return version === '' ? [] : [{ name, version, isDevelopment: group === 'develop', key: `"${name}"` }];
}

function lockfile(file: string, locked: readonly Locked[]): Lockfile {
  return { ecosystem: 'PyPI', file, locked: distinctPackages(locked) };
}

function toLocked(entry: Table): readonly Locked[] {
  const name = textAt(entry, 'name');
  const version = textAt(entry, 'version');
  if (name === '' || version === '') return [];
  const isDevelopment = entry.category === 'dev' || isDevelopmentOnly(entry.groups);
  const source = table(entry.source);
  const isLocal =
    ['editable', 'virtual', 'directory', 'path'].some((key) => key in source) || source.type === 'directory';
  return [{ name, version, source: sourceOfPackage(entry), isDevelopment, isLocal, key: `name = "${name}"` }];
}

function isDevelopmentOnly(groups: unknown): boolean {
  return Array.isArray(groups) && groups.length > 0 && !groups.includes('main') && !groups.includes('default');
}

/** Poetry writes `{type, url}`, uv `{git}` or `{registry}`, pdm `git` and `url` at the package, PEP 751 `vcs`. */
function sourceOfPackage(entry: Table): Locked['source'] {
  const source = table(entry.source);
  const git = textAt(source, 'git') || textAt(entry, 'git') || textAt(table(entry.vcs), 'url');
  if (git !== '' || source.type === 'git') return sourceOf(git || textAt(source, 'url')) ?? 'git';
  const address = textAt(source, 'registry') || textAt(source, 'url') || textAt(entry, 'url') || textAt(entry, 'index');
  const archive = isTable(entry.archive) ? textAt(entry.archive, 'url') : '';
  return sourceOf(address || archive);
}
