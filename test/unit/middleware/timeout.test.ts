/** The adaptive time-out, on virtual time. */
import assert from 'node:assert/strict';
import type { Invoke, ServerSnapshot } from '../../../src/contracts/index.ts';
import { AdaptiveLimits, timeout, type TimeoutOptions } from '../../../src/middleware/timeout.ts';
import { neverAnswers, textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const ready = { state: { status: 'ready' } } as ServerSnapshot;

function harness(
  terminal: Invoke,
  servers: Partial<TimeoutOptions['servers']> = {},
): { clock: VirtualClock; invoke: Invoke } {
  const clock = new VirtualClock();
  const directory = { get: () => ready, start: () => Promise.resolve(ready), ...servers };
  return { clock, invoke: timeout({ clock, servers: directory })(terminal) };
}

describe('timeout', () => {
  it('ends an unanswered call after 30 s and says who was silent', async () => {
    const { clock, invoke } = harness(neverAnswers);
    const call = assert.rejects(invoke(toolCall()), {
      code: 'TIMEOUT',
      message: 'fake.echo gave no answer within 30 s',
    });
    await clock.advance(30_000);
    await call;
    assert.equal(clock.pending, 0);
  });

  it('cancels the attempt on the wire when it expires', async () => {
    let reason: unknown;
    const { clock, invoke } = harness((call) => {
      call.signal.addEventListener('abort', () => (reason = call.signal.reason));
      return new Promise(() => undefined);
    });
    const call = assert.rejects(invoke(toolCall()), { code: 'TIMEOUT' });
    await clock.advance(30_000);
    await call;
    assert.equal((reason as { code: string }).code, 'TIMEOUT');
  });

  it('starts again with every progress notification', async () => {
    const { clock, invoke } = harness((call) => {
      clock.schedule(20_000, () => call.onProgress?.({ progress: 1 }));
      return new Promise((resolve) => void clock.schedule(45_000, () => resolve(textReply('late but alive'))));
    });
    const call = invoke(toolCall());
    await clock.advance(45_000);
    assert.deepEqual(await call, textReply('late but alive'));
  });

  it('does not count the time a call waits for a connection, which the deadline of the call does', async () => {
    const queued: Invoke = (call) =>
      new Promise((resolve) => {
        call.onPhase?.('waiting');
        clock.schedule(90_000, () => {
          call.onPhase?.('sent');
          clock.schedule(29_000, () => resolve(textReply('done')));
        });
      });
    const { clock, invoke } = harness(queued);
    const patient = invoke(toolCall());
    await clock.advance(119_000);
    assert.deepEqual(await patient, textReply('done'));
    const hurried = assert.rejects(invoke(toolCall({ deadline: clock.now() + 60_000 })), {
      code: 'TIMEOUT',
      sent: false,
      message: 'the time for the call was over while it waited for a connection to fake',
    });
    await clock.advance(60_000);
    await hurried;
    await clock.runAll();
  });

  it('does not count the time a server takes to start', async () => {
    let started = false;
    const { clock, invoke } = harness(() => Promise.resolve(textReply('ok')), {
      get: () =>
        ({ ...ready, state: { status: started ? ('ready' as const) : ('stopped' as const) } }) as ServerSnapshot,
      start: () =>
        new Promise((resolve) => {
          clock.schedule(50_000, () => {
            started = true;
            resolve(ready);
          });
        }),
    });
    const call = invoke(toolCall());
    await clock.advance(50_000);
    assert.deepEqual(await call, textReply('ok'));
  });

  it('holds a call to its own limit instead of the adaptive one', async () => {
    const { clock, invoke } = harness(neverAnswers);
    let ended = false;
    const call = assert
      .rejects(invoke(toolCall({ timeoutMs: 60_000 })), { code: 'TIMEOUT' })
      .then(() => (ended = true));
    await clock.advance(59_000);
    assert.equal(ended, false);
    await clock.advance(1_000);
    await call;
  });

  it('never waits past the deadline of the call', async () => {
    const { clock, invoke } = harness(neverAnswers);
    const call = assert.rejects(invoke(toolCall({ deadline: clock.now() + 100 })), { code: 'TIMEOUT' });
    await clock.advance(100);
    await call;
  });

  it('passes on the cancellation of the caller as it is', async () => {
    const controller = new AbortController();
    const { clock, invoke } = harness(neverAnswers);
    const call = assert.rejects(invoke(toolCall({ signal: controller.signal })), { code: 'CANCELLED' });
    controller.abort();
    await call;
    assert.equal(clock.pending, 0);
  });
});

describe('AdaptiveLimits', () => {
  it('keeps to 30 s until there are five observations', () => {
    const limits = new AdaptiveLimits({});
    for (let index = 0; index < 4; index += 1) limits.succeeded('a', 10_000);
    assert.equal(limits.limitFor('a'), 30_000);
    limits.succeeded('a', 10_000);
    assert.equal(limits.limitFor('a'), 20_000);
  });

  it('stays between 5 and 300 s', () => {
    const limits = new AdaptiveLimits({});
    for (let index = 0; index < 5; index += 1) {
      limits.succeeded('fast', 1);
      limits.succeeded('slow', 1_000_000);
    }
    assert.equal(limits.limitFor('fast'), 5_000);
    assert.equal(limits.limitFor('slow'), 300_000);
  });

  it('doubles after a time-out and returns after a success', () => {
    const limits = new AdaptiveLimits({});
    limits.timedOut('a');
    assert.equal(limits.limitFor('a'), 60_000);
    limits.timedOut('a');
    assert.equal(limits.limitFor('a'), 120_000);
    limits.succeeded('a', 1);
    assert.equal(limits.limitFor('a'), 30_000);
  });

  it('forgets all but the last hundred latencies', () => {
    const limits = new AdaptiveLimits({});
    for (let index = 0; index < 100; index += 1) limits.succeeded('a', 60_000);
    for (let index = 0; index < 100; index += 1) limits.succeeded('a', 3_000);
    assert.equal(limits.limitFor('a'), 6_000);
  });
});
