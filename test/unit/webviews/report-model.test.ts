/** What was not looked for does not read like nothing found. */
import assert from 'node:assert/strict';
import { type ReviewReport, type ReviewStep, SEVERITIES } from '../../../src/contracts/review.ts';
import { isLeftOut, missingPart } from '../../../src/webviews/review/report-model.ts';

describe('what a report leaves out', () => {
  it('are the severities below the one that was asked for', () => {
    const leftOut = (severity?: 'medium' | 'low'): readonly string[] =>
      SEVERITIES.filter((each) => isLeftOut(each, { severity }));
    assert.deepEqual(leftOut('medium'), ['low']);
    assert.deepEqual(leftOut('low'), []);
    assert.deepEqual(leftOut(undefined), []);
  });
});

describe('a part of a report that nothing fills', () => {
  const report = (steps: Readonly<Record<string, ReviewStep['status']>>): ReviewReport => ({
    version: 1,
    complete: false,
    root: '/r',
    source: '/r',
    runId: 'r1',
    findings: [],
    metrics: { files: 0, lines: 0, languages: {}, functions: [] },
    dependencies: [],
    documentation: null,
    recommendations: [],
    actionItems: [],
    steps: Object.entries(steps).map(([id, status]) => ({ id, status, durationMs: 0 })),
    problems: [],
  });

  it('is missing when its step did not succeed, and empty when it did', () => {
    const ended = report({ actions: 'cancelled', recommendations: 'skipped', dependencies: 'succeeded' });
    assert.equal(missingPart('actions', ended), 'cancelled');
    assert.equal(missingPart('recommendations', ended), 'skipped');
    assert.equal(missingPart('dependencies', ended), undefined);
    assert.equal(missingPart('steps', ended), undefined);
  });

  it('is a result as soon as one of its steps succeeded', () => {
    assert.equal(missingPart('findings', report({ static: 'failed', security: 'cancelled' })), 'failed');
    assert.equal(missingPart('findings', report({ static: 'failed', security: 'succeeded' })), undefined);
  });

  it('is not missing while there is something to show', () => {
    const some = { ...report({ dependencies: 'failed' }), dependencies: [{}] } as unknown as ReviewReport;
    assert.equal(missingPart('dependencies', some), undefined);
  });
});
