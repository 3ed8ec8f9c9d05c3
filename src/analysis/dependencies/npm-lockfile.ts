/** package-lock.json and npm-shrinkwrap.json, versions 1 to 3: every package that npm would install. */
import { messageOf } from '../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { type Locked, type Lockfile, ManifestError } from './declared.ts';

const MAX_DEPTH = 100;

/** @throws ManifestError when it is not JSON or not a lockfile. */
export function readNpmLockfile(file: string, text: string): Lockfile {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new ManifestError(
      `not valid JSON: ${
        messageOf(error)
          .split('\n', 1)[0]
          ?.replace(/, ".*$/s, '') ?? ''
      }`,
    );
  }
  if (!isJsonObject(root)) throw new ManifestError('not a lockfile: the top level is not an object');
  const { packages, dependencies } = root;
  const locked = isJsonObject(packages)
    ? fromPackages(packages)
    : isJsonObject(dependencies)
      ? fromDependencies(dependencies, 0)
      : [];
  return { ecosystem: 'npm', file, locked: distinct(locked) };
}

/** Versions 2 and 3: keys are paths such as `node_modules/a/node_modules/b`. */
function fromPackages(packages: JsonObject): Locked[] {
  const locked: Locked[] = [];
  for (const [key, entry] of Object.entries(packages)) {
    const at = key.lastIndexOf('node_modules/');
    if (at === -1 || !isJsonObject(entry) || entry.link === true) continue;
    const name = typeof entry.name === 'string' ? entry.name : key.slice(at + 'node_modules/'.length);
    locked.push(toLocked(name, entry, key));
  }
  return locked;
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
    key,
  };
}

function isAddress(version: string): boolean {
  return /^(?:git|github:|https?:|file:|[\w-]+\/)/.test(version);
}

function sourceOf(resolved: string): Locked['source'] {
  if (/^(?:git:|git\+http:|http:)/.test(resolved)) return 'unencrypted';
  return /^(?:git\+|github:|git@|ssh:)/.test(resolved) ? 'git' : undefined;
}

function licenceOf(entry: JsonObject): string | undefined {
  const licence = entry.license;
  if (typeof licence === 'string') return licence.slice(0, 200);
  return isJsonObject(licence) && typeof licence.type === 'string' ? licence.type.slice(0, 200) : undefined;
}

/** The same package in several folders is one. */
function distinct(locked: readonly Locked[]): readonly Locked[] {
  const byId = new Map<string, Locked>();
  for (const entry of locked) {
    const id = `${entry.name}\0${entry.version}`;
    if (!byId.has(id)) byId.set(id, entry);
  }
  return [...byId.values()];
}
