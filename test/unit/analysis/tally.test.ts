/** What is said of findings while the rest is still looked at. */
import assert from 'node:assert/strict';
import { createTally } from '../../../src/analysis/tally.ts';
import type { Severity } from '../../../src/contracts/review.ts';

const finding = (
  severity: Severity,
  startLine: number,
): Parameters<ReturnType<typeof createTally>['add']>[0][number] => ({
  severity,
  file: 'src/a.ts',
  startLine,
  message: `problem ${startLine}`,
});

describe('the tally of findings', () => {
  it('counts what is at or over the threshold, and shows the first of the worst', () => {
    const tally = createTally('medium');
    tally.add([finding('low', 1)]);
    assert.equal(tally.text(), undefined);
    tally.add([finding('medium', 2)]);
    assert.equal(tally.text(), '1 finding so far: medium src/a.ts:2 problem 2');
    tally.add([finding('high', 3), finding('high', 4), finding('medium', 5)]);
    assert.equal(tally.text(), '4 findings so far: high src/a.ts:3 problem 3');
  });
});
