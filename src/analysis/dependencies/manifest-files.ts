/** Which files are manifests and lockfiles, and who reads them. */
import type { Ecosystem, LockfileReader, ManifestReader } from './declared.ts';
import { readBunLockfile, readDenoLockfile } from './lockfiles/bun.ts';
import { readCargoLockfile, readComposerLockfile, readGemfileLock } from './lockfiles/cargo-composer-bundler.ts';
import {
  readCabalFreeze,
  readConanLock,
  readJuliaManifest,
  readMixLock,
  readPodfileLock,
  readPubspecLock,
  readRenvLock,
} from './lockfiles/further.ts';
import { readGradleLockfile, readGradleVerification } from './lockfiles/gradle.ts';
import { readNpmLockfile } from './lockfiles/npm.ts';
import { readDotnetDependencies, readNugetLockfile, readPaketLockfile } from './lockfiles/nuget.ts';
import { readPnpmLockfile } from './lockfiles/pnpm.ts';
import { readPipfileLock, readPylock, readPythonPackages, readUvLockfile } from './lockfiles/python.ts';
import { readYarnLockfile } from './lockfiles/yarn.ts';
import { readCargoToml } from './manifests/cargo.ts';
import { readComposerJson } from './manifests/composer.ts';
import { readGemfile } from './manifests/gemfile.ts';
import { readGoMod } from './manifests/go-mod.ts';
import { readGradleCatalog } from './manifests/gradle-catalog.ts';
import { readNpmManifest } from './manifests/npm.ts';
import { readDotnetProject, readPackagesConfig, readPaketDependencies } from './manifests/nuget.ts';
import { readPom } from './manifests/pom.ts';
import { readPipfile, readPyproject } from './manifests/python.ts';
import { readRequirementsFile } from './manifests/requirements.ts';
import { readSetupCfg } from './manifests/setup-cfg.ts';
import { readSetupPy } from './manifests/setup-py.ts';

const REQUIREMENTS = /(^|\/)(?:[\w.-]*requirements?[\w.-]*\.(?:txt|in)|requirements\/[\w.-]+\.(?:txt|in))$/i;

const MANIFESTS: ReadonlyMap<string, ManifestReader> = new Map<string, ManifestReader>([
  ['package.json', readNpmManifest],
  ['pyproject.toml', readPyproject],
  ['Pipfile', readPipfile],
  ['setup.cfg', readSetupCfg],
  ['setup.py', readSetupPy],
  ['go.mod', readGoMod],
  ['Cargo.toml', readCargoToml],
  ['pom.xml', readPom],
  ['composer.json', readComposerJson],
  ['Gemfile', readGemfile],
  ['gems.rb', readGemfile],
  ['packages.config', readPackagesConfig],
  ['paket.dependencies', readPaketDependencies],
  ['Directory.Packages.props', readDotnetProject],
]);

const LOCKFILES: ReadonlyMap<string, LockfileReader> = new Map<string, LockfileReader>([
  ['package-lock.json', readNpmLockfile],
  ['npm-shrinkwrap.json', readNpmLockfile],
  ['pnpm-lock.yaml', readPnpmLockfile],
  ['yarn.lock', readYarnLockfile],
  ['bun.lock', readBunLockfile],
  ['deno.lock', readDenoLockfile],
  ['poetry.lock', readPythonPackages],
  ['pdm.lock', readPythonPackages],
  ['uv.lock', readUvLockfile],
  ['pylock.toml', readPylock],
  ['Pipfile.lock', readPipfileLock],
  ['Cargo.lock', readCargoLockfile],
  ['composer.lock', readComposerLockfile],
  ['Gemfile.lock', readGemfileLock],
  ['gems.locked', readGemfileLock],
  ['gradle.lockfile', readGradleLockfile],
  ['buildscript-gradle.lockfile', readGradleLockfile],
  ['verification-metadata.xml', readGradleVerification],
  ['packages.lock.json', readNugetLockfile],
  ['paket.lock', readPaketLockfile],
  ['pubspec.lock', readPubspecLock],
  ['mix.lock', readMixLock],
  ['renv.lock', readRenvLock],
  ['Podfile.lock', readPodfileLock],
  ['conan.lock', readConanLock],
  ['cabal.project.freeze', readCabalFreeze],
  ['Manifest.toml', readJuliaManifest],
]);

/** What settles the versions of a manifest, by ecosystem; where there is nothing, nothing is missed. */
export const LOCKFILE_NAMES: Readonly<Partial<Record<Ecosystem, readonly string[]>>> = {
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
  Go: ['go.sum'],
  'crates.io': ['Cargo.lock'],
  RubyGems: ['Gemfile.lock', 'gems.locked'],
  Packagist: ['composer.lock'],
  NuGet: ['packages.lock.json', 'paket.lock'],
};

const ALL_LOCKFILES: ReadonlySet<string> = new Set(Object.values(LOCKFILE_NAMES).flat());

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function manifestReader(path: string): ManifestReader | undefined {
  const name = baseName(path);
  const known = MANIFESTS.get(name);
  if (known !== undefined) return known;
  if (/\.(?:cs|fs|vb)proj$/.test(name)) return readDotnetProject;
  if (name.endsWith('.versions.toml')) return readGradleCatalog;
  return REQUIREMENTS.test(path) ? readRequirementsFile : undefined;
}

export function lockfileReader(path: string): LockfileReader | undefined {
  const name = baseName(path);
  const known = LOCKFILES.get(name);
  if (known !== undefined) return known;
  if (/^pylock\.[^.]+\.toml$/.test(name)) return readPylock;
  if (/^packages\..+\.lock\.json$/.test(name)) return readNugetLockfile;
  return name.endsWith('.deps.json') ? readDotnetDependencies : undefined;
}

/** True for every file that `scanDependencies` wants the text of; go.sum completes older files of go.mod. */
export function isDependencyFile(path: string): boolean {
  return manifestReader(path) !== undefined || lockfileReader(path) !== undefined || baseName(path) === 'go.sum';
}

/** True for a lockfile that is known by name, whether or not it is read. */
export function isLockfileName(path: string): boolean {
  return ALL_LOCKFILES.has(baseName(path)) || lockfileReader(path) !== undefined;
}
