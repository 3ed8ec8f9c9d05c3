/** Lockfiles of every ecosystem: exactly the packages that are in them, and a reason when they cannot be read. */
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { lockfileReader } from '../../../../src/analysis/dependencies/manifest-files.ts';
import { scanDependencies } from '../../../../src/analysis/dependencies/scan-dependencies.ts';

/** By file name: a text, and what is in it. */
const SAMPLES: Readonly<Record<string, readonly [text: string, packages: readonly string[]]>> = {
  'package-lock.json': [
    `{"lockfileVersion":1,"dependencies":{
      "old-name":{"version":"npm:@scope/real@1.0.0"},
      "fork":{"version":"github:someone/fork#0123456789"},
      "local":{"version":"file:../local"}}}`,
    ['@scope/real@1.0.0', 'fork@', 'local@'],
  ],
  'pnpm-lock.yaml': [
    `lockfileVersion: '9.0'
packages:
  plain@1.10.0:
    resolution: {integrity: sha512-a}
  '@scope/name@2.0.0-beta.1':
    resolution: {integrity: sha512-b}
  tar@https://host.internal/tar.tgz:
    resolution: {tarball: https://host.internal/tar.tgz}
    version: 3.0.0
snapshots:
  peer@9.9.9(plain@1.10.0): {}
`,
    ['@scope/name@2.0.0-beta.1', 'plain@1.10.0', 'tar@3.0.0'],
  ],
  'five/pnpm-lock.yaml': [
    `lockfileVersion: 5.4
packages:
  /plain/1.0.0_peer@2.0.0: {dev: true}
  /@scope/name/1.2.0: {}
  host.internal/other/3.0.0: {}
  file:../own: {name: own, version: 1.0.0}
  nonsense: {}
`,
    ['@scope/name@1.2.0', 'other@3.0.0', 'own@1.0.0', 'plain@1.0.0'],
  ],
  'six/pnpm-lock.yaml': [
    `lockfileVersion: '6.1'
packages:
  /plain@1.0.0(peer@2.0.0)(@scope/b@3.0.0): {}
  /@scope/name@1.2.0: {}
  host.internal/other@3.0.0: {}
`,
    ['@scope/name@1.2.0', 'other@3.0.0', 'plain@1.0.0'],
  ],
  'yarn.lock': [
    `# yarn lockfile v1

"@scope/a@^1.0.0", "@scope/a@^1.1.0":
  version "1.1.2"
  resolved "https://host.internal/a.tgz"
  dependencies:
    version "^9.0.0"

short@npm:long@^2.0.0:
  version "2.0.1"

b@1, b@2:
  version "2.0.0"
`,
    ['@scope/a@1.1.2', 'b@2.0.0', 'long@2.0.1'],
  ],
  'berry/yarn.lock': [
    `__metadata:
  version: 8

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."

"short@npm:long@^2.0.0":
  version: 2.10
  resolution: "long@npm:2.10"

"patched@patch:patched@npm%3A1.0.0#./p.patch":
  version: 1.0.0
  resolution: "patched@patch:patched@npm%3A1.0.0#./p.patch::version=1.0.0&hash=1"
`,
    ['long@2.10', 'patched@1.0.0'],
  ],
  'bun.lock': [
    `{ "lockfileVersion": 1, "packages": {
      "a": ["a@1.0.0", "", {}, "sha512-x"], // comment
      "own": ["own@workspace:packages/own"],
      "fork": ["real@github:someone/real#0123456", {}, "x"],
    } }`,
    ['a@1.0.0', 'real@'],
  ],
  'deno.lock': [
    '{"version":"5","npm":{"chalk@5.3.0":{},"react-dom@18.2.0_react@18.2.0":{}}}',
    ['chalk@5.3.0', 'react-dom@18.2.0'],
  ],
  'poetry.lock': [
    '[[package]]\nname = "a"\nversion = "1.0"\n[package.dependencies]\nb = "*"\n\n[[package]]\nname = "b"\nversion = "2.0"\n',
    ['a@1.0', 'b@2.0'],
  ],
  'uv.lock': [
    `version = 1
[[package]]
name = "app"
version = "0.1.0"
source = { virtual = "." }
[[package]]
name = "a"
version = "1.0"
source = { registry = "https://host.internal/simple" }
`,
    ['a@1.0'],
  ],
  'pdm.lock': ['[[package]]\nname = "a"\nversion = "1.0"\ngroups = ["dev"]\n', ['a@1.0']],
  'pylock.toml': [
    '[[packages]]\nname = "a"\nversion = "1.0"\n[[packages]]\nname = "own"\ndirectory = { path = "." }\n',
    ['a@1.0'],
  ],
  'Pipfile.lock': [
    '{"_meta":{"x":{}},"default":{"a":{"version":"==1.0"},"fork":{"git":"https://host.internal/x"}},"develop":{"b":{"version":"==2.0"}}}',
    ['a@1.0', 'b@2.0'],
  ],
  'Cargo.lock': [
    'version = 3\n[[package]]\nname = "app"\nversion = "0.1.0"\n[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry+https://host.internal/index"\n',
    ['a@1.0.0', 'app@0.1.0'],
  ],
  'composer.lock': [
    '{"packages":[{"name":"a/b","version":"v1.0.0","license":["MIT"]}],"packages-dev":[{"name":"c/d","version":"2.0.0"}]}',
    ['a/b@v1.0.0', 'c/d@2.0.0'],
  ],
  'Gemfile.lock': [
    `GIT
  remote: https://host.internal/g.git
  revision: 0123456
  specs:
    g (1.0.0)

GEM
  remote: https://host.internal/
  specs:
    a (1.0.0.pre.1)
      b (~> 2.0)
    b (2.1.0-x86_64-linux)

DEPENDENCIES
    not (9.9.9)
`,
    ['a@1.0.0.pre.1', 'b@2.1.0', 'g@1.0.0'],
  ],
  'gradle.lockfile': [
    '# comment\norg.a:b:1.0=compileClasspath,testClasspath\nempty=annotationProcessor\n',
    ['org.a:b@1.0'],
  ],
  'gradle/verification-metadata.xml': [
    `<?xml version="1.0"?><verification-metadata xmlns="x"><components>
      <component group="org.a" name='b' version="1.0"><artifact name="b.jar"/></component>
      <component group="org.a" name="b" version="2.0"/></components></verification-metadata>`,
    ['org.a:b@1.0', 'org.a:b@2.0'],
  ],
  'packages.lock.json': [
    '{"version":1,"dependencies":{"net8.0":{"A":{"type":"Direct","resolved":"1.0.0"},"Own":{"type":"Project"}}}}',
    ['A@1.0.0'],
  ],
  'paket.lock': [
    'NUGET\n  remote: https://host.internal\n    A (1.0.0) - restriction: >= net6\n      B (>= 2.0)\n    B (2.1.0)\n',
    ['A@1.0.0', 'B@2.1.0'],
  ],
  'app.deps.json': ['{"libraries":{"A/1.0.0":{"type":"package"}}}', ['A@1.0.0']],
  'pubspec.lock': ['packages:\n  a:\n    source: hosted\n    version: "1.10"\n', ['a@1.10']],
  'mix.lock': [
    '%{\n  "a": {:hex, :b, "1.0.0", "x", [:mix], [], "hexpm", "y"},\n  "g": {:git, "https://host.internal/g.git", "0123456", []},\n}\n',
    ['b@1.0.0', 'g@'],
  ],
  'renv.lock': ['{"Packages":{"a":{"Package":"a","Version":"1.0"}}}', ['a@1.0']],
  'Podfile.lock': [
    'PODS:\n  - A (1.0.0):\n    - B (~> 2)\n  - "C+D (2.0)"\n\nDEPENDENCIES:\n  - E (9.9.9)\n',
    ['A@1.0.0', 'C+D@2.0'],
  ],
  'conan.lock': ['{"version":"0.5","requires":["a/1.0#0123%1.2"],"build_requires":["b/2.0"]}', ['a@1.0', 'b@2.0']],
  'cabal.project.freeze': [
    'constraints: any.a ==1.0,\n             b +flag,\n             any.c ==2.0.1\n',
    ['a@1.0', 'c@2.0.1'],
  ],
  'Manifest.toml': ['manifest_format = "2.0"\n[[deps.A]]\nversion = "1.0.0"\n[[deps.Base]]\nuuid = "x"\n', ['A@1.0.0']],
};

function packagesOf(file: string, text: string): readonly string[] {
  const { entries, skipped } = scanDependencies([{ file, text }], new Set([file]));
  assert.deepEqual(skipped, []);
  return entries.map(({ name, version }) => `${name}@${version}`).sort();
}

describe('a lockfile is read into exactly its packages', () => {
  for (const [file, [text, packages]] of Object.entries(SAMPLES)) {
    it(file, () => assert.deepEqual(packagesOf(file, text), packages));
  }

  it('with a byte-order mark and lines that end as on Windows', () => {
    for (const file of ['yarn.lock', 'Gemfile.lock', 'Cargo.lock', 'package-lock.json', 'gradle.lockfile']) {
      const [text, packages] = SAMPLES[file] ?? ['', []];
      assert.deepEqual(packagesOf(file, `\uFEFF${text.replaceAll('\n', '\r\n')}`), packages, file);
    }
  });
});

describe('a lockfile that cannot be read', () => {
  // Mocha lifts the limit that Node has, and each of a parser's many errors would carry a stack as deep as the text.
  const limit = Error.stackTraceLimit;
  before(() => {
    Error.stackTraceLimit = 10;
  });
  after(() => {
    Error.stackTraceLimit = limit;
  });

  const reasons: Readonly<Record<string, readonly [text: string, reason: RegExp]>> = {
    'package-lock.json': ['{', /^not valid JSON: .*at position|^not valid JSON: /],
    'pnpm-lock.yaml': ['a: [1', /^not valid YAML: .* at line 1/],
    'Cargo.lock': ['[[package]\n', /^not valid TOML: /],
    'bun.lock': ['{\n "packages": {\n  "a": [,]', /^not valid JSON: \w+ at line 3$/],
    'gradle/verification-metadata.xml': ['<a>\n<b></a>', /^not valid XML: .* at line 2$/],
    'composer.lock': ['null', /^the top level is not an object$/],
  };
  for (const [file, [text, reason]] of Object.entries(reasons)) {
    it(`is skipped with what is wrong: ${file}`, () => {
      const { entries, skipped } = scanDependencies([{ file, text }], new Set([file]));
      assert.deepEqual(entries, []);
      assert.equal(skipped[0]?.file, file);
      assert.match(skipped[0]?.reason ?? '', reason);
    });
  }

  it('never ends the scan, whatever is cut out of it or put into it', () => {
    const files = Object.keys(SAMPLES);
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.nat(600),
        fc.nat(40),
        fc.string({ maxLength: 8 }),
        (file, at, cut, put) => {
          const [text = ''] = SAMPLES[file] ?? [];
          const broken = text.slice(0, at) + put + text.slice(at + cut);
          const { entries, skipped } = scanDependencies([{ file, text: broken }], new Set([file]));
          return entries.every(({ name }) => name !== '') && skipped.length <= 1;
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('nested without end is skipped', function () {
    // A second on an idle machine, most of it for YAML.
    this.timeout(20_000);
    for (const file of Object.keys(SAMPLES).filter((name) => /\.(?:json|lock|yaml|xml)$/.test(name))) {
      const text = '[{<a>'.repeat(5_000);
      const { entries, skipped } = scanDependencies([{ file, text }], new Set([file]));
      assert.ok(entries.length === 0 && skipped.length <= 1, file);
    }
  });

  it('cannot make the scan expand entities or aliases', () => {
    const bomb = 'a: &a [x, x]\nb: &b [*a, *a]\npackages: [*b, *b]\n';
    assert.match(
      scanDependencies([{ file: 'pnpm-lock.yaml', text: bomb }], new Set()).skipped[0]?.reason ?? '',
      /[Aa]lias/,
    );
    const entity = '<!DOCTYPE p [<!ENTITY a "&b;"><!ENTITY b "&a;">]><project><x>&a;</x></project>';
    assert.deepEqual(scanDependencies([{ file: 'pom.xml', text: entity }], new Set()).entries, []);
  });
});

describe('lockfiles', () => {
  it('are known by their names, in any folder', () => {
    for (const file of Object.keys(SAMPLES)) assert.notEqual(lockfileReader(`deep/down/${file}`), undefined, file);
    assert.equal(lockfileReader('lock.json'), undefined);
  });
});
