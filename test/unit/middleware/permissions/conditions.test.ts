/** Conditions on arguments: in doubt, the reading that permits less. */
import assert from 'node:assert/strict';
import type { JsonValue } from '../../../../src/base/json.ts';
import { type PermissionCondition, readyCondition } from '../../../../src/middleware/permissions/conditions.ts';

const allows = (condition: PermissionCondition, args: JsonValue): boolean => readyCondition(condition)(args, true);
const denies = (condition: PermissionCondition, args: JsonValue): boolean => readyCondition(condition)(args, false);

describe('a condition on arguments', () => {
  it('compares JSON values, whatever the order of their keys', () => {
    assert.ok(allows({ path: 'a', equals: { x: 1, y: [2] } }, { a: { y: [2], x: 1 } }));
    assert.ok(!allows({ path: 'a', equals: 5 }, { a: '5' }));
    assert.ok(denies({ path: 'a', equals: 5 }, { a: '5' }), 'a server may take "5" for 5');
    assert.ok(allows({ path: 'a.b', in: ['x', 'y'] }, { a: { b: 'y' } }));
    assert.ok(!allows({ path: 'a', equals: null }, {}));
  });

  it('holds for an allow when every element fulfils it, for a deny when one does', () => {
    const condition: PermissionCondition = { path: 'files.path', startsWith: '/repo/' };
    const mixed = { files: [{ path: '/repo/a' }, { path: '/etc/passwd' }] };
    assert.ok(!allows(condition, mixed));
    assert.ok(denies(condition, mixed));
    assert.ok(allows(condition, { files: [{ path: '/repo/a' }, { path: '/repo/b' }] }));
    for (const args of [{}, { files: [] }, { files: [{ path: '/repo/a' }, {}] }]) assert.ok(!allows(condition, args));
  });

  for (const path of [
    '/repo/../etc/passwd',
    '/repo/./../etc',
    '/repo/%2e%2e/etc',
    '/repo/..%2fetc',
    '/repo/..\\etc',
    '/repo/%2E./etc',
  ]) {
    it(`does not take ${path} for a path in /repo/`, () => {
      assert.ok(!allows({ path: 'p', startsWith: '/repo/' }, { p: path }));
      assert.ok(denies({ path: 'p', startsWith: '/etc' }, { p: path }));
    });
  }

  it('keeps what is above a relative path', () => {
    assert.ok(!allows({ path: 'p', startsWith: 'src/' }, { p: 'src/../../src/x' }));
    assert.ok(allows({ path: 'p', startsWith: 'src/' }, { p: 'src/a/../b' }));
    assert.ok(allows({ path: 'p', startsWith: 'https://example.org/a' }, { p: 'https://example.org/a/b' }));
    assert.ok(!allows({ path: 'p', startsWith: 'https://example.org/a/' }, { p: 'https://example.org/a/../b' }));
  });

  it('needs a pattern to cover the text for an allow, to be anywhere for a deny', () => {
    assert.ok(!allows({ path: 'cmd', matches: 'git status' }, { cmd: 'git status; rm -rf /' }));
    assert.ok(denies({ path: 'cmd', matches: 'rm -rf' }, { cmd: 'git status; rm -rf /' }));
    assert.ok(allows({ path: 'cmd', matches: 'git (status|log)' }, { cmd: 'git log' }));
  });

  it('counts both ends of a range in', () => {
    const condition: PermissionCondition = { path: 'n', range: { min: 1, max: 3 } };
    assert.deepEqual(
      [0, 1, 3, 4, '2', null].map((n) => allows(condition, { n })),
      [false, true, true, false, false, false],
    );
    assert.ok(denies(condition, { n: '2' }));
  });

  it('does not find what an object inherits', () => {
    assert.ok(!denies({ path: 'constructor.name', matches: '.*' }, {}));
  });

  const wrong: readonly (readonly [PermissionCondition, RegExp])[] = [
    [{ path: 'a' }, /exactly one of equals, in, startsWith, matches, range, not none/],
    [{ path: 'a', equals: 1, in: [1] }, /not equals and in/],
    [{ path: 'a..b', equals: 1 }, /is no path of arguments/],
    [{ path: 'a', in: [] }, /can never hold/],
    [{ path: 'a', range: { min: 2, max: 1 } }, /can never hold: min 2 is over max 1/],
    [{ path: 'a', range: {} }, /needs min or max/],
    [{ path: 'a', matches: '(?=x)' }, /linear time/],
  ];
  for (const [condition, message] of wrong) {
    it(`says what is wrong with ${JSON.stringify(condition)}`, () => {
      assert.throws(() => readyCondition(condition), message);
    });
  }
});
