/** A run over real server processes that sleep takes little longer than its longest path. */
import assert from 'node:assert/strict';
import { createFakeApp, type FakeApp } from '../fixtures/fake-app.ts';
import { percentile, startLags } from '../fixtures/run-timing.ts';
import { SLEEPING_LONGEST_PATH, SLEEPING_STEPS, sleepingServers } from '../fixtures/sleeping-workflow.ts';

describe('a run over sleeping servers', function () {
  this.timeout(30_000);
  let fake: FakeApp;

  before(async () => {
    fake = createFakeApp(sleepingServers(), SLEEPING_STEPS);
    const { servers } = fake.app;
    await Promise.all(
      servers.list().map(({ definition }) => servers.start(definition.id, new AbortController().signal)),
    );
  });

  after(() => fake.dispose());

  it('takes at most 1.10 × its longest path, and starts each step within 20 ms of its last dependency', async () => {
    const { state } = await fake.run();
    assert.equal(state.status, 'succeeded');
    const took = (state.endedAt ?? 0) - state.createdAt;
    assert.ok(took <= 1.1 * SLEEPING_LONGEST_PATH, `${took} ms for a longest path of ${SLEEPING_LONGEST_PATH} ms`);
    assert.ok(percentile(startLags(state), 0.95) <= 20, `lags: ${startLags(state).join(', ')} ms`);
  });
});
