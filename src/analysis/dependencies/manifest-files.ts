/** Which files are manifests and lockfiles, and who reads them. */
import type { Ecosystem, Lockfile, Manifest } from './declared.ts';
import { readNpmLockfile } from './npm-lockfile.ts';
import { readNpmManifest } from './npm-manifest.ts';
import { readPipfile, readPyproject } from './python-manifest.ts';
import { readRequirementsFile } from './requirements-file.ts';
import { readSetupCfg } from './setup-cfg.ts';

const REQUIREMENTS = /(^|\/)(?:[\w.-]*requirements?[\w.-]*\.(?:txt|in)|requirements\/[\w.-]+\.(?:txt|in))$/i;

/** Lockfiles by ecosystem; only npm's own are read, of the others it counts that they are there. */
export const LOCKFILE_NAMES: Readonly<Record<Ecosystem, readonly string[]>> = {
  npm: [
    'package-lock.json',
    'npm-shrinkwrap.json',
    'yarn.lock',
    'pnpm-lock.yaml',
    'bun.lock',
    'bun.lockb',
    'deno.lock',
  ],
  PyPI: ['poetry.lock', 'uv.lock', 'pdm.lock', 'Pipfile.lock', 'pylock.toml'],
};

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function manifestReader(path: string): ((file: string, text: string) => Manifest) | undefined {
  switch (baseName(path)) {
    case 'package.json':
      return readNpmManifest;
    case 'pyproject.toml':
      return readPyproject;
    case 'Pipfile':
      return readPipfile;
    case 'setup.cfg':
      return readSetupCfg;
    default:
      return REQUIREMENTS.test(path) ? readRequirementsFile : undefined;
  }
}

export function lockfileReader(path: string): ((file: string, text: string) => Lockfile) | undefined {
  return /^(?:package-lock|npm-shrinkwrap)\.json$/.test(baseName(path)) ? readNpmLockfile : undefined;
}

/** True for every file that `scanDependencies` wants the text of. */
export function isDependencyFile(path: string): boolean {
  return manifestReader(path) !== undefined || lockfileReader(path) !== undefined;
}

/** True for a lockfile that is known by name, whether or not it is read. */
export function isLockfileName(path: string): boolean {
  const name = baseName(path);
  return LOCKFILE_NAMES.npm.includes(name) || LOCKFILE_NAMES.PyPI.includes(name);
}
