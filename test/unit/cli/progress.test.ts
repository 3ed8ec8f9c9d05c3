/** The live lines of a run on a terminal. */
import assert from 'node:assert/strict';
import { showProgress } from '../../../src/cli/progress.ts';
import type { App, Progress, RunState } from '../../../src/contracts/index.ts';

const STATE = {
  plan: { steps: [{ id: 'static', name: 'Static analysis' }] },
  steps: new Map([['static', { status: 'running' }]]),
} as unknown as RunState;

/** What stands on the terminal after one report of progress. */
function shownAfter(progress: Progress): string {
  let written = '';
  const runs = {
    onEvent: () => ({ dispose: () => undefined }),
    onProgress: (listener: (event: object) => void) => {
      listener({ runId: 'r', step: 'static', progress });
      return { dispose: () => undefined };
    },
    get: () => ({ state: () => STATE }),
  } as unknown as App['runs'];
  showProgress({ runs }, { isTTY: true, columns: 100, write: (text) => (written += text) }).dispose();
  return written.replace(/\u001b\[\d*[A-Z]/g, '').trim();
}

describe('the live line of a step', () => {
  it('shows how far it is and what has been found so far', () => {
    const message = '3 findings so far: high src/a.ts:12 this can be forged';
    assert.equal(
      shownAfter({ progress: 50, total: 200, message }),
      '▸ Static analysis … 25 % · 3 findings so far: high src/a.ts:12 this can be forged',
    );
  });

  it('shows what is known when that is less', () => {
    assert.equal(shownAfter({ progress: 7 }), '▸ Static analysis … 7');
    assert.equal(shownAfter({ progress: 1, total: 3 }), '▸ Static analysis … 33 %');
    assert.equal(shownAfter({ progress: 0.5, message: 'cloning' }), '▸ Static analysis … cloning');
  });
});
