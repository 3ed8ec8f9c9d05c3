/** Manifests and lockfiles: what is listed, what is wrong, and on which line. */
import assert from 'node:assert/strict';
import { type DependencyScan, scanDependencies } from '../../../../src/analysis/dependencies/scan-dependencies.ts';

function scan(files: Readonly<Record<string, string>>, lockfiles: readonly string[] = []): DependencyScan {
  const list = Object.entries(files).map(([file, text]) => ({ file, text }));
  return scanDependencies(list, new Set([...lockfiles, ...Object.keys(files)]));
}

const remarks = (result: DependencyScan): readonly string[] =>
  result.findings.map(
    (one) => `${one.severity} ${one.ruleId.slice('dependency/'.length)} ${one.file}:${one.startLine}`,
  );
/** With the range or address behind it where the version is left open. */
const entries = (result: DependencyScan): readonly string[] =>
  result.entries.map(
    (one) => `${one.name}@${one.version}${one.requirement === undefined ? '' : ` (${one.requirement})`}`,
  );

const APPLICATION = `{
  "name": "app",
  "private": true,
  "dependencies": {
    "exact": "1.2.3",
    "caret": "^1.2.3",
    "any": "*",
    "newest": "latest",
    "open": ">=2",
    "fork": "someone/fork#main",
    "pinned": "git+https://host.internal/a/pinned.git#0123456789abcdef0123456789abcdef01234567",
    "plain": "http://host.internal/plain.tgz",
    "local": "file:../local",
    "renamed": "npm:other@^2.0.0"
  },
  "devDependencies": { "tool": "*" },
  "peerDependencies": { "host": "*" }
}
`;

describe('package.json', () => {
  it('is listed with the versions it names and the ranges it leaves open, without peers', () => {
    const result = scan({ 'package.json': APPLICATION });
    assert.deepEqual(entries(result), [
      'any@ (*)',
      'caret@1.2.3 (^1.2.3)',
      'exact@1.2.3',
      'fork@ (someone/fork#main)',
      'local@ (file:../local)',
      'newest@ (latest)',
      'open@2.0.0 (>=2)',
      'other@2.0.0 (^2.0.0)',
      'pinned@ (git+https://host.internal/a/pinned.git#0123456789abcdef0123456789abcdef01234567)',
      'plain@ (http://host.internal/plain.tgz)',
      'tool@ (*)',
    ]);
    assert.deepEqual([result.entries[0]?.ecosystem, result.entries[0]?.file], ['npm', 'package.json']);
  });

  it('is told off at the right lines', () => {
    assert.deepEqual(remarks(scan({ 'package.json': APPLICATION })), [
      'medium missing-lockfile package.json:4',
      'medium unpinned package.json:7',
      'medium unpinned package.json:8',
      'low no-upper-bound package.json:9',
      'medium moving-git-source package.json:10',
      'high unencrypted-source package.json:12',
      'low unpinned package.json:16',
    ]);
  });

  it('says less once a lockfile settles the versions, in its folder or above', () => {
    for (const [manifest, lockfile] of [
      ['package.json', 'yarn.lock'],
      ['packages/a/package.json', 'pnpm-lock.yaml'],
    ] as const) {
      const found = remarks(scan({ [manifest]: APPLICATION }, [lockfile]));
      assert.deepEqual(
        found.filter((one) => !one.startsWith('low ')),
        [`high unencrypted-source ${manifest}:12`],
      );
      assert.ok(!found.some((one) => one.includes('missing-lockfile')));
    }
  });

  it('asks libraries for a lockfile only in a whisper', () => {
    const library = '{"name":"lib","version":"1.0.0","main":"a.js","dependencies":{"a":"^1.0.0"}}';
    assert.deepEqual(remarks(scan({ 'package.json': library })), ['low missing-lockfile package.json:1']);
  });

  it('is silent about a project without dependencies', () => {
    assert.deepEqual(remarks(scan({ 'package.json': '{"private": true}' })), []);
  });

  it('that is broken is skipped with its line, and the rest goes on', () => {
    const result = scan({
      'a/package.json': '{\n "dependencies": {\n',
      'b/package.json': '{"dependencies":{"x":"1.0.0"}}',
    });
    assert.match(result.skipped[0]?.reason ?? '', /not valid JSON: \w+ at line 3/);
    assert.equal(result.skipped[0]?.file, 'a/package.json');
    assert.deepEqual(entries(result), ['x@1.0.0']);
  });
});

describe('package-lock.json', () => {
  const manifest = '{"private":true,"dependencies":{"a":"*"}}';

  it('of version 3 is listed with licences, aliases, nested packages and folders, each once', () => {
    const lock = `{
  "lockfileVersion": 3,
  "packages": {
    "": { "name": "app" },
    "packages/own": { "version": "1.0.0" },
    "node_modules/own": { "link": true },
    "node_modules/a": { "version": "1.0.0", "license": "MIT" },
    "node_modules/a/node_modules/@s/b": { "version": "2.0.0", "hasInstallScript": true },
    "node_modules/c": { "name": "real-c", "version": "3.0.0", "resolved": "http://host.internal/c.tgz" }
  }
}`;
    const result = scan({ 'package.json': manifest, 'package-lock.json': lock });
    assert.deepEqual(entries(result), ['@s/b@2.0.0', 'a@1.0.0', 'own@1.0.0', 'real-c@3.0.0']);
    assert.equal(result.entries[1]?.licence, 'MIT');
    assert.deepEqual(result.entries[1]?.problems, ['any version is accepted']);
    assert.deepEqual(remarks(result), [
      'high unencrypted-source package-lock.json:9',
      'low install-scripts package-lock.json:8',
      'low unpinned package.json:1',
    ]);
  });

  it('of version 1 is listed through all its levels', () => {
    const lock =
      '{"lockfileVersion":1,"dependencies":{"a":{"version":"1.0.0","dependencies":{"b":{"version":"2.0.0"}}},"b":{"version":"3.0.0"}}}';
    assert.deepEqual(entries(scan({ 'package-lock.json': lock })), ['a@1.0.0', 'b@2.0.0', 'b@3.0.0']);
  });

  it('nested without end does not end the scan', () => {
    const deep = `${'{"dependencies":{"a":{"version":"1.0.0",'.repeat(5_000)}"x":1${'}}}'.repeat(5_000)}`;
    const text = `${deep
      .replaceAll('"version":"1.0.0",{', '{')
      .replace(/,\{"dependencies"/g, ',"dependencies"')
      .replaceAll('}}}', '}}')}}`;
    const result = scan({ 'package-lock.json': text });
    assert.equal(result.entries.length + result.skipped.length, 1);
  });
});

describe('requirements.txt', () => {
  const text = `# tools
--index-url http://host.internal/simple
exact==1.0
extra[one,two]>=2.0  # why
bare
marked==1.1; python_version < "3.9"
continued==3.0 \\
    --hash=sha256:abc
ranged>=1,<2
-r other.txt
-e git+https://host.internal/a/tool.git@main#egg=tool
direct @ https://host.internal/direct-1.0.tar.gz
./local
`;

  it('is listed with exact versions and ranges', () => {
    assert.deepEqual(entries(scan({ 'requirements.txt': text })), [
      'bare@',
      'continued@3.0',
      'direct@ (https://host.internal/direct-1.0.tar.gz)',
      'exact@1.0',
      'extra@2.0 (>=2.0)',
      'marked@1.1',
      'ranged@1 (>=1,<2)',
      'tool@ (git+https://host.internal/a/tool.git@main#egg=tool)',
    ]);
  });

  it('is told off at the right lines, for development in a whisper', () => {
    assert.deepEqual(remarks(scan({ 'requirements.txt': text })), [
      'high unencrypted-source requirements.txt:2',
      'low no-upper-bound requirements.txt:4',
      'medium unpinned requirements.txt:5',
      'medium moving-git-source requirements.txt:11',
    ]);
    assert.deepEqual(remarks(scan({ 'requirements-dev.txt': 'bare\n' })), ['low unpinned requirements-dev.txt:1']);
  });
});

describe('loose requirements beside pinned ones', () => {
  it('are what the pins are made from', () => {
    const files = { 'base_requirements.txt': 'Django_Filter\n', 'requirements.txt': 'django-filter==24.1\n' };
    assert.deepEqual(remarks(scan(files)), ['low unpinned base_requirements.txt:1']);
  });
});

describe('pyproject.toml', () => {
  it('of PEP 621 and PEP 735 is read', () => {
    const text = `[project]
name = "x"
dependencies = [
  "a>=1",
  "b==2.0",
]
[project.optional-dependencies]
more = ["c"]
[dependency-groups]
test = ["d~=1.0", {include-group = "more"}]
`;
    const result = scan({ 'pyproject.toml': text });
    assert.deepEqual(entries(result), ['a@1 (>=1)', 'b@2.0', 'c@', 'd@1.0 (~=1.0)']);
    assert.deepEqual(remarks(result), [
      'medium missing-lockfile pyproject.toml:4',
      'low no-upper-bound pyproject.toml:4',
      'medium unpinned pyproject.toml:8',
    ]);
  });

  it('of Poetry is read, and its lockfile settles it', () => {
    const text = `[tool.poetry.dependencies]
python = "^3.11"
a = "^1.2"
b = "*"
c = { git = "https://host.internal/c.git", branch = "main" }
[tool.poetry.group.dev.dependencies]
d = { version = "1.0.0", extras = ["x"] }
`;
    assert.deepEqual(entries(scan({ 'pyproject.toml': text })), [
      'a@1.2 (^1.2)',
      'b@ (*)',
      'c@ (https://host.internal/c.git)',
      'd@1.0.0',
    ]);
    assert.deepEqual(remarks(scan({ 'pyproject.toml': text }, ['poetry.lock'])), [
      'low unpinned pyproject.toml:4',
      'low moving-git-source pyproject.toml:5',
    ]);
  });

  it('that is broken is skipped with the reason', () => {
    assert.match(scan({ 'pyproject.toml': '[project\n' }).skipped[0]?.reason ?? '', /not valid TOML/);
  });
});

describe('setup.cfg and Pipfile', () => {
  it('are read', () => {
    const cfg =
      '[metadata]\nname = x\n[options]\ninstall_requires =\n    a>=1\n    b\npackages = find:\n[options.extras_require]\ntest = c\n';
    assert.deepEqual(entries(scan({ 'setup.cfg': cfg })), ['a@1 (>=1)', 'b@', 'c@']);
    assert.deepEqual(entries(scan({ Pipfile: '[packages]\na = "*"\n[dev-packages]\nb = "==1.0"\n' })), [
      'a@ (*)',
      'b@1.0',
    ]);
  });
});
