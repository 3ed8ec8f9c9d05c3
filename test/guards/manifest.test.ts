/** package.json against the source and the documents, both ways. */
import assert from 'node:assert/strict';
import { COMMANDS, SETTINGS, VIEW_CONTAINER, VIEWS } from '../../src/contracts/index.ts';
import { assertNone } from './kit/exceptions.ts';
import { problemsOfManifest } from './kit/manifest-rules.ts';
import { rowsUnder } from './kit/markdown-table.ts';
import { type Manifest, manifest, readText } from './kit/tree.ts';

const contributes = () => manifest().contributes ?? {};
const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

describe('the manifest', () => {
  it('declares every command of src/contracts/ids.ts and no other', () => {
    const declared = (contributes().commands ?? []).map(({ command }) => command);
    assert.deepEqual(sorted(declared), sorted(Object.values(COMMANDS)));
  });

  it('declares every view of src/contracts/ids.ts and no other', () => {
    const declared = Object.values(contributes().views ?? {}).flatMap((views) => views.map(({ id }) => id));
    assert.deepEqual(sorted(declared), sorted(Object.values(VIEWS)));
  });

  it("declares every setting of src/contracts/ids.ts and no other, for the user's own settings alone", () => {
    const properties = contributes().configuration?.properties ?? {};
    assert.deepEqual(sorted(Object.keys(properties)), sorted(Object.values(SETTINGS)));
    assertNone(Object.entries(properties).flatMap(([name, { scope }]) => (scope === 'application' ? [] : [name])));
  });

  it('declares the one view container, and puts the views into it', () => {
    const containers = Object.values(contributes().viewsContainers ?? {}).flatMap((list) => list.map(({ id }) => id));
    assert.deepEqual(containers, [VIEW_CONTAINER]);
    assert.deepEqual(Object.keys(contributes().views ?? {}), [VIEW_CONTAINER]);
  });

  it('keeps every rule of its own', () => assertNone(problemsOfManifest(manifest())));

  it('lists as many dependencies as were looked at', () => {
    assert.ok(Object.keys(manifest().dependencies).length >= 20);
    assert.ok(Object.keys(manifest().devDependencies).length >= 20);
  });

  it('has a reason in src/ARCHITECTURE.md for every runtime dependency, and for no other', () => {
    const rows = rowsUnder(readText('src/ARCHITECTURE.md'), /^dependencies/i);
    assert.deepEqual(sorted(rows.flatMap(({ names }) => names)), sorted(Object.keys(manifest().dependencies)));
    assertNone(rows.filter(({ rest }) => rest.length < 10).map(({ names }) => `${names.join(', ')}: no reason`));
  });
});

describe('package-lock.json', () => {
  const hosts = (text: string): readonly string[] => text.match(/"resolved":\s*"[a-z+]+:[^"]*"/g) ?? [];

  it('names no host that packages came from', () => {
    const text = readText('package-lock.json');
    assert.ok((text.match(/"integrity":/g) ?? []).length >= 100, 'fewer locked packages than expected');
    assertNone(hosts(text));
  });

  it('would be caught naming one', () => {
    assert.equal(hosts('{ "resolved": "https://packages.example/a/-/a-1.0.0.tgz" }').length, 1);
  });
});

const RIGHT: Manifest = {
  dependencies: { yaml: '2.9.1', 'some-next': '2.0.0-beta.1' },
  devDependencies: {},
  activationEvents: ['onCommand:x'],
  contributes: { commands: [{ command: 'x', title: 'Do it' }], views: { one: [{ id: 'v' }] } },
};

describe("the manifest's canary", () => {
  const rejects = (change: Partial<Manifest>, reason: RegExp): void => {
    const problems = problemsOfManifest({ ...RIGHT, ...change });
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', reason);
  };
  const contributing = (more: Manifest['contributes']): Partial<Manifest> => ({
    contributes: { ...RIGHT.contributes, ...more },
  });

  it('passes when it is right', () => assertNone(problemsOfManifest(RIGHT)));

  for (const range of [
    '^2.9.1',
    '~2.9.1',
    '2.9',
    '*',
    'latest',
    '>=2.9.1',
    'git+ssh://git.example/a.git',
    'file:../a',
  ]) {
    it(`is rejected for the dependency range ${range}`, () => rejects({ devDependencies: { yaml: range } }, /yaml/));
  }
  for (const event of ['*', 'onStartupFinished']) {
    it(`is rejected for activating on ${event}`, () => rejects({ activationEvents: [event] }, /activat/));
  }
  it('is rejected for a proposed API', () => rejects({ enabledApiProposals: ['chat'] }, /proposed/));
  it('is rejected for an empty list of proposed APIs', () => rejects({ enabledApiProposals: [] }, /proposed/));
  it('is rejected for a menu of an unknown command', () =>
    rejects(contributing({ menus: { 'view/title': [{ command: 'y' }] } }), /menu view\/title.*y/));
  it('is rejected for a menu of an unknown submenu', () =>
    rejects(contributing({ menus: { 'view/title': [{ submenu: 'y' }] } }), /submenu y/));
  it('is rejected for a key of an unknown command', () =>
    rejects(contributing({ keybindings: [{ command: 'y' }] }), /key.*y/));
  it('is rejected for welcoming to an unknown view', () =>
    rejects(contributing({ viewsWelcome: [{ view: 'w', contents: 'Hello.' }] }), /view w/));
  it('is rejected for a welcome text that links to an unknown command', () =>
    rejects(
      contributing({ viewsWelcome: [{ view: 'v', contents: '[Go](command:mcp-conductor.go)' }] }),
      /mcp-conductor.go/,
    ));
  it('is rejected for a command without a title', () =>
    rejects(contributing({ commands: [{ command: 'x', title: '' }] }), /title/));
});
