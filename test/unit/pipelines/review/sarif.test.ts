/** The report as SARIF 2.1.0: what code scanning and editors need of it. */
import assert from 'node:assert/strict';
import type { Log, Result, Run } from 'sarif';
import type { Finding, ReviewReport } from '../../../../src/contracts/index.ts';
import { reviewReport } from '../../../../src/pipelines/review/report.ts';
import { reviewSarif } from '../../../../src/pipelines/review/sarif.ts';
import { rawFinding, reviewState, reviewValues } from '../../../fixtures/review-run.ts';

function finding(change: Partial<Finding> = {}): Finding {
  return { ...rawFinding(), server: 'security-scanner', tool: 'scan_repository', ...change };
}

function report(change: Partial<ReviewReport> = {}): ReviewReport {
  return { ...reviewReport(reviewState(), reviewValues), ...change };
}

function runOf(log: Log): Run {
  assert.equal(log.runs.length, 1);
  return log.runs[0] as Run;
}

function resultsOf(change: Partial<ReviewReport>): readonly Result[] {
  return runOf(reviewSarif(report(change), '1.2.3')).results ?? [];
}

describe('the SARIF report', () => {
  it('names its version, its schema and its tool', () => {
    const log = reviewSarif(report(), '1.2.3');
    assert.equal(log.version, '2.1.0');
    assert.match(log.$schema ?? '', /^https:\/\/docs\.oasis-open\.org\/.*sarif-schema-2\.1\.0\.json$/);
    const { driver } = runOf(log).tool;
    assert.deepEqual([driver.name, driver.version], ['MCP Conductor', '1.2.3']);
  });

  it('gives every result a level, a message, a fingerprint and a place relative to the root', () => {
    const [result] = resultsOf({ findings: [finding({ endLine: 5 })] });
    assert.deepEqual(result, {
      ruleId: 'sast/eval',
      ruleIndex: 0,
      level: 'error',
      message: { text: 'eval of input' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'src/a.js', uriBaseId: '%SRCROOT%' },
            region: { startLine: 3, endLine: 5 },
          },
        },
      ],
      partialFingerprints: { 'mcpConductor/v1': 'f1' },
      suppressions: [],
      properties: { severity: 'high', confidence: 'high', server: 'security-scanner', tool: 'scan_repository' },
    });
  });

  it('carries the change that does away with a finding', () => {
    const edits = [{ startLine: 3, startColumn: 5, endLine: 3, endColumn: 10, text: 'true' }];
    const [result] = resultsOf({ findings: [finding({ fix: { description: 'Verify certificates', edits } })] });
    assert.deepEqual(result?.fixes, [
      {
        description: { text: 'Verify certificates' },
        artifactChanges: [
          {
            artifactLocation: { uri: 'src/a.js', uriBaseId: '%SRCROOT%' },
            replacements: [
              {
                deletedRegion: { startLine: 3, startColumn: 5, endLine: 3, endColumn: 10 },
                insertedContent: { text: 'true' },
              },
            ],
          },
        ],
      },
    ]);
  });

  it('maps severities to levels', () => {
    const severities = ['low', 'medium', 'high', 'critical'] as const;
    const levels = resultsOf({ findings: severities.map((severity) => finding({ severity })) }).map((one) => one.level);
    assert.deepEqual(levels, ['note', 'warning', 'error', 'error']);
  });

  it('lists each rule once, in order, with help, tags and its weakness', () => {
    const findings = [
      finding({ help: 'Parse it instead.' }),
      finding({ ruleId: 'complexity/deep-nesting', kind: 'complexity', severity: 'low', cwe: undefined }),
      finding({ startLine: 9 }),
    ];
    const run = runOf(reviewSarif(report({ findings }), '1.2.3'));
    const rules = run.tool.driver.rules ?? [];
    assert.deepEqual(
      rules.map(({ id, name }) => [id, name]),
      [
        ['complexity/deep-nesting', 'DeepNesting'],
        ['sast/eval', 'Eval'],
      ],
    );
    assert.deepEqual(
      run.results?.map((result) => result.ruleIndex),
      [1, 0, 1],
    );
    assert.equal(rules[1]?.help?.text, 'Parse it instead.');
    assert.deepEqual(rules[1]?.properties, {
      tags: ['sast', 'security', 'external/cwe/cwe-095'],
      precision: 'high',
      'security-severity': '8.0',
    });
    assert.deepEqual(rules[1]?.relationships, [
      { target: { id: '95', toolComponent: { name: 'CWE', index: 0 } }, kinds: ['superset'] },
    ]);
    assert.deepEqual(
      run.taxonomies?.[0]?.taxa?.map(({ id }) => id),
      ['95'],
    );
  });

  it('titles rules as their servers do, and others by their ids', () => {
    const ids = ['sast/sql-injection', 'smell/empty-handler', 'other/made-up-rule'];
    const run = runOf(reviewSarif(report({ findings: ids.map((ruleId) => finding({ ruleId })) }), '1'));
    assert.deepEqual(
      run.tool.driver.rules?.map(({ shortDescription }) => shortDescription?.text),
      ['Made up rule', 'SQL injection', 'Error swallowed'],
    );
  });

  it('escapes paths, and lets none leave the root', () => {
    const uriOf = (file: string): string | undefined =>
      resultsOf({ findings: [finding({ file })] })[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri;
    assert.equal(uriOf('a b/c#d?e%f:g.js'), 'a%20b/c%23d%3Fe%25f%3Ag.js');
    assert.equal(uriOf('/etc/../x'), 'etc/x');
    assert.equal(uriOf('\ud800.js'), '%EF%BF%BD.js');
  });

  it('says where the root is, ending in a slash, on either kind of system', () => {
    const baseOf = (root: string): unknown =>
      runOf(reviewSarif(report({ root }), '1')).originalUriBaseIds?.['%SRCROOT%'];
    assert.deepEqual(baseOf('/some/a b'), { uri: 'file:///some/a%20b/' });
    assert.deepEqual(baseOf('C:\\src\\x'), { uri: 'file:///C:/src/x/' });
    assert.deepEqual(baseOf(''), { description: { text: 'The root of the repository' } });
  });

  it('names the repository it was cloned from', () => {
    const run = runOf(reviewSarif(report({ source: 'https://host.internal/a/b.git' }), '1'));
    assert.equal(run.versionControlProvenance?.[0]?.repositoryUri, 'https://host.internal/a/b.git');
    assert.equal(runOf(reviewSarif(report({ source: '/demo' }), '1')).versionControlProvenance, undefined);
  });

  it('lists what comments suppress, with their reason', () => {
    const suppressed = [
      finding({ suppression: { line: 2, reason: 'only numbers' } }),
      finding({ suppression: { line: 8, reason: '' } }),
    ];
    const results = resultsOf({ findings: [], suppressed });
    assert.deepEqual(
      results.map((result) => result.suppressions?.[0]?.justification),
      ['only numbers', undefined],
    );
    assert.deepEqual(
      results.map((result) => result.suppressions?.[0]?.kind),
      ['inSource', 'inSource'],
    );
  });

  it('tells new, known and fixed findings apart once there is a baseline', () => {
    const findings = [finding({ state: 'new' }), finding({ state: 'known', fingerprint: 'f2' })];
    const baseline = { file: 'b.json', known: 1, fixed: [{ fingerprint: 'f3', ruleId: 'sast/gone', file: 'b.js' }] };
    const results = resultsOf({ findings, baseline });
    assert.deepEqual(
      results.map((result) => result.baselineState),
      ['new', 'unchanged', 'absent'],
    );
    assert.ok(resultsOf({ findings: [finding()] }).every((result) => result.baselineState === undefined));
  });

  it('says that it did not succeed when the report is incomplete, and why', () => {
    const { invocations } = runOf(reviewSarif(report({ complete: false, problems: ['a.py: unreadable'] }), '1'));
    assert.equal(invocations?.[0]?.executionSuccessful, false);
    assert.equal(invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text, 'a.py: unreadable');
  });

  it('is valid in its form when nothing was found', () => {
    const run = runOf(reviewSarif(report({ findings: [] }), '1'));
    assert.deepEqual([run.results, run.tool.driver.rules, run.taxonomies], [[], [], undefined]);
  });
});
