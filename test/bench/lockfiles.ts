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

/** Every ecosystem that has to be exact, by the formats it has. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  npm: ['javascript/packagelockjson'],
  pnpm: ['javascript/pnpmlock'],
  yarn: ['javascript/yarnlock'],
  pip: ['python/requirements', 'python/setup', 'python/pyprojecttoml', 'python/pylock'],
  poetry: ['python/poetrylock'],
  uv: ['python/uvlock'],
  Pipfile: ['python/pipfilelock'],
  Go: ['golang/gomod'],
  Cargo: ['rust/cargolock', 'rust/cargotoml'],
  Maven: ['java/pomxml'],
  Gradle: ['java/gradlelockfile', 'java/gradleverificationmetadataxml', 'java/gradleversioncatalog'],
  Gem: ['ruby/gemfilelock'],
  Composer: ['php/composerlock'],
  NuGet: ['dotnet/packageslockjson', 'dotnet/packagesconfig', 'dotnet/csproj', 'dotnet/nugetcpm', 'dotnet/paketlock'],
};

/** Fixtures that ask for what their one text does not say; they count as wrong, and are told apart. */
const UNKNOWABLE: Readonly<Record<string, string>> = {
  'golang/gomod/indirect-1.16.mod': 'packages of a go.sum that is not among the fixtures',
  'java/pomxml/with-parent.xml': 'a dependency of ./parent/pom.xml, which is not among the fixtures',
  'python/uvlock/one-package.lock': 'nothing of a text that locks emoji 2.14.0',
  'python/uvlock/grouped-packages.lock': 'three of fourteen locked packages',
  'python/uvlock/names-outside-package-block.lock': 'nothing of a text that locks two packages',
};

const { values } = parseArgs({ options: { verbose: { type: 'boolean' }, quick: { type: 'boolean' } } });
const source = join(import.meta.dirname, '../../../shared/data/review/lockfiles/fixtures.jsonl.gz');
if (!existsSync(source)) throw new Error(`the fixtures are not there: ${source}`);
const fixtures = gunzipSync(readFileSync(source))
  .toString('utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Fixture);

interface Score {
  exact: number;
  all: number;
  unknowable: number;
}

const scores = new Map<string, Score>();
for (const fixture of fixtures) {
  const file = NAMES[fixture.ecosystem];
  if (file === undefined) continue;
  const score = scores.get(fixture.ecosystem) ?? { exact: 0, all: 0, unknowable: 0 };
  scores.set(fixture.ecosystem, score);
  score.all += 1;
  const found = packagesIn(file, fixture.content);
  const wanted = sorted(fixture.packages.map(([name, version]) => `${name}@${version}`));
  if (found.join('\n') === wanted.join('\n')) score.exact += 1;
  else if (UNKNOWABLE[fixture.file] !== undefined) score.unknowable += 1;
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

const sum = (list: readonly Score[]): Score =>
  list.reduce((one, two) => ({
    exact: one.exact + two.exact,
    all: one.all + two.all,
    unknowable: one.unknowable + two.unknowable,
  }));

const named = Object.entries(NAMED).map(
  ([name, formats]) => [name, sum(formats.flatMap((format) => scores.get(format) ?? []))] as const,
);
for (const [file, why] of Object.entries(UNKNOWABLE)) process.stdout.write(`${file} asks for ${why}\n`);
report(
  'lockfiles',
  Object.fromEntries(
    [...scores, ...named, ['all', sum([...scores.values()])] as const].map(([name, { exact, all }]) => [
      `${name} (of ${all})`,
      exact,
    ]),
  ),
  named.map(([name, { exact, all, unknowable }]) => ({
    what: `${name}: exact, of ${all}${unknowable === 0 ? '' : `, ${unknowable} of them unknowable`}`,
    value: exact,
    limit: all,
    kind: 'atLeast',
  })),
);
