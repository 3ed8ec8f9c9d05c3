/** Regular expressions of rules: linear, and clear about what they cannot do. */
import assert from 'node:assert/strict';
import { linearPattern } from '../../../../src/middleware/rules/linear-pattern.ts';

describe('a pattern of a rule', () => {
  it('finds, covers and replaces as regular expressions do', () => {
    const ssn = linearPattern('(\\d{3})-(\\d{2})-(\\d{4})');
    assert.ok(ssn.test('is 123-45-6789.'));
    assert.ok(!ssn.covers('is 123-45-6789.'));
    assert.ok(ssn.covers('123-45-6789'));
    assert.equal(ssn.replaceAll('123-45-6789, 000-11-2222', '***-**-$3'), '***-**-6789, ***-**-2222');
  });

  it('takes no time over what freezes a backtracking engine', () => {
    assert.ok(!linearPattern('^(a+)+$').test(`${'a'.repeat(50_000)}!`));
  });

  it('is refused when it needs what a linear engine has not', () => {
    assert.throws(() => linearPattern('(a)\\1'), /linear time/);
    assert.throws(() => linearPattern('('), /linear time/);
    assert.throws(() => linearPattern(''), /empty pattern/);
    assert.throws(() => linearPattern('a'.repeat(1_001)), /too long/);
  });
});
