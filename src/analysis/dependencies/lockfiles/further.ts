/** Lockfiles of Dart, Elixir, R, CocoaPods, Conan, Cabal and Julia. */
import { distinctPackages, type Ecosystem, type Locked, type Lockfile, sourceOf } from '../declared.ts';
import { readJson, readToml, readYaml, type Table, table, tables, textAt } from '../parse.ts';

function lockfile(ecosystem: Ecosystem, file: string, locked: readonly Locked[]): Lockfile {
  return { ecosystem, file, locked: distinctPackages(locked) };
}

/** @throws ManifestError when it is not YAML. */
export function readPubspecLock(file: string, text: string): Lockfile {
  const locked = Object.entries(table(readYaml(text).packages)).flatMap(([name, value]): readonly Locked[] => {
    const entry = table(value);
    const version = textAt(entry, 'version');
    const address = textAt(table(entry.description), 'url');
    const source = entry.source === 'git' ? (sourceOf(address) ?? 'git') : sourceOf(address);
    return version === '' ? [] : [{ name, version, source, key: `${name}:` }];
  });
  return lockfile('Pub', file, locked);
}

/** `"name": {:hex, :package, "1.0.0", …}` line by line; one from git has a commit instead of a version. */
export function readMixLock(file: string, text: string): Lockfile {
  const locked = text.split(/\r?\n/).flatMap((line): readonly Locked[] => {
    const [, hex, version = ''] = /^\s*"[^"]+":\s*\{:hex,\s*:"?([\w-]+)"?,\s*"([^"]+)"/.exec(line) ?? [];
    if (hex !== undefined) return [{ name: hex, version, key: `"${hex}":` }];
    const [, name, address = ''] = /^\s*"([^"]+)":\s*\{:git,\s*"([^"]+)"/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, version: '', source: sourceOf(address) ?? 'git', key: `"${name}":` }];
  });
  return lockfile('Hex', file, locked);
}

/** @throws ManifestError when it is not JSON. */
export function readRenvLock(file: string, text: string): Lockfile {
  const locked = Object.entries(table(readJson(text).Packages)).flatMap(([key, value]): readonly Locked[] => {
    const version = textAt(table(value), 'Version');
    return version === '' ? [] : [{ name: textAt(table(value), 'Package') || key, version, key: `"${key}"` }];
  });
  return lockfile('CRAN', file, locked);
}

/** Two blanks begin a pod, four what it needs; parts of a pod carry its version. @throws nothing */
export function readPodfileLock(file: string, text: string): Lockfile {
  const locked: Locked[] = [];
  for (const line of text.split(/[ \t]*\r?\n/)) {
    if (/^[A-Z]/.test(line) && !line.startsWith('PODS:')) break;
    const [, name, version = ''] = /^ {2}- "?([^\s"()]+) \(([^)]+)\)"?:?$/.exec(line) ?? [];
    if (name !== undefined) locked.push({ name, version, key: line.trim() });
  }
  return lockfile('CocoaPods', file, locked);
}

/** Versions 1 (a graph of nodes, the first of which is the project) and 2 (lists of references). @throws ManifestError */
export function readConanLock(file: string, text: string): Lockfile {
  const root = readJson(text);
  const nodes = Object.values(table(table(root.graph_lock).nodes)).map(table);
  const lists = ['requires', 'build_requires', 'python_requires', 'config_requires'].flatMap((key) => root[key] ?? []);
  const references = [
    ...nodes.filter((node) => node.path === undefined).map((node) => textAt(node, 'ref') || textAt(node, 'pref')),
    ...lists.filter((item) => typeof item === 'string'),
  ];
  const locked = references.flatMap((reference): readonly Locked[] => {
    const [, name, version = ''] = /^([^/@#:]+)\/([^/@#:]+)/.exec(reference) ?? [];
    return name === undefined ? [] : [{ name, version, key: reference }];
  });
  return lockfile('ConanCenter', file, locked);
}

/** cabal.project.freeze: `any.name ==1.0` among the constraints. */
export function readCabalFreeze(file: string, text: string): Lockfile {
  const locked = [...text.matchAll(/\bany\.([A-Za-z0-9-]+)\s*==\s*([0-9.]+)/g)].map(
    ([key, name = '', version = '']): Locked => ({ name, version, key }),
  );
  return lockfile('Hackage', file, locked);
}

/** Manifest.toml of Julia: `[[deps.Name]]`, or `[[Name]]` before format 2; standard libraries have no version. @throws ManifestError */
export function readJuliaManifest(file: string, text: string): Lockfile {
  const root = readToml(text);
  const packages: Table = root.manifest_format === undefined ? root : table(root.deps);
  const locked = Object.entries(packages).flatMap(([name, entries]) =>
    tables(entries).flatMap((entry): readonly Locked[] => {
      const version = textAt(entry, 'version');
      const source = entry['repo-url'] === undefined ? undefined : 'git';
      return version === '' ? [] : [{ name, version, source, key: `.${name}]]` }];
    }),
  );
  return lockfile('Julia', file, locked);
}
