/** Halstead's measures, the maintainability index, and the windows by which copies are found. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { analyzeTree } from '../../../../src/analysis/syntax/analyze-file.ts';
import type { FileFacts } from '../../../../src/analysis/syntax/facts.ts';
import { halstead, maintainability } from '../../../../src/analysis/syntax/maintainability.ts';
import { type Grammars, openGrammars } from '../../../../src/analysis/syntax/parser.ts';
import { WINDOW_FIELDS, windowEnd, windowHash, winnow } from '../../../../src/analysis/syntax/winnow.ts';
import { systemClock } from '../../../../src/base/clock.ts';

let grammars: Grammars;

async function analyze(text: string): Promise<FileFacts> {
  const tree = await grammars.parse('javascript', text, 10_000);
  try {
    return analyzeTree(tree, text, 'javascript');
  } finally {
    tree.delete();
  }
}

before(async () => {
  grammars = await openGrammars(import.meta.url, systemClock);
});

describe("Halstead's measures", () => {
  it('count operators and operands, distinct and in all, and no comments', async () => {
    // Operators: = + = * ( -; operands: a b 1 c a b a.
    const { tokens } = await analyze('a = b + 1; // a = 1\nc = a * (b - a);');
    assert.deepEqual(tokens.halstead, { operators: 5, operands: 4, allOperators: 6, allOperands: 7 });
  });

  it('follow from the four numbers', () => {
    const { volume, difficulty, effort } = halstead(4, 4, 8, 8);
    assert.equal(volume, 48);
    assert.equal(difficulty, 4);
    assert.equal(effort, 192);
    assert.deepEqual(halstead(0, 0, 0, 0), { volume: 0, difficulty: 0, effort: 0 });
  });
});

describe('the maintainability index', () => {
  it('is the formula over averages, from 0 to 100', () => {
    assert.equal(maintainability([{ volume: 1, lines: 1, cyclomatic: 0 }]), 100);
    assert.equal(maintainability([{ volume: 1e9, lines: 1e6, cyclomatic: 900 }]), 0);
    const one = maintainability([{ volume: 1_000, lines: 20, cyclomatic: 5 }]);
    assert.equal(one.toFixed(2), '49.94');
    assert.equal(
      maintainability([
        { volume: 500, lines: 10, cyclomatic: 1 },
        { volume: 1_500, lines: 30, cyclomatic: 9 },
      ]),
      one,
    );
  });

  it('falls with longer functions, and there is none without code', async () => {
    const short = await analyze('function f(a) { return a; }');
    const long = await analyze(`function f(a) {\n${'if (a) { a = a + 1; }\n'.repeat(100)}}`);
    assert.ok((short.tokens.maintainability ?? 0) > (long.tokens.maintainability ?? 100) + 30);
    assert.equal((await analyze('// nothing\n')).tokens.maintainability, undefined);
  });
});

describe('winnowing', () => {
  const options = { size: 5, choice: 4 };
  const hashes = (windows: Uint32Array): Set<number> =>
    new Set(
      Array.from({ length: windows.length / WINDOW_FIELDS }, (_, index) => windowHash(windows, index * WINDOW_FIELDS)),
    );
  const lines = (length: number): Uint32Array => Uint32Array.from({ length }, (_, index) => index + 1);

  it('shares a window between two texts wherever a long enough copy stands', () => {
    const token = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const copy = fc.array(token, { minLength: options.size + options.choice - 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(token), copy, fc.array(token), fc.array(token), (before, shared, after, other) => {
        const one = Uint32Array.from([...before, ...shared, ...after]);
        const two = Uint32Array.from([...other, ...shared]);
        const found = hashes(winnow(one, lines(one.length), options));
        return [...hashes(winnow(two, lines(two.length), options))].some((hash) => found.has(hash));
      }),
    );
  });

  it('says where each window begins and ends', () => {
    const tokens = Uint32Array.from({ length: 6 }, (_, index) => index);
    const windows = winnow(tokens, lines(6), options);
    const [, , first = 0, startLine] = windows;
    assert.deepEqual([startLine, windowEnd(windows, 0)], [first + 1, first + 5]);
    assert.equal(winnow(tokens.subarray(0, 4), lines(4), options).length, 0);
  });
});
