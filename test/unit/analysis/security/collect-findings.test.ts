/** From drafts to the list: thresholds, merging, fingerprints and order. */
import assert from 'node:assert/strict';
import { collectFindings, MAX_FINDINGS } from '../../../../src/analysis/security/collect-findings.ts';
import { type FindingDraft, LineIndex } from '../../../../src/analysis/security/findings.ts';

function draft(changes: Partial<FindingDraft>): FindingDraft {
  return {
    ruleId: 'sast/a',
    kind: 'sast',
    severity: 'high',
    confidence: 'medium',
    message: 'message',
    file: 'a.js',
    startLine: 1,
    endLine: 1,
    identity: ['eval(x)'],
    ...changes,
  };
}

describe('collectFindings', () => {
  it('sorts by file, line and rule, whatever order they came in', () => {
    const drafts = [
      draft({ file: 'b.js' }),
      draft({ startLine: 9, endLine: 9 }),
      draft({ startLine: 2, endLine: 2, ruleId: 'sast/b', identity: ['y'] }),
      draft({ startLine: 2, endLine: 2 }),
    ];
    const places = (list: readonly FindingDraft[]): readonly string[] =>
      collectFindings(list, 'low').findings.map((one) => `${one.file}:${one.startLine} ${one.ruleId}`);
    assert.deepEqual(places(drafts), ['a.js:2 sast/a', 'a.js:2 sast/b', 'a.js:9 sast/a', 'b.js:1 sast/a']);
    assert.deepEqual(places([...drafts].reverse()), places(drafts));
  });

  it('merges several rules about the same text, the weightiest speaking', () => {
    const { findings } = collectFindings(
      [draft({ severity: 'medium' }), draft({ ruleId: 'sast/b', severity: 'critical' })],
      'low',
    );
    assert.deepEqual(
      findings.map((one) => one.ruleId),
      ['sast/b'],
    );
  });

  it('leaves out what is below the threshold without changing the fingerprints of the rest', () => {
    const drafts = [
      draft({ severity: 'low', identity: ['same'] }),
      draft({ startLine: 5, endLine: 5, identity: ['same'] }),
    ];
    const all = collectFindings(drafts, 'low').findings;
    const some = collectFindings(drafts, 'high').findings;
    assert.equal(some.length, 1);
    assert.equal(some[0]?.fingerprint, all[1]?.fingerprint);
  });

  it('gives a finding the same fingerprint when its lines move, and equal ones different fingerprints', () => {
    const [here, other] = collectFindings([draft({}), draft({ startLine: 3, endLine: 3 })], 'low').findings;
    const [moved] = collectFindings([draft({ startLine: 40, endLine: 40 })], 'low').findings;
    assert.equal(here?.fingerprint, moved?.fingerprint);
    assert.notEqual(here?.fingerprint, other?.fingerprint);
  });

  it('keeps the most severe when there are too many, and says how many are missing', () => {
    const drafts = Array.from({ length: MAX_FINDINGS + 10 }, (_, at) =>
      draft({ startLine: at + 1, endLine: at + 1, severity: at === MAX_FINDINGS + 9 ? 'critical' : 'medium' }),
    );
    const { findings, omitted } = collectFindings(drafts, 'low');
    assert.equal(omitted, 10);
    assert.equal(findings.length, MAX_FINDINGS);
    assert.equal(findings.at(-1)?.severity, 'critical');
  });
});

describe('LineIndex', () => {
  it('counts lines from one', () => {
    const lines = new LineIndex('ab\n\ncd');
    assert.deepEqual(
      [0, 2, 3, 4, 5].map((at) => lines.lineAt(at)),
      [1, 1, 2, 3, 3],
    );
  });
});
