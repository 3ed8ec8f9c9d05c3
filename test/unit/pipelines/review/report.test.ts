/** The report: whatever was found, and why anything is missing. */
import assert from 'node:assert/strict';
import { reviewMarkdown } from '../../../../src/pipelines/review/markdown.ts';
import { reviewReport } from '../../../../src/pipelines/review/report.ts';
import type { RawFinding } from '../../../../src/contracts/index.ts';
import { rawFinding, reviewState, reviewValues } from '../../../fixtures/review-run.ts';

describe('reviewReport', () => {
  it('is complete when every step succeeded and nothing was left out', () => {
    const report = reviewReport(reviewState(), reviewValues);
    assert.deepEqual([report.complete, report.problems], [true, []]);
    assert.deepEqual(report.findings, [{ ...rawFinding(), server: 'security-scanner', tool: 'scan_repository' }]);
    assert.deepEqual(report.steps[0], {
      id: 'retrieve',
      status: 'succeeded',
      durationMs: 2_500,
      server: 'code-analysis',
      tool: 'list_files',
      error: undefined,
    });
  });

  it('keeps the rest when a step failed, and says which and why', () => {
    const failed = reviewState({
      static: {
        status: 'failed',
        error: { code: 'CONNECTION_LOST', message: 'server code-analysis exited with code 1' },
      },
    });
    const report = reviewReport(failed, { ...reviewValues, static: undefined });
    assert.equal(report.complete, false);
    assert.deepEqual(report.problems, [
      'Static analysis (code-analysis.analyze_repository): server code-analysis exited with code 1',
    ]);
    assert.equal(report.findings.length, 1);
    assert.deepEqual(report.metrics, {
      files: 2,
      lines: 30,
      languages: { javascript: { files: 2, lines: 30 } },
      functions: [],
    });
  });

  it('names every place that could not be looked at, once', () => {
    const skipped = [{ file: 'locked.py', reason: 'permission denied' }];
    const values = { ...reviewValues, security: { findings: [], skipped }, dependencies: { findings: [], skipped } };
    const report = reviewReport(reviewState(), values);
    assert.deepEqual([report.complete, report.problems], [false, ['locked.py: permission denied']]);
  });

  it("does not trust another server's shape, and loses only what is unreadable", () => {
    const values = {
      ...reviewValues,
      security: { findings: [{ ...rawFinding() }, { severity: 'awful' }, 'nonsense'] },
      documentation: { answer: 42 },
    };
    const report = reviewReport(reviewState(), values);
    assert.equal(report.findings.length, 1);
    assert.equal(report.documentation, null);
    assert.equal(report.problems.length, 2);
    assert.match(
      report.problems.join('\n'),
      /Security scan \(security-scanner\.scan_repository\): 2 findings could not be read/,
    );
    assert.match(
      report.problems.join('\n'),
      /Documentation analysis .*the result is not what a review can use: documentation: /,
    );
  });

  it('orders findings by severity, then place, and shows a repeated one once', () => {
    const findings = [
      rawFinding({ file: 'b.js', severity: 'low', fingerprint: 'x' }),
      rawFinding({ file: 'a.js', severity: 'critical', fingerprint: 'y', startLine: 9 }),
      rawFinding({ file: 'a.js', severity: 'critical', fingerprint: 'z', startLine: 2 }),
      rawFinding({ file: 'a.js', severity: 'critical', fingerprint: 'z', startLine: 2 }),
    ].map((finding) => ({ ...finding }));
    const report = reviewReport(reviewState(), { ...reviewValues, security: { findings } });
    assert.deepEqual(
      report.findings.map((finding) => finding.fingerprint),
      ['z', 'y', 'x'],
    );
  });
});

describe('reviewMarkdown', () => {
  it('says what to do first, and where', () => {
    const text = reviewMarkdown(reviewReport(reviewState(), reviewValues));
    assert.match(
      text,
      /^# Review of \/demo\n\n2 files, 30 lines \(javascript\)\.\n\*\*1 finding\*\*: 0 critical, 1 high, 0 medium, 0 low\.\n\n## Action items\n\n1\. \*\*Replace eval\*\* \(high, small effort\)\n {3}`src\/a\.js:3` code injection/,
    );
    assert.match(text, /\| `go` +\| `src\/a\.js:1` \| 4 /);
  });

  it('says at the top that a review is incomplete, and lists why', () => {
    const report = reviewReport(
      reviewState({ actions: { status: 'skipped', reason: 'it needs recommendations, which failed' } }),
      reviewValues,
    );
    assert.match(
      reviewMarkdown(report),
      /\*\*This review is incomplete\.\*\*[\s\S]*## What could not be done\n\n- Action items .*skipped: it needs recommendations/,
    );
  });

  it('lets nothing a repository says act on a terminal or a page', () => {
    const hostile = rawFinding({
      message: 'x\u001b[2Jy\u202Ez <script>alert(1)</script>\n# injected',
      file: 'a\u001b]0;t\u0007.js',
    });
    const text = reviewMarkdown(
      reviewReport(reviewState(), { ...reviewValues, security: { findings: [{ ...hostile }] } }),
    );
    assert.doesNotMatch(text, /[\u001b\u0007\u202e]|<script|^# injected/m);
  });
});

describe('what a review did not look at', () => {
  const values = {
    ...reviewValues,
    static: { findings: [], notAnalyzed: { swift: 3 } },
    security: { findings: [], notAnalyzed: { swift: 3, kotlin: 1 } },
    dependencies: { findings: [], notUnderstood: ['mix.lock'] },
  };

  it('is in the report and on its page', () => {
    const report = reviewReport(reviewState(), values);
    assert.deepEqual(report.blind, {
      notAnalyzed: { swift: 3 },
      notScanned: { swift: 3, kotlin: 1 },
      notUnderstood: ['mix.lock'],
    });
    const page = reviewMarkdown(report);
    assert.match(page, /## Not looked at\n\n- Code that was not measured: swift \(3 files\)\./);
    assert.match(page, /- No rule about dangerous code covers: swift \(3 files\), kotlin \(1 file\)\./);
    assert.match(page, /- Manifests that nothing here reads: mix\.lock\./);
  });

  it('is not spoken of when there is nothing', () => {
    const report = reviewReport(reviewState(), reviewValues);
    assert.equal(report.blind, undefined);
    assert.doesNotMatch(reviewMarkdown(report), /Not looked at/);
  });
});

describe('a weakness that several rules report', () => {
  const security = (...findings: readonly Partial<RawFinding>[]): ReturnType<typeof reviewReport> =>
    reviewReport(reviewState(), {
      ...reviewValues,
      security: { findings: findings.map((change, at) => ({ ...rawFinding({ fingerprint: `f${at}`, ...change }) })) },
    });

  it('stands once, told by the worst, and names the other rules', () => {
    const report = security(
      { ruleId: 'secret/assignment', kind: 'secret', cwe: 'CWE-798', severity: 'medium' },
      { ruleId: 'sast/hard-coded-password', cwe: 'CWE-798', severity: 'high' },
    );
    assert.deepEqual(
      report.findings.map(({ ruleId, alsoFrom }) => [ruleId, alsoFrom]),
      [['sast/hard-coded-password', ['secret/assignment']]],
    );
    assert.match(reviewMarkdown(report), /\[sast\/hard-coded-password, secret\/assignment, CWE-798\]/);
  });

  it('is not merged with another weakness, another line, or another finding of the same rule', () => {
    const report = security(
      { ruleId: 'sast/a', cwe: 'CWE-89' },
      { ruleId: 'sast/b', cwe: 'CWE-78' },
      { ruleId: 'sast/b', cwe: 'CWE-89', startLine: 4, endLine: 4 },
      { ruleId: 'sast/a', cwe: 'CWE-89', startLine: 7, endLine: 7 },
      { ruleId: 'sast/a', cwe: 'CWE-89', startLine: 7, endLine: 7 },
    );
    assert.equal(report.findings.length, 5);
    assert.ok(report.findings.every(({ alsoFrom }) => alsoFrom === undefined));
  });
});
