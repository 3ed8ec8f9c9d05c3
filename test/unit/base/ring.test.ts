/** A ring forgets the oldest first. */
import assert from 'node:assert/strict';
import { Ring } from '../../../src/base/ring.ts';

describe('Ring', () => {
  it('keeps the last values in order', () => {
    const ring = new Ring<number>(3);
    assert.deepEqual(ring.values(), []);
    for (const value of [1, 2]) ring.push(value);
    assert.deepEqual(ring.values(), [1, 2]);
    for (const value of [3, 4, 5]) ring.push(value);
    assert.deepEqual(ring.values(), [3, 4, 5]);
    assert.equal(ring.size, 3);
  });

  it('can be emptied and used again', () => {
    const ring = new Ring<number>(2);
    for (const value of [1, 2, 3]) ring.push(value);
    ring.clear();
    ring.push(4);
    assert.deepEqual(ring.values(), [4]);
  });

  it('refuses to hold nothing', () => {
    assert.throws(() => new Ring(0), /a ring holds a whole number of at least 1 values, not 0/);
  });
});
