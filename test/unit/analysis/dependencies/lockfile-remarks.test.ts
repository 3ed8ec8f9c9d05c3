/** What is said about lockfiles and beside them: stale ones, packages in several versions, licences, names one slip away. */
import assert from 'node:assert/strict';
import { conflicts } from '../../../../src/analysis/dependencies/licences.ts';
import { lookalikeOf } from '../../../../src/analysis/dependencies/lookalikes.ts';
import { scanDependencies } from '../../../../src/analysis/dependencies/scan-dependencies.ts';

function found(files: Readonly<Record<string, string>>, rule: string): readonly string[] {
  const list = Object.entries(files).map(([file, text]) => ({ file, text }));
  const { findings } = scanDependencies(list, new Set(Object.keys(files)));
  return findings
    .filter((one) => one.ruleId === `dependency/${rule}`)
    .map((one) => `${one.severity} ${one.file}:${one.startLine} ${one.message.split('.', 1)[0]}`);
}

const lock = (packages: Readonly<Record<string, object>>): string =>
  JSON.stringify({ lockfileVersion: 3, packages }, null, 1);

describe('a stale lockfile', () => {
  const manifest =
    '{"private":true,"dependencies":{\n"kept":"^1.0.0",\n"added":"^1.0.0",\n"raised":"2.0.0","local":"file:./x"}}';
  const old = lock({ 'node_modules/kept': { version: '1.0.0' }, 'node_modules/raised': { version: '1.0.0' } });

  it('is one that lacks what the manifest beside it asks for', () => {
    assert.deepEqual(found({ 'package.json': manifest, 'package-lock.json': old }, 'stale-lockfile'), [
      'medium package.json:3 package-lock',
    ]);
  });

  it('is not one of another folder, nor one that has everything', () => {
    assert.deepEqual(found({ 'examples/package.json': manifest, 'package-lock.json': old }, 'stale-lockfile'), []);
    const current = lock({
      'node_modules/kept': { version: '1.0.0' },
      'node_modules/raised': { version: '2.0.0' },
      'node_modules/added': { version: '1.2.0' },
    });
    assert.deepEqual(found({ 'package.json': manifest, 'package-lock.json': current }, 'stale-lockfile'), []);
  });

  it('compares names as the ecosystem does', () => {
    const files = {
      'pyproject.toml': '[project]\ndependencies = ["Some_Name>=1", "other"]\n',
      'poetry.lock': '[[package]]\nname = "some-name"\nversion = "1.0"\n[[package]]\nname = "other"\nversion = "1.0"\n',
    };
    assert.deepEqual(found(files, 'stale-lockfile'), []);
  });
});

describe('packages in several versions', () => {
  it('are one remark, most versions first', () => {
    const text = lock({
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b/node_modules/a': { version: '2.0.0' },
      'node_modules/c/node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '1.0.0' },
    });
    const { entries } = scanDependencies([{ file: 'package-lock.json', text }], new Set());
    assert.deepEqual(
      entries.map((one) => one.problems.length),
      [1, 1, 0],
    );
    assert.deepEqual(found({ 'package-lock.json': text }, 'duplicate-packages'), [
      'low package-lock.json:4 Packages that are installed in several versions: a (1',
    ]);
  });

  it('of a plain list are told at the second', () => {
    assert.deepEqual(found({ 'requirements.txt': 'a==1.0\nb==1.0\nA==2.0\n' }, 'declared-twice'), [
      'medium requirements.txt:3 A is asked for several times, with different versions: 1',
    ]);
    const either = 'a==1.0; python_version < "3"\na==2.0; python_version >= "3"\n';
    assert.deepEqual(found({ 'requirements.txt': either }, 'declared-twice'), []);
  });
});

describe('licences', () => {
  it('conflict when the package asks more than the project grants', () => {
    assert.equal(conflicts('MIT', 'GPL-3.0-only'), true);
    assert.equal(conflicts('GPL-3.0-or-later', 'AGPL-3.0-only'), true);
    assert.equal(conflicts('MIT', '(MIT OR GPL-2.0)'), false);
    assert.equal(conflicts('MIT', 'MIT AND GPL-2.0'), true);
    assert.equal(conflicts('MIT', 'LGPL-3.0'), false);
    assert.equal(conflicts('MIT', 'GPL-2.0 WITH Classpath-exception-2.0'), false);
    assert.equal(conflicts('GPL-3.0', 'GPL-2.0'), false);
  });

  it('are understood as people write them', () => {
    assert.equal(conflicts('MIT', 'GPLv3'), true);
    assert.equal(conflicts('Apache 2', 'GNU GPL v2'), true);
    assert.equal(conflicts('MIT', 'MIT/GPL-2.0'), false);
    assert.equal(conflicts('MIT', '(LGPL-2.1 and (MIT or GPL-3.0-only))'), false);
    assert.equal(conflicts('MIT', 'LGPL-2.1 AND (GPL-2.0-only OR GPL-3.0-only)'), true);
    assert.equal(conflicts('UNLICENSED', 'GPL-3.0-only'), true);
    assert.equal(conflicts('MIT', 'SEE LICENSE IN LICENSE.txt'), false);
    assert.equal(conflicts('MIT', 'UNLICENSED'), false);
    assert.equal(conflicts('MIT', 'GPL'.repeat(10_000)), false);
  });

  it('conflict when they forbid what the project allows, or each other', () => {
    assert.equal(conflicts('Apache-2.0', 'CC-BY-NC-4.0'), true);
    assert.equal(conflicts('AGPL-3.0-only', 'PolyForm-Noncommercial-1.0.0'), true);
    assert.equal(conflicts('GPL-2.0-only', 'Apache-2.0'), true);
    assert.equal(conflicts('GPL-2.0-only', 'GPL-3.0-or-later'), true);
    assert.equal(conflicts('GPL-2.0-or-later', 'Apache-2.0'), false);
    assert.equal(conflicts('GPL-2.0-only', 'MIT OR Apache-2.0'), false);
    assert.equal(conflicts('GPL-3.0-only', 'Apache-2.0'), false);
  });

  it('are compared for what is passed on, not for tools', () => {
    const files = {
      'package.json': '{"private":true,"license":"MIT","dependencies":{"a":"1.0.0"},"devDependencies":{"b":"1.0.0"}}',
      'package-lock.json': lock({
        'node_modules/a': { version: '1.0.0', license: 'AGPL-3.0-only' },
        'node_modules/b': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
      }),
    };
    assert.deepEqual(found(files, 'licence-conflict'), ['medium package-lock.json:4 a is under AGPL-3']);
  });
});

describe('a name one slip away from a popular one', () => {
  it('is recognised by a letter more, less or other, by neighbours exchanged and by joints', () => {
    for (const [name, popular] of [
      ['lodahs', 'lodash'],
      ['expres', 'express'],
      ['crossenv', 'cross-env'],
      ['electorn', 'electron'],
      ['mongose', 'mongoose'],
    ] as const)
      assert.equal(lookalikeOf('npm', name), popular);
    assert.equal(lookalikeOf('PyPI', 'reqeusts'), 'requests');
    assert.equal(lookalikeOf('crates.io', 'serde-jsom'), 'serde_json');
  });

  it('is no name of its own: known neighbours, digits, scopes, other joints on PyPI', () => {
    for (const name of ['preact', 'colors', 'color', 'mysql2', '@types/lodash', 'react', 'vuex', 'koa'])
      assert.equal(lookalikeOf('npm', name), undefined, name);
    assert.equal(lookalikeOf('PyPI', 'python_dateutil'), undefined);
  });

  it('is told about at its line, doubtfully', () => {
    const files = { 'package.json': '{"private":true,"dependencies":{\n"lodahs":"1.0.0"}}' };
    assert.deepEqual(found(files, 'lookalike-name'), [
      'medium package.json:2 lodahs is one slip away from the much-used lodash: malicious packages take such names',
    ]);
  });
});
