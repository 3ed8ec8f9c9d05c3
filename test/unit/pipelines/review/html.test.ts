/** The report as one HTML file: everything in it, nothing of it active, whatever a repository contains. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Finding, ReviewReport } from '../../../../src/contracts/index.ts';
import { reviewHtml } from '../../../../src/pipelines/review/html.ts';
import { reviewReport } from '../../../../src/pipelines/review/report.ts';
import { rawFinding, reviewState, reviewValues } from '../../../fixtures/review-run.ts';

function finding(change: Partial<Finding> = {}): Finding {
  return { ...rawFinding(), server: 's', tool: 't', ...change };
}

function page(change: Partial<ReviewReport> = {}): string {
  return reviewHtml({ ...reviewReport(reviewState(), reviewValues), ...change });
}

describe('the HTML report', () => {
  it('is one file that runs and loads nothing', () => {
    const text = page();
    assert.match(text, /^<!doctype html>\n<html lang="en">/);
    assert.doesNotMatch(text, /<script|<link|<img|<iframe|<form|\son\w+=|javascript:|@import|url\(/i);
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
    const digest = createHash('sha256').update(style).digest('base64');
    assert.ok(text.includes(`content="default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;`));
  });

  it('escapes whatever a repository or a server says, everywhere', () => {
    const bad = `</style><script>alert('1')</script>"&\u202e\u0000`;
    const one = finding({ message: bad, file: bad, ruleId: bad, help: bad, cwe: bad });
    const text = page({
      source: bad,
      findings: [one],
      suppressed: [{ ...one, suppression: { line: 1, reason: bad } }],
      problems: [bad],
      notes: [bad],
      baseline: { file: bad, known: 1, fixed: [{ fingerprint: bad, ruleId: bad, file: bad }] },
      changedOnly: { since: bad, files: 1, elsewhere: 0 },
      dependencies: [{ name: bad, version: bad, ecosystem: bad, file: bad, problems: [bad] }],
      steps: [{ id: bad, status: 'failed', durationMs: 1, server: bad, tool: bad, error: bad }],
    });
    assert.doesNotMatch(text, /<script|\u202e|\u0000/);
    assert.equal(text.match(/<\/style>/g)?.length, 1);
    assert.ok(text.includes('&lt;/style&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;'));
  });

  it('has every part of the report', () => {
    const text = page({
      complete: false,
      problems: ['locked.py: permission denied'],
      findings: [finding({ state: 'known' })],
      suppressed: [finding({ suppression: { line: 1, reason: '' } })],
      baseline: { file: 'b.json', known: 1, fixed: [{ fingerprint: 'x', ruleId: 'sast/gone', file: 'gone.js' }] },
    });
    for (const part of [
      'This review is incomplete',
      'locked.py: permission denied',
      '<code>src/a.js:3</code>',
      'sast/eval, CWE-95',
      'No reason is given.',
      'gone.js',
      '1 known finding of b.json among them',
      '<th scope="col">Status</th>',
    ])
      assert.ok(text.includes(part), part);
  });

  it('says so when there is nothing', () => {
    assert.ok(page({ findings: [] }).includes('None at or above the severity that was asked for.'));
  });
});
