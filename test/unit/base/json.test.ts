/** The canonical form of JSON: what digests are taken of. */
import assert from 'node:assert/strict';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson } from '../../../src/base/json.ts';

/** Keys that objects order, hide or call by themselves, besides ordinary ones. */
const key = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('0', '10', '9', '4294967295', '4294967296', '-1', '01', '__proto__', 'constructor', 'a', 'b', 'B'),
);
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
    fc.constantFrom(null, undefined, -0, 1e21, 5e-324, new Date(0), Object.assign([1], { toJSON: () => 'x' })),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(key, tie('node'), { maxKeys: 6, noNullPrototype: false }),
  ),
})).node;

describe('the canonical form of JSON', () => {
  it('is the one of the reference implementation for whatever JSON.stringify takes', () => {
    fc.assert(
      fc.property(value, (given) => {
        const expected = canonicalize(given);
        if (expected === undefined) assert.throws(() => canonicalJson(given), TypeError);
        else assert.equal(canonicalJson(given), expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same for the same fields in any order, in rows of records as well', () => {
    const row = (flip: boolean, id: number) =>
      flip ? { id, name: 'n', at: { y: 2, x: 1 } } : { at: { x: 1, y: 2 }, name: 'n', id };
    const rows = (flip: boolean) => [row(flip, 1), row(!flip, 2), row(flip, 3)];
    assert.equal(canonicalJson(rows(true)), canonicalJson(rows(false)));
    assert.equal(canonicalJson(row(true, 1)), '{"at":{"x":1,"y":2},"id":1,"name":"n"}');
  });

  it('refuses what is not JSON', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    for (const bad of [Number.NaN, { a: [Number.POSITIVE_INFINITY] }, { a: '\ud800' }, { '\ud800': 1 }, circle, 1n]) {
      assert.throws(() => canonicalJson(bad));
    }
    for (const bad of [undefined, () => 1, Symbol('s')]) assert.throws(() => canonicalJson(bad), /not a JSON value/);
  });

  it('reaches any depth', () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 5_000; depth += 1) deep = { b: deep, a: 0 };
    assert.equal(canonicalJson(deep).slice(0, 18), '{"a":0,"b":{"a":0,');
  });
});
