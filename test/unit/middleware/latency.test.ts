/** Percentiles of a sliding window, kept in order without sorting. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LatencyWindows } from '../../../src/middleware/latency.ts';

describe('LatencyWindows', () => {
  it('answers as sorting the last samples would', () => {
    const samples = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, size, share) => {
          const windows = new LatencyWindows({ size });
          for (const ms of all) windows.record('a', ms);
          const kept = all.slice(-size).sort((a, b) => a - b);
          assert.equal(windows.count('a'), kept.length);
          assert.equal(windows.percentile('a', share), kept[Math.max(0, Math.ceil(share * kept.length) - 1)]);
        },
      ),
    );
  });

  it('knows nothing of a key without samples', () => {
    assert.equal(new LatencyWindows().percentile('a', 0.5), undefined);
    assert.equal(new LatencyWindows().count('a'), 0);
  });

  it('forgets the key that was unused for longest', () => {
    const windows = new LatencyWindows({ keys: 2 });
    for (const key of ['a', 'b', 'a', 'c']) windows.record(key, 1);
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => windows.count(key)),
      [2, 0, 1],
    );
  });
});
