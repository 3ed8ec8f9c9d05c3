/** The sliding window of outcomes: what it counts, and what it has forgotten. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OutcomeWindow } from '../../../src/middleware/outcome-window.ts';

const outcomes = fc.array(fc.record({ gapMs: fc.nat({ max: 400 }), failed: fc.boolean() }), {
  minLength: 1,
  maxLength: 80,
});

describe('OutcomeWindow', () => {
  it('answers as counting the outcomes of the last ten slots would', () => {
    fc.assert(
      fc.property(outcomes, (all) => {
        const window = new OutcomeWindow(1_000);
        const log: { readonly slot: number; readonly failed: boolean }[] = [];
        let now = 0;
        for (const { gapMs, failed } of all) {
          now += gapMs;
          window.record(failed, now);
          log.push({ slot: Math.floor(now / 100), failed });
          const kept = log.filter(({ slot }) => slot > Math.floor(now / 100) - 10);
          const share = kept.filter((outcome) => outcome.failed).length / kept.length;
          assert.equal(window.failureShare(1, now), share);
        }
      }),
    );
  });

  it('says nothing below the least number of calls', () => {
    const window = new OutcomeWindow(1_000);
    window.record(true, 0);
    assert.equal(window.failureShare(2, 0), 0);
    window.record(true, 0);
    assert.equal(window.failureShare(2, 0), 1);
    window.clear();
    assert.equal(window.failureShare(1, 0), 0);
  });
});
