/** How many lockfiles and manifests are read into exactly their packages: `npm run bench:lockfiles [-- --verbose]`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { scanDependencies } from '../../src/analysis/dependencies/scan-dependencies.ts';
import { report } from './result.ts';

interface Fixture {
  /** `language/format` */
  readonly ecosystem: string;
  readonly file: string;
  readonly content: string;
  readonly packages: readonly (readonly [name: string, version: string])[];
}

/** The name under which each format is found; formats without one are not read by this project. */
const NAMES: Readonly<Record<string, string>> = {
  'javascript/packagelockjson': 'package-lock.json',
  'javascript/pnpmlock': 'pnpm-lock.yaml',
  'javascript/yarnlock': 'yarn.lock',
  'javascript/bunlock': 'bun.lock',
  'javascript/packagejson': 'package.json',
  'python/requirements': 'requirements.txt',
  'python/poetrylock': 'poetry.lock',
  'python/uvlock': 'uv.lock',
  'python/pdmlock': 'pdm.lock',
  'python/pipfilelock': 'Pipfile.lock',
  'python/pylock': 'pylock.toml',
  'python/pyprojecttoml': 'pyproject.toml',
  'python/setup': 'setup.py',
  'golang/gomod': 'go.mod',
  'rust/cargolock': 'Cargo.lock',
  'rust/cargotoml': 'Cargo.toml',
  'java/pomxml': 'pom.xml',
  'java/gradlelockfile': 'gradle.lockfile',
  'java/gradleverificationmetadataxml': 'gradle/verification-metadata.xml',
  'java/gradleversioncatalog': 'gradle/libs.versions.toml',
  'ruby/gemfilelock': 'Gemfile.lock',
  'php/composerlock': 'composer.lock',
  'dotnet/packageslockjson': 'packages.lock.json',
  'dotnet/packagesconfig': 'packages.config',
  'dotnet/csproj': 'project.csproj',
  'dotnet/nugetcpm': 'Directory.Packages.props',
  'dotnet/paketdependencies': 'paket.dependencies',
  'dotnet/paketlock': 'paket.lock',
  'dotnet/depsjson': 'project.deps.json',
  'dart/pubspec': 'pubspec.lock',
  'elixir/mixlock': 'mix.lock',
  'erlang/mixlock': 'mix.lock',
  'r/renvlock': 'renv.lock',
  'swift/podfilelock': 'Podfile.lock',
  'cpp/conanlock': 'conan.lock',
  'haskell/cabal': 'cabal.project.freeze',
  'julia/manifesttoml': 'Manifest.toml',
};

const { values } = parseArgs({ options: { verbose: { type: 'boolean' } } });
const source = join(import.meta.dirname, '../../../shared/data/review/lockfiles/fixtures.jsonl.gz');
if (!existsSync(source)) throw new Error(`the fixtures are not there: ${source}`);
const fixtures = gunzipSync(readFileSync(source))
  .toString('utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Fixture);

const scores = new Map<string, { exact: number; all: number }>();
for (const fixture of fixtures) {
  const file = NAMES[fixture.ecosystem];
  if (file === undefined) continue;
  const score = scores.get(fixture.ecosystem) ?? { exact: 0, all: 0 };
  scores.set(fixture.ecosystem, score);
  score.all += 1;
  const found = packagesIn(file, fixture.content);
  const wanted = sorted(fixture.packages.map(([name, version]) => `${name}@${version}`));
  if (found.join('\n') === wanted.join('\n')) score.exact += 1;
  else if (values.verbose === true) {
    const missing = wanted.filter((one) => !found.includes(one));
    const extra = found.filter((one) => !wanted.includes(one));
    process.stderr.write(`${fixture.file}\n  missing ${missing.join(' ')}\n  extra   ${extra.join(' ')}\n`);
  }
}

function packagesIn(file: string, text: string): readonly string[] {
  const { entries } = scanDependencies([{ file, text }], new Set([file]));
  return sorted(entries.map(({ name, version }) => `${name}@${version}`));
}

function sorted(list: readonly string[]): readonly string[] {
  return [...new Set(list)].sort();
}

const total = [...scores.values()].reduce((sum, one) => ({ exact: sum.exact + one.exact, all: sum.all + one.all }));
report(
  'lockfiles',
  Object.fromEntries(
    [...scores, ['all', total] as const].map(([name, { exact, all }]) => [`${name} (of ${all})`, exact]),
  ),
  [],
);
