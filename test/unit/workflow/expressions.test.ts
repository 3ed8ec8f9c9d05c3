/** `${{ … }}`: values in, values out, bounded. */
import assert from 'node:assert/strict';
import {
  evaluate,
  evaluateTemplate,
  mentionedSteps,
  occurrences,
  type Scope,
} from '../../../src/workflow/expressions.ts';

const scope: Scope = { inputs: { name: 'Ann', n: 3 }, steps: { a: { list: [1, 2, 3] }, b: { list: [4] } } };

describe('evaluateTemplate', () => {
  it('keeps the type of a value that stands alone', async () => {
    assert.deepEqual(await evaluateTemplate({ n: '${{ inputs.n }}', list: '${{ steps.a.list }}' }, scope), {
      n: 3,
      list: [1, 2, 3],
    });
  });

  it('puts values into a longer text', async () => {
    assert.equal(
      await evaluateTemplate('Hello ${{ inputs.name }}, ${{ inputs.n + 1 }} times', scope),
      'Hello Ann, 4 times',
    );
  });

  it('leaves out a key whose expression is undefined', async () => {
    assert.deepEqual(await evaluateTemplate({ kept: 1, gone: '${{ steps.missing.x }}' }, scope), { kept: 1 });
  });

  it('never re-parses a value as an expression', async () => {
    const hostile: Scope = { inputs: { text: '${{ inputs.secret }}', secret: 's3cret' }, steps: {} };
    assert.equal(await evaluateTemplate('${{ inputs.text }}', hostile), '${{ inputs.secret }}');
    assert.equal(await evaluateTemplate('> ${{ inputs.text }}', hostile), '> ${{ inputs.secret }}');
  });

  it('joins lists of several steps into one, and a lost step leaves the others', async () => {
    assert.deepEqual(
      await evaluateTemplate('${{ [steps.a.list, steps.b.list, steps.lost.list] }}', scope),
      [1, 2, 3, 4],
    );
    assert.deepEqual(await evaluateTemplate('${{ [steps.lost.list] }}', scope), []);
  });
});

describe('evaluate', () => {
  it('stops a recursion that has no end', async () => {
    await assert.rejects(evaluate('($f := function($n) { $f($n + 1) + 1 }; $f(1))', scope), {
      code: 'VALIDATION_FAILED',
      message: /Stack overflow/,
    });
  });

  it('stops a sequence that is too long', async () => {
    await assert.rejects(evaluate('[1..1000000].($ * 2)', scope), {
      code: 'VALIDATION_FAILED',
      message: /maximum sequence length/,
    });
  });

  it('stops a loop that takes too long', async () => {
    await assert.rejects(evaluate('($f := function($n) { $f($n + 1) }; $f(1))', scope, { timeoutMs: 50 }), {
      code: 'VALIDATION_FAILED',
      message: /timeout|time/i,
    });
  });

  it('names the expression that failed', async () => {
    await assert.rejects(evaluate('$number("x")', scope), { message: /\$\{\{ \$number\("x"\) \}\} failed: / });
  });
});

describe('occurrences', () => {
  it('says where each expression begins', () => {
    assert.deepEqual(occurrences('a ${{ b }} c ${{d}}'), [
      { source: 'b', offset: 6, whole: false },
      { source: 'd', offset: 16, whole: false },
    ]);
  });
});

describe('mentionedSteps', () => {
  it('finds steps wherever they stand in an expression', () => {
    assert.deepEqual(mentionedSteps('$append(steps.a.x, steps.b.y[steps.c.z > 1].(steps.d)) & inputs.steps.e'), [
      'a',
      'b',
      'c',
      'd',
    ]);
  });
});
