/** Manifests beyond npm and Python: what they name, with the versions that their ranges name. */
import assert from 'node:assert/strict';
import { type DependencyScan, scanDependencies } from '../../../../src/analysis/dependencies/scan-dependencies.ts';

function scan(files: Readonly<Record<string, string>>, paths: readonly string[] = []): DependencyScan {
  const list = Object.entries(files).map(([file, text]) => ({ file, text }));
  return scanDependencies(list, new Set([...paths, ...Object.keys(files)]));
}

const entries = (result: DependencyScan): readonly string[] =>
  result.entries.map(
    ({ name, version, requirement }) => `${name}@${version}${requirement === undefined ? '' : ` (${requirement})`}`,
  );
const remarks = (result: DependencyScan): readonly string[] =>
  result.findings.map(
    (one) => `${one.severity} ${one.ruleId.slice('dependency/'.length)} ${one.file}:${one.startLine}`,
  );

describe('go.mod', () => {
  const text = `module example.com/app

go 1.21 // comment
toolchain go1.22.3

require example.com/single v1.0.0
require (
	example.com/a v1.2.3
	"example.com/b" v0.0.0-20240101000000-0123456789ab // indirect
	example.com/c v2.0.0+incompatible
)
replace example.com/a => example.com/fork v1.3.0
replace (
	example.com/c v9.9.9 => example.com/never v1.0.0
	example.com/single => ../single
)
exclude example.com/x v1.0.0
`;

  it('is listed after replacement, with the standard library of its toolchain', () => {
    assert.deepEqual(entries(scan({ 'go.mod': text }, ['go.sum'])), [
      '../single@',
      'example.com/b@0.0.0-20240101000000-0123456789ab',
      'example.com/c@2.0.0+incompatible',
      'example.com/fork@1.3.0',
      'stdlib@1.22.3',
    ]);
  });

  it('without go.sum is told off', () => {
    assert.deepEqual(remarks(scan({ 'go.mod': text })), ['medium missing-lockfile go.mod:6']);
    assert.deepEqual(remarks(scan({ 'go.mod': 'module a\ngo 1.21\n' })), []);
  });

  it('of before Go 1.17 is completed by go.sum', () => {
    const mod = 'module a\ngo 1.16\nrequire example.com/a v1.0.0\n';
    const sum = `example.com/a v1.0.0 h1:x=
example.com/a v1.0.0/go.mod h1:x=
example.com/b v1.1.0 h1:x=
example.com/c v1.2.0/go.mod h1:x=
`;
    assert.deepEqual(entries(scan({ 'm/go.mod': mod, 'm/go.sum': sum })), [
      'example.com/a@1.0.0',
      'example.com/b@1.1.0',
      'stdlib@1.16',
    ]);
  });
});

describe('pom.xml', () => {
  const parent = `<project><artifactId>parent</artifactId><version>7</version>
  <properties><b.version>2.0.0</b.version></properties>
  <dependencies><dependency><groupId>org</groupId><artifactId>inherited</artifactId><version>\${project.version}</version></dependency></dependencies>
  <dependencyManagement><dependencies>
    <dependency><groupId>org</groupId><artifactId>managed</artifactId><version>3.0.0</version></dependency>
    <dependency><groupId>org</groupId><artifactId>unused</artifactId><version>9.9.9</version></dependency>
  </dependencies></dependencyManagement></project>`;
  const child = `<project>
  <parent><groupId>org</groupId><artifactId>parent</artifactId><version>7</version></parent>
  <dependencies>
    <dependency><groupId>org</groupId><artifactId>b</artifactId><version>\${b.version}</version></dependency>
    <dependency><groupId>org</groupId><artifactId>managed</artifactId></dependency>
    <dependency><groupId>org</groupId><artifactId>ranged</artifactId><version>[1.5,2)</version></dependency>
    <dependency><groupId>org</groupId><artifactId>elsewhere</artifactId></dependency>
    <dependency><groupId>org</groupId><artifactId>newest</artifactId><version>LATEST</version></dependency>
  </dependencies>
</project>`;

  it('takes properties, versions and dependencies from its parent in the repository', () => {
    const listed = scan({ 'pom.xml': parent, 'child/pom.xml': child }).entries.filter(
      (one) => one.file === 'child/pom.xml',
    );
    assert.deepEqual(
      listed.map(({ name, version }) => `${name}@${version}`),
      ['org:b@2.0.0', 'org:elsewhere@', 'org:inherited@7', 'org:managed@3.0.0', 'org:newest@', 'org:ranged@1.5'],
    );
  });

  it('is told off for versions that move, at their line', () => {
    assert.deepEqual(remarks(scan({ 'pom.xml': child })), ['medium unpinned pom.xml:8']);
  });

  it('with properties that turn in a circle ends', () => {
    const circle =
      '<project><properties><a>${b}${b}</a><b>${a}${a}</b></properties><dependencies><dependency><groupId>g</groupId><artifactId>x</artifactId><version>${a}</version></dependency></dependencies></project>';
    assert.deepEqual(entries(scan({ 'pom.xml': circle })), ['g:x@']);
  });

  it('whose names are no XML is skipped', () => {
    assert.match(scan({ 'pom.xml': '<project><${Id}>1</${Id}></project>' }).skipped[0]?.reason ?? '', /^not valid XML/);
  });
});

describe('Cargo.toml', () => {
  it('is listed with its own package, as Cargo.lock is, and without branches that name no code', () => {
    const text = `[package]
name = "app"
version = "0.1.0"
[dependencies]
a = "1.2"
b = { version = "=2.0.0", features = ["x"] }
renamed = { package = "real", version = "^3" }
shared.workspace = true
[target.'cfg(unix)'.dev-dependencies]
moving = { git = "https://host.internal/moving", branch = "main" }
fixed = { git = "https://host.internal/fixed", rev = "0123456789abcdef" }
any = "*"
`;
    const result = scan({ 'Cargo.toml': text }, ['Cargo.lock']);
    assert.deepEqual(entries(result), [
      'a@1.2 (1.2)',
      'any@ (*)',
      'app@0.1.0',
      'b@2.0.0',
      'fixed@ (https://host.internal/fixed)',
      'real@3 (^3)',
      'shared@',
    ]);
    assert.deepEqual(remarks(result), ['low moving-git-source Cargo.toml:10', 'low unpinned Cargo.toml:12']);
  });
});

describe('composer.json', () => {
  it('is listed without the platform', () => {
    const text = `{"require":{
 "php":">=8.1","ext-json":"*",
 "a/a":"^1.2 || ^2.0",
 "a/b":"1.0.0",
 "a/c":"dev-main",
 "a/d":"*"},
 "require-dev":{"a/e":"~3.1@dev"}}`;
    const result = scan({ 'composer.json': text });
    assert.deepEqual(entries(result), [
      'a/a@1.2 (^1.2 || ^2.0)',
      'a/b@1.0.0',
      'a/c@ (dev-main)',
      'a/d@ (*)',
      'a/e@3.1 (~3.1@dev)',
    ]);
    assert.deepEqual(remarks(result), [
      'medium missing-lockfile composer.json:3',
      'medium moving-git-source composer.json:5',
      'medium unpinned composer.json:6',
    ]);
  });
});

describe('Gemfile', () => {
  const text = `source "http://host.internal"
gem 'a', '~> 1.2', '>= 1.2.3' # comment
gem "b", git: "https://host.internal/b.git", ref: "0123456789abcdef"
gem 'c', github: 'x/c'
group :test do
  gem 'd'
end
gem 'e', '2.0.0', require: false
`;

  it('is listed with what it says in literals', () => {
    assert.deepEqual(entries(scan({ Gemfile: text })), [
      'a@1.2 (~> 1.2, >= 1.2.3)',
      'b@ (https://host.internal/b.git)',
      'c@ (https://github.com/x/c)',
      'd@',
      'e@2.0.0',
    ]);
  });

  it('leaves versions to its lockfile', () => {
    assert.deepEqual(remarks(scan({ Gemfile: text }, ['Gemfile.lock'])), [
      'high unencrypted-source Gemfile:1',
      'low moving-git-source Gemfile:4',
    ]);
  });
});

describe('manifests of .NET', () => {
  it('of projects have properties filled in', () => {
    const text = `\uFEFF<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><AVersion>1.0.0</AVersion></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="A" Version="$(AVersion)" />
    <PackageReference Include="B"><Version>[2.0.0,3.0)</Version></PackageReference>
    <PackageReference Include="C" />
    <PackageReference Include="D" Version="*" />
    <PackageReference Version="9.9.9" />
  </ItemGroup>
</Project>`;
    const result = scan({ 'app.csproj': text });
    assert.deepEqual(entries(result), ['A@1.0.0', 'B@2.0.0 ([2.0.0,3.0))', 'C@', 'D@ (*)']);
    assert.deepEqual(remarks(result), ['medium unpinned app.csproj:7']);
  });

  it('packages.config and paket.dependencies are listed', () => {
    const config = '<packages><package id="A" version="1.0.0"/><package id="B"/></packages>';
    assert.deepEqual(entries(scan({ 'packages.config': config })), ['A@1.0.0']);
    const paket = `source https://host.internal/v3 // comment
nuget A ~> 1.2 lowest_matching: true
nuget B == 2.0.0
nuget C
github x/y:3.1.0 // comment
`;
    assert.deepEqual(entries(scan({ 'paket.dependencies': paket })), [
      'A@1.2 (~> 1.2)',
      'B@2.0.0',
      'C@',
      'x/y@3.1.0 (https://github.com/x/y)',
    ]);
  });
});

describe('a version catalog of Gradle', () => {
  it('is listed without plugins and bundles', () => {
    const text = `[versions]
v = "1.0"
[libraries]
a = "org:a:2.0"
b = { module = "org:b", version.ref = "v" }
c = { group = "org", name = "c", version = { strictly = "[3.0,4.0)" } }
d = { module = "org:d", version = "+" }
[plugins]
p = { id = "org.p", version = "9.9.9" }
`;
    const result = scan({ 'gradle/libs.versions.toml': text });
    assert.deepEqual(entries(result), ['org:a@2.0', 'org:b@1.0', 'org:c@3.0 ([3.0,4.0))', 'org:d@ (+)']);
    assert.deepEqual(remarks(result), ['medium unpinned gradle/libs.versions.toml:7']);
  });
});

describe('setup.py', () => {
  it('is listed with the literals of its lists, straight or through a variable', () => {
    const text = `REQUIRED: list[str] = [
    "a>=1.0",  # "no>=9"
    'b[x]==2.0; python_version < "3.9"',
    "a",
]
setup(install_requires=REQUIRED, tests_require=["c<=3.0", 'd'])
`;
    assert.deepEqual(entries(scan({ 'setup.py': text })), ['a@1.0 (>=1.0)', 'b@2.0', 'c@3.0 (<=3.0)']);
  });
});

describe('addresses in an answer', () => {
  it('show no credentials', () => {
    const text = '{"private":true,"dependencies":{"a":"git+https://user:secret@host.internal/a.git#0123456"}}';
    assert.ok(!JSON.stringify(scan({ 'package.json': text })).includes('secret'));
  });
});
