/** From facts to findings: thresholds, tests weighing less, copies, and a fixed order. */
import assert from 'node:assert/strict';
import {
  type AnalyzedFile,
  complexityFindings,
  duplicateFindings,
} from '../../../../src/analysis/code/function-findings.ts';
import { isGenerated } from '../../../../src/analysis/code/generated.ts';
import { isTestPath, makeFindings } from '../../../../src/analysis/code/make-finding.ts';
import { smellFindings } from '../../../../src/analysis/code/smell-findings.ts';
import type { FileFacts, FunctionFacts } from '../../../../src/analysis/syntax/facts.ts';

const NO_TOKENS: FileFacts['tokens'] = {
  halstead: { operators: 0, operands: 0, allOperators: 0, allOperands: 0 },
  maintainability: undefined,
  windows: new Uint32Array(0),
};

const plain: FunctionFacts = {
  name: 'f',
  startLine: 1,
  endLine: 9,
  cyclomatic: 1,
  cognitive: 0,
  parameters: 0,
  nesting: 0,
  ownLines: 9,
};

const file = (
  path: string,
  functions: readonly Partial<FunctionFacts>[],
  facts: Partial<FileFacts> = {},
): AnalyzedFile => ({
  path,
  facts: {
    lines: 10,
    functions: functions.map((one) => ({ ...plain, ...one })),
    types: [],
    tokens: NO_TOKENS,
    smells: [],
    imports: [],
    partial: false,
    ...facts,
  },
});

describe('complexity findings', () => {
  const severities = (path: string, facts: Partial<FunctionFacts>): readonly string[] =>
    complexityFindings(file(path, [facts])).map(({ ruleId, severity }) => `${ruleId} ${severity}`);

  it('begin above the thresholds', () => {
    assert.deepEqual(severities('a.js', { cyclomatic: 10, ownLines: 100, nesting: 4, parameters: 6 }), []);
    assert.deepEqual(severities('a.js', { cyclomatic: 21, ownLines: 201, nesting: 6, parameters: 9 }), [
      'complexity/cyclomatic medium',
      'complexity/long-function medium',
      'complexity/deep-nesting medium',
      'complexity/many-parameters medium',
    ]);
    assert.deepEqual(severities('a.js', { cyclomatic: 51 }), ['complexity/cyclomatic high']);
  });

  it('tell cognitive complexity where the paths alone do not', () => {
    assert.deepEqual(severities('a.js', { cognitive: 15 }), []);
    assert.deepEqual(severities('a.js', { cognitive: 41 }), ['complexity/cognitive medium']);
    assert.deepEqual(severities('a.js', { cognitive: 99, cyclomatic: 11 }), ['complexity/cyclomatic low']);
    const nested = complexityFindings(file('a.js', [{ cognitive: 40 }, { name: 'inner', cognitive: 30, parent: 0 }]));
    assert.deepEqual(
      nested.map(({ context }) => context),
      ['inner'],
    );
  });

  it('weigh less in tests', () => {
    assert.deepEqual(severities('test/a.js', { cyclomatic: 51 }), ['complexity/cyclomatic medium']);
    const paths = ['test/a.js', 'src/a.test.ts', 'tests/x.py', 'pkg/test_x.py', 'src/FooTest.java', 'examples/a.js'];
    assert.ok(paths.every(isTestPath));
    assert.ok(!['src/latest.js', 'contest/a.py', 'src/Testable.java'].some(isTestPath));
  });

  it('say how long a function is as its metrics do', () => {
    const told = (facts: Partial<FunctionFacts>): string | undefined =>
      complexityFindings(file('a.js', [facts]))[0]?.message;
    assert.match(told({ endLine: 110, ownLines: 110 }) ?? '', /^f is 110 lines long, more/);
    assert.match(
      told({ endLine: 150, ownLines: 110 }) ?? '',
      /^f is 150 lines long, 110 of them outside the functions/,
    );
  });

  it('hold against a constructor only the parameters that must be given', () => {
    assert.deepEqual(severities('a.py', { name: '__init__', parameters: 20, required: 3 }), []);
    const [found] = complexityFindings(file('a.py', [{ name: '__init__', parameters: 20, required: 9 }]));
    assert.match(found?.message ?? '', /takes 9 parameters without a default/);
  });

  it('do not count the lines of functions inside', () => {
    assert.deepEqual(severities('a.js', { endLine: 900, ownLines: 12 }), []);
  });
});

describe('copied functions', () => {
  it('are told once per copy, pointing at the first', () => {
    const body = 'b'.repeat(32);
    const found = duplicateFindings([
      file('a.js', [{ body, endLine: 30 }]),
      file('b.js', [{ body, name: 'g', startLine: 5, endLine: 34 }]),
      file('c.js', [{ body: 'other' }]),
    ]);
    assert.deepEqual(
      found.map(({ file: path, severity, message }) => [path, severity, message.includes('a.js:1')]),
      [['b.js', 'medium', true]],
    );
  });

  it('do not count again what is inside a copy', () => {
    const functions = [{ body: 'outer' }, { body: 'inner', parent: 0 }];
    const found = duplicateFindings([file('a.js', functions), file('b.js', functions)]);
    assert.equal(found.length, 1);
  });
});

describe('findings', () => {
  const smells: FileFacts['smells'] = [
    { rule: 'debt', startLine: 7, endLine: 7, text: 'TODO x' },
    { rule: 'debt', startLine: 3, endLine: 3, text: 'TODO x' },
    { rule: 'empty-handler', startLine: 5, endLine: 5, text: 'f' },
  ];
  const drafts = [...smellFindings(file('b.js', [], { smells })), ...smellFindings(file('a.js', [], { smells }))];

  it('come by file and line, each with its own fingerprint', () => {
    const found = makeFindings(drafts, 'low');
    assert.deepEqual(
      found.map(({ file: path, startLine }) => `${path}:${startLine}`),
      ['a.js:3', 'a.js:5', 'a.js:7', 'b.js:3', 'b.js:5', 'b.js:7'],
    );
    assert.equal(new Set(found.map(({ fingerprint }) => fingerprint)).size, 6);
    assert.equal(found[1]?.cwe, 'CWE-390');
    assert.match(found[0]?.help ?? '', /move it/);
  });

  it('keep their fingerprints when lines move', () => {
    const moved = smells.map((smell) => ({ ...smell, startLine: smell.startLine + 40, endLine: smell.endLine + 40 }));
    const prints = (from: FileFacts['smells']): readonly string[] =>
      makeFindings(smellFindings(file('a.js', [], { smells: from })), 'low').map(({ fingerprint }) => fingerprint);
    assert.deepEqual(prints(smells), prints(moved));
  });

  it('leave out what is below the threshold', () => {
    assert.deepEqual(
      makeFindings(drafts, 'medium').map(({ ruleId }) => ruleId),
      ['smell/empty-handler', 'smell/empty-handler'],
    );
  });

  it('weigh little for a dropped error that is most often meant', () => {
    const smell = { rule: 'empty-handler', startLine: 5, endLine: 5, text: 'f', minor: true } as const;
    const [found] = smellFindings(file('a.py', [], { smells: [smell] }));
    assert.deepEqual([found?.severity, found?.confidence], ['low', 'low']);
  });

  it('are bounded, and what is severe is kept', () => {
    const many = Array.from({ length: 6_000 }, (_, index) => ({
      ...smells[0],
      startLine: index + 1,
      endLine: index + 1,
    }));
    const crowd = smellFindings(file('a.js', [], { smells: many as FileFacts['smells'] }));
    const found = makeFindings([...crowd, ...drafts], 'low');
    assert.equal(found.length, 5_000);
    assert.equal(found.filter(({ severity }) => severity === 'medium').length, 2);
  });
});

describe('generated files', () => {
  it('are known by name, by mark and by their lines', () => {
    assert.ok(isGenerated('jquery.min.js', '', 1));
    assert.ok(isGenerated('a.ts', '// @generated by x\n', 1));
    assert.ok(isGenerated('a.js', 'x'.repeat(20_000), 3));
    assert.ok(!isGenerated('a.js', 'x\n'.repeat(20_000), 20_000));
    assert.ok(!isGenerated('small.js', 'x'.repeat(2_000), 1));
  });
});
