/** What was not looked for does not read like nothing found. */
import assert from 'node:assert/strict';
import { SEVERITIES } from '../../../src/contracts/review.ts';
import { isLeftOut } from '../../../src/webviews/review/report-model.ts';

describe('what a report leaves out', () => {
  it('are the severities below the one that was asked for', () => {
    const leftOut = (severity?: 'medium' | 'low'): readonly string[] =>
      SEVERITIES.filter((each) => isLeftOut(each, { severity }));
    assert.deepEqual(leftOut('medium'), ['low']);
    assert.deepEqual(leftOut('low'), []);
    assert.deepEqual(leftOut(undefined), []);
  });
});
