/** Progress notifications: asked for, growing, and not too many. */
import assert from 'node:assert/strict';
import type { ServerContext } from '@modelcontextprotocol/server';
import { systemClock } from '../../../../src/base/clock.ts';
import { progressReporter } from '../../../../src/servers/kit/progress.ts';

describe('progress', () => {
  let sent: unknown[];
  let now: number;
  const clock = { ...systemClock, monotonic: () => now };
  const context = (progressToken?: string): ServerContext =>
    ({
      mcpReq: {
        _meta: progressToken === undefined ? undefined : { progressToken },
        notify: async (notification: { params: unknown }) => {
          sent.push(notification.params);
        },
      },
    }) as unknown as ServerContext;

  beforeEach(() => {
    sent = [];
    now = 0;
  });

  it('is sent at most ten times a second, and when all is done', () => {
    const report = progressReporter(context('t'), clock);
    for (now = 0; now < 1_000; now += 1) report(now, 1_000, 'x');
    report(1_000, 1_000);
    assert.equal(sent.length, 11);
    assert.deepEqual(sent.at(-1), { progressToken: 't', progress: 1_000, total: 1_000 });
  });

  it('never goes back', () => {
    const report = progressReporter(context('t'), clock);
    for (const done of [5, 3, 5, 6]) {
      now += 1_000;
      report(done);
    }
    assert.deepEqual(
      sent.map((params) => (params as { progress: number }).progress),
      [5, 6],
    );
  });

  it('is not sent to those who did not ask', () => {
    progressReporter(context(), clock)(1, 2);
    assert.deepEqual(sent, []);
  });
});
