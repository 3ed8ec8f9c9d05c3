/** Only what is new, only what changed: the rest is counted, and nothing is lost. */
import assert from 'node:assert/strict';
import type { Finding, ReviewReport } from '../../../../src/contracts/index.ts';
import { baselineText, compareWithBaseline, parseBaseline } from '../../../../src/pipelines/review/baseline.ts';
import { atLeast, onlyChanged } from '../../../../src/pipelines/review/narrow.ts';
import { reviewMarkdown } from '../../../../src/pipelines/review/markdown.ts';
import { reviewReport } from '../../../../src/pipelines/review/report.ts';
import { rawFinding, reviewState, reviewValues } from '../../../fixtures/review-run.ts';

function finding(fingerprint: string, change: Partial<Finding> = {}): Finding {
  return { ...rawFinding({ fingerprint }), server: 's', tool: 't', ...change };
}

function report(findings: readonly Finding[], change: Partial<ReviewReport> = {}): ReviewReport {
  return { ...reviewReport(reviewState(), reviewValues), findings, ...change };
}

const prints = ({ findings }: ReviewReport): readonly string[] =>
  findings.map((one) => `${one.fingerprint} ${one.state ?? ''}`);
const options = { file: 'baseline.json', all: false };

describe('a baseline', () => {
  const old = report([finding('f1'), finding('f2', { file: 'b.js' })]);
  const baseline = parseBaseline(baselineText(old));

  it('is written in a fixed order, a finding a line, without messages', () => {
    const text = baselineText(report([...old.findings].reverse()));
    assert.equal(text, baselineText(old));
    assert.deepEqual(text.split('\n').slice(0, 5), [
      '{',
      '  "version": 1,',
      '  "severity": "low",',
      '  "findings": [',
      '    {"fingerprint":"f2","ruleId":"sast/eval","file":"b.js"},',
    ]);
    assert.deepEqual(parseBaseline(baselineText(report([]))).findings, []);
  });

  it('leaves only what is new on the list, and counts the rest', () => {
    const compared = compareWithBaseline(report([finding('f1'), finding('f3')]), baseline, options);
    assert.deepEqual(prints(compared), ['f3 new']);
    assert.deepEqual(compared.baseline, {
      file: 'baseline.json',
      known: 1,
      fixed: [{ fingerprint: 'f2', ruleId: 'sast/eval', file: 'b.js' }],
    });
    assert.match(reviewMarkdown(compared), /1 known finding of baseline\.json not shown/);
  });

  it('with all keeps what is known on the list, marked', () => {
    const compared = compareWithBaseline(report([finding('f1'), finding('f3')]), baseline, { ...options, all: true });
    assert.deepEqual(prints(compared), ['f1 known', 'f3 new']);
  });

  it('thinks again about what to do first', () => {
    const compared = compareWithBaseline(report([finding('f1'), finding('f3', { file: 'new.js' })]), baseline, options);
    assert.deepEqual(
      compared.recommendations.flatMap((one) => one.places.map(({ file }) => file)),
      ['new.js'],
    );
    assert.deepEqual(
      compared.actionItems.map(({ file }) => file),
      ['new.js'],
    );
    assert.deepEqual(compareWithBaseline(report([finding('f1')]), baseline, options).actionItems, []);
  });

  it('calls nothing gone that was not looked for, could not be, or is suppressed', () => {
    const fixed = (change: Partial<ReviewReport>): number | undefined =>
      compareWithBaseline(report([finding('f1')], change), baseline, options).baseline?.fixed.length;
    assert.equal(fixed({}), 1);
    assert.equal(fixed({ complete: false }), 0);
    assert.equal(fixed({ severity: 'high' }), 0);
    assert.equal(fixed({ suppressed: [finding('f2', { suppression: { line: 1, reason: '' } })] }), 0);
  });

  it('that cannot be read says what is wrong with it', () => {
    for (const [text, reason] of [
      ['{', /^it is not JSON$/],
      ['[]', /^it: /],
      ['{"version":2,"severity":"low","findings":[]}', /^version: is not 1/],
      ['{"version":1,"severity":"low","findings":[{}]}', /^findings\.0\.fingerprint: /],
    ] as const)
      assert.throws(() => parseBaseline(text), { name: 'RangeError', message: reason });
  });
});

describe('a review of what changed', () => {
  it('lists what is in changed files, and counts the rest', () => {
    const all = report([finding('f1'), finding('f2', { file: 'b.js' })]);
    const changed = onlyChanged(all, new Set(['b.js', 'c.js']), 'main');
    assert.deepEqual(prints(changed), ['f2 ']);
    assert.deepEqual(changed.changedOnly, { since: 'main', files: 2, elsewhere: 1 });
    assert.match(reviewMarkdown(changed), /Only what changed \(main\): 2 files; 1 finding elsewhere\./);
  });
});

describe('a review from a severity on', () => {
  it('leaves out what is below it, and says so', () => {
    const all = report([finding('f1', { severity: 'low' }), finding('f2', { severity: 'high' })]);
    const narrowed = atLeast(all, 'medium');
    assert.deepEqual([prints(narrowed), narrowed.severity], [['f2 '], 'medium']);
    assert.equal(atLeast(all, 'low'), all);
  });
});

describe('a suppressed finding', () => {
  it('is off the list and in the report, with its reason', () => {
    const suppressed = rawFinding({ suppression: { line: 2, reason: 'only numbers' } });
    const values = { ...reviewValues, security: { findings: [{ ...suppressed }] } };
    const made = reviewReport(reviewState(), values);
    assert.deepEqual(made.findings, []);
    assert.deepEqual(
      made.suppressed?.map((one) => one.suppression),
      [{ line: 2, reason: 'only numbers' }],
    );
    assert.match(
      reviewMarkdown(made),
      /## Suppressed by comments\n\n- `src\/a\.js:3` sast\/eval \(high\): only numbers/,
    );
  });
});
