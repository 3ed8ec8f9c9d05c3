/** Licences of packages that are installed beside a lockfile which does not name them: `node_modules` of yarn, pnpm and bun. */
import { readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import pLimit from 'p-limit';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { readText } from '../read.ts';

/** Lockfiles of npm itself say the licences. */
const SILENT = /(?:^|\/)(?:yarn\.lock|pnpm-lock\.yaml|bun\.lock)$/;
/** Packages that are looked at beside one lockfile. */
const MAX_PACKAGES = 3_000;
const MAX_BYTES = 1024 * 1024;
const AT_ONCE = 16;

export function installedKey(lockfile: string, name: string, version: string): string {
  return `${lockfile}\0${name}\0${version}`;
}

/** By `installedKey`. What is not installed or cannot be read is simply not there; links that lead outside are not followed. */
export async function installedLicences(
  files: readonly { readonly path: string; readonly absolute: string }[],
): Promise<ReadonlyMap<string, string>> {
  const licences = new Map<string, string>();
  for (const { path, absolute } of files.filter((file) => SILENT.test(file.path))) {
    const folder = absolute.slice(0, absolute.lastIndexOf(sep));
    for (const { name, version, licence } of await packagesIn(folder)) {
      licences.set(installedKey(path, name, version), licence);
    }
  }
  return licences;
}

interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

async function packagesIn(folder: string): Promise<readonly InstalledPackage[]> {
  const modules = join(folder, 'node_modules');
  const names = await namesIn(modules);
  const scoped = await Promise.all(
    names
      .filter((name) => name.startsWith('@'))
      .map(async (scope) => (await namesIn(join(modules, scope))).map((name) => join(scope, name))),
  );
  const wanted = [...names.filter((name) => /^[\w-]/.test(name)), ...scoped.flat()].slice(0, MAX_PACKAGES);
  const top = await realpath(folder).catch(() => folder);
  const limit = pLimit(AT_ONCE);
  const found = await Promise.all(
    wanted.map((name) => limit(() => readPackage(top, join(modules, name, 'package.json')))),
  );
  return found.flatMap((one) => one ?? []);
}

/** None where there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function readPackage(top: string, file: string): Promise<InstalledPackage | undefined> {
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined || !real.startsWith(top + sep)) return undefined;
  const read = await readText(real, MAX_BYTES);
  const own = read.kind === 'text' ? objectOf(read.text) : undefined;
  const licence = licenceOf(own?.license) ?? licenceOf(Array.isArray(own?.licenses) ? own.licenses[0] : undefined);
  if (typeof own?.name !== 'string' || typeof own.version !== 'string' || licence === undefined) return undefined;
  return { name: own.name, version: own.version, licence };
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Whatever somebody installed: it has no say about anything but its own licence.
    return undefined;
  }
}

/** A text, or `{type}` as it once was. */
function licenceOf(value: unknown): string | undefined {
  const said: unknown = typeof value === 'object' && value !== null && 'type' in value ? value.type : value;
  return typeof said === 'string' && said !== '' ? said.slice(0, 200) : undefined;
}
