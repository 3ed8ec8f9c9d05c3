/** package-lock.json and npm-shrinkwrap.json, versions 1 to 3: every package that npm would install. */
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { distinctPackages, type Locked, type Lockfile, sourceOf } from '../declared.ts';
import { readJson } from '../parse.ts';

const MAX_DEPTH = 100;

/** @throws ManifestError when it is not JSON or not a lockfile. */
export function readNpmLockfile(file: string, text: string): Lockfile {
  const { packages, dependencies } = readJson(text);
  const locked = isJsonObject(packages)
    ? fromPackages(packages)
    : isJsonObject(dependencies)
      ? fromDependencies(dependencies, 0)
      : [];
  return { ecosystem: 'npm', file, locked: distinctPackages(locked) };
}

/** Versions 2 and 3: keys are paths such as `node_modules/a/node_modules/b`; links lead to folders of the repository. */
function fromPackages(packages: JsonObject): Locked[] {
  const locked: Locked[] = [];
  for (const [key, entry] of Object.entries(packages)) {
    if (key === '' || !isJsonObject(entry) || entry.link === true) continue;
    const name = typeof entry.name === 'string' ? entry.name : nameOfPath(key);
    const isLocal = !key.includes('node_modules/');
    if (!isLocal || typeof entry.version === 'string') locked.push({ ...toLocked(name, entry, key), isLocal });
  }
  return locked;
}

/** `node_modules/a/node_modules/@b/c` is `@b/c`, `packages/d` is `d`. */
function nameOfPath(path: string): string {
  return /(?:^|\/)((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? path;
}

/** Version 1: packages nest like their folders. */
function fromDependencies(dependencies: JsonObject, depth: number): Locked[] {
  if (depth > MAX_DEPTH) return [];
  const locked: Locked[] = [];
  for (const [key, entry] of Object.entries(dependencies)) {
    if (!isJsonObject(entry)) continue;
    const version = typeof entry.version === 'string' ? entry.version : '';
    const alias = /^npm:((?:@[^/@]+\/)?[^@]+)@(.+)$/.exec(version);
    locked.push(toLocked(alias?.[1] ?? key, alias === null ? entry : { ...entry, version: alias[2] ?? '' }, key));
    if (isJsonObject(entry.dependencies)) locked.push(...fromDependencies(entry.dependencies, depth + 1));
  }
  return locked;
}

function toLocked(name: string, entry: JsonObject, key: string): Locked {
  const version = typeof entry.version === 'string' ? entry.version : '';
  const resolved = typeof entry.resolved === 'string' ? entry.resolved : version;
  return {
    name,
    version: isAddress(version) ? '' : version,
    licence: licenceOf(entry),
    hasInstallScript: entry.hasInstallScript === true,
    source: sourceOf(resolved),
    isDevelopment: entry.dev === true,
    key: `"${key}"`,
  };
}

function isAddress(version: string): boolean {
  return /^(?:git|github:|bitbucket:|gist:|ssh:|https?:|file:|link:|[\w-]+\/)/.test(version);
}

function licenceOf(entry: JsonObject): string | undefined {
  const licence = entry.license;
  if (typeof licence === 'string') return licence.slice(0, 200);
  return isJsonObject(licence) && typeof licence.type === 'string' ? licence.type.slice(0, 200) : undefined;
}
