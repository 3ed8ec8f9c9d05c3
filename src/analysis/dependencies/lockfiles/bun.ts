/** bun.lock, and the npm packages of deno.lock. */
import { distinctPackages, type Locked, type Lockfile, sourceOf } from '../declared.ts';
import { readJson, readJsonWithCommas, table } from '../parse.ts';

const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

/** @throws ManifestError when it is not JSON with trailing commas. */
export function readBunLockfile(file: string, text: string): Lockfile {
  const packages = table(readJsonWithCommas(text).packages);
  const locked = Object.entries(packages).flatMap(([key, entry]): readonly Locked[] => {
    const described: unknown = Array.isArray(entry) ? entry[0] : undefined;
    return typeof described === 'string' ? toLocked(described, `"${key}"`) : [];
  });
  return { ecosystem: 'npm', file, locked: distinctPackages(locked) };
}

/** `name@1.0.0`, `name@github:user/repository#commit`; members of the workspace are no packages. */
function toLocked(described: string, key: string): readonly Locked[] {
  const at = described.indexOf('@', 1);
  const name = at === -1 ? described : described.slice(0, at);
  const rest = at === -1 ? '' : described.slice(at + 1);
  if (/^(?:workspace|root|link):/.test(rest)) return [];
  return [{ name, version: VERSION.test(rest) ? rest : '', source: sourceOf(rest), key }];
}

/** @throws ManifestError when it is not JSON. */
export function readDenoLockfile(file: string, text: string): Lockfile {
  const root = readJson(text);
  const packages = table(root.npm ?? table(root.packages).npm);
  const locked = Object.keys(table(packages.packages ?? packages)).flatMap((key): readonly Locked[] => {
    const [, name, version = ''] = /^((?:@[^/@]+\/)?[^/@]+)@([^_]+)/.exec(key) ?? [];
    return name === undefined ? [] : [{ name, version, key: `"${key}"` }];
  });
  return { ecosystem: 'npm', file, locked: distinctPackages(locked) };
}
