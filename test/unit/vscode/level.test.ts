/** Which findings are errors in the Problems panel, and which only warn. */
import assert from 'node:assert/strict';
import { FINDING_KINDS, SEVERITIES } from '../../../src/contracts/index.ts';
import { levelOf } from '../../../src/vscode/diagnostics/level.ts';

describe('levelOf', () => {
  it('makes an error of nothing but what can do harm, at high or critical', () => {
    const errors = FINDING_KINDS.flatMap((kind) =>
      SEVERITIES.filter((severity) => levelOf({ kind, severity }) === 'error').map((severity) => `${kind} ${severity}`),
    );
    assert.deepEqual(errors, [
      'secret high',
      'secret critical',
      'sast high',
      'sast critical',
      'dependency high',
      'dependency critical',
    ]);
  });

  it('warns of the rest, and only informs about what is low', () => {
    for (const kind of FINDING_KINDS) {
      assert.equal(levelOf({ kind, severity: 'medium' }), 'warning');
      assert.equal(levelOf({ kind, severity: 'low' }), 'information');
    }
    assert.equal(levelOf({ kind: 'complexity', severity: 'critical' }), 'warning');
  });
});
