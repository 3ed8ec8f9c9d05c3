/** Hedging, on virtual time: when a second copy is sent, which reply counts, and what becomes of the other copy. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sleep } from '../../../src/base/clock.ts';
import { ConductorError } from '../../../src/base/errors.ts';
import type { Call, CallRecord, Invoke, Progress } from '../../../src/contracts/index.ts';
import { hedge, type HedgeOptions } from '../../../src/middleware/hedge.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

interface Sent {
  readonly leg: number | undefined;
  readonly at: number;
  cancelledAt?: number;
}

type Behaviour = { readonly ms: number; readonly error?: Error; readonly progress?: Progress };

/** A server whose answers take as long as scripted, in the order of the copies it gets; then 100 ms each. */
class Harness {
  readonly clock = new VirtualClock(0);
  readonly sent: Sent[] = [];
  readonly invoke: Invoke;
  readonly script: Behaviour[] = [];

  constructor(options: Partial<HedgeOptions> = {}) {
    const layer = hedge({
      clock: this.clock,
      isEnabled: () => true,
      isIdempotent: () => true,
      budgetShare: 1,
      ...options,
    });
    this.invoke = layer((call) => this.#answer(call));
  }

  #answer(call: Call): ReturnType<Invoke> {
    const behaviour = this.script.shift() ?? { ms: 100 };
    const sent: Sent = { leg: call.leg, at: this.clock.now() };
    this.sent.push(sent);
    if (behaviour.progress !== undefined) call.onProgress?.(behaviour.progress);
    return new Promise((resolve, reject) => {
      const timer = this.clock.schedule(behaviour.ms, () =>
        behaviour.error === undefined ? resolve(textReply(`leg ${call.leg}`)) : reject(behaviour.error),
      );
      call.signal.addEventListener('abort', () => {
        timer.dispose();
        sent.cancelledAt = this.clock.now();
        reject(call.signal.reason);
      });
    });
  }

  async call(...script: readonly Behaviour[]): Promise<unknown> {
    this.sent.length = 0;
    this.script.push(...script);
    const startedAt = this.clock.now();
    const ended = this.invoke(toolCall()).then(
      (reply) => [reply.kind === 'tool' ? reply.content[0]?.text : reply.kind, this.clock.now() - startedAt],
      (error: unknown) => error,
    );
    await this.clock.runAll();
    return ended;
  }

  /** A history of answers that took so many milliseconds each. */
  async learn(...latencies: readonly number[]): Promise<void> {
    for (const ms of latencies) await this.call({ ms });
  }
}

describe('hedge', () => {
  it('sends a second copy after 5 s without history, and goes on with the first reply', async () => {
    const made = new Harness();
    assert.deepEqual(await made.call({ ms: 9_000 }, { ms: 50 }), ['leg 1', 5_050]);
    assert.deepEqual(made.sent, [
      { leg: 0, at: 0, cancelledAt: 5_050 },
      { leg: 1, at: 5_000 },
    ]);
    assert.equal(made.clock.pending, 0);
  });

  it('cancels the second copy when the first is answered after all', async () => {
    const made = new Harness();
    assert.deepEqual(await made.call({ ms: 5_010 }, { ms: 90 }), ['leg 0', 5_010]);
    assert.equal(made.sent[1]?.cancelledAt, 5_010);
  });

  it('returns only when the cancelled copy has ended', async () => {
    const clock = new VirtualClock(0);
    let loserEnded = false;
    const invoke = hedge({ clock, isEnabled: () => true, isIdempotent: () => true, budgetShare: 1 })((call) => {
      if (call.leg === 1) return Promise.resolve(textReply('fast'));
      return new Promise((_, reject) =>
        call.signal.addEventListener(
          'abort',
          () =>
            void clock.schedule(30, () => {
              loserEnded = true;
              reject(call.signal.reason);
            }),
        ),
      );
    });
    const reply = invoke(toolCall()).then(() => loserEnded);
    await clock.runAll();
    assert.equal(await reply, true);
  });

  it('waits for p95 where that is less than three medians', async () => {
    const made = new Harness();
    await made.learn(100, 100, 100, 100, 150);
    await made.call({ ms: 1_000 }, { ms: 10 });
    assert.equal((made.sent[1]?.at ?? 0) - (made.sent[0]?.at ?? 0), 150);
  });

  it('waits for three medians where many calls are slow', async () => {
    const made = new Harness();
    await made.learn(100, 100, 100, 2_000, 2_000);
    await made.call({ ms: 2_000 }, { ms: 10 });
    assert.equal((made.sent[1]?.at ?? 0) - (made.sent[0]?.at ?? 0), 300);
  });

  it('learns what first copies took, not what winners took', async () => {
    const made = new Harness({ minSamples: 1, medianFactor: 1_000 });
    await made.learn(100);
    await made.call({ ms: 5_000 }, { ms: 10 });
    await made.call({ ms: 5_000 }, { ms: 10 });
    assert.equal((made.sent[1]?.at ?? 0) - (made.sent[0]?.at ?? 0), 110);
  });

  it('learns nothing from a first copy that failed', async () => {
    const made = new Harness({ minSamples: 1 });
    await made.call({ ms: 5_010, error: new ConductorError('CONNECTION_LOST', 'gone') }, { ms: 400 });
    await made.call({ ms: 9_000 }, { ms: 10 });
    assert.equal((made.sent[1]?.at ?? 0) - (made.sent[0]?.at ?? 0), 5_000);
  });

  it('waits for the other copy when one fails', async () => {
    const made = new Harness();
    const broken = new ConductorError('CONNECTION_LOST', 'gone');
    assert.deepEqual(await made.call({ ms: 5_010, error: broken }, { ms: 400 }), ['leg 1', 5_400]);
  });

  it('throws the first failure when both fail', async () => {
    const made = new Harness();
    const first = new ConductorError('TIMEOUT', 'first');
    const second = new ConductorError('CONNECTION_LOST', 'second');
    assert.equal(await made.call({ ms: 6_000, error: second }, { ms: 10, error: first }), first);
  });

  it('does not send a copy of a call that has failed already', async () => {
    const made = new Harness();
    const broken = new ConductorError('CONNECTION_LOST', 'gone');
    assert.equal(await made.call({ ms: 10, error: broken }), broken);
    assert.equal(made.sent.length, 1);
    assert.equal(made.clock.pending, 0);
  });

  it('leaves alone what is not enabled, not idempotent, or no tool', async () => {
    const cases: readonly [Partial<HedgeOptions>, Partial<Call>][] = [
      [{ isEnabled: undefined }, {}],
      [{ isIdempotent: () => false }, {}],
      [{}, { request: { kind: 'resource', uri: 'file:///a' } }],
    ];
    for (const [options, change] of cases) {
      const clock = new VirtualClock();
      const seen: Call[] = [];
      const layer = hedge({ clock, isEnabled: () => true, isIdempotent: () => true, budgetShare: 1, ...options });
      const call = toolCall(change);
      await layer((arrived) => {
        seen.push(arrived);
        return Promise.resolve(textReply('x'));
      })(call);
      assert.equal(seen[0], call);
    }
  });

  it('cancels both copies with the call', async () => {
    const made = new Harness();
    made.script.push({ ms: 60_000 }, { ms: 60_000 });
    const controller = new AbortController();
    const call = assert.rejects(made.invoke(toolCall({ signal: controller.signal })));
    await made.clock.advance(6_000);
    controller.abort();
    await call;
    assert.deepEqual(
      made.sent.map(({ cancelledAt }) => cancelledAt),
      [6_000, 6_000],
    );
  });

  it('does not count the time that the first copy waits for its turn', async () => {
    const clock = new VirtualClock(0);
    const sent: (number | undefined)[] = [];
    const layer = hedge({ clock, isEnabled: () => true, isIdempotent: () => true, budgetShare: 1, minSamples: 1 });
    const queue = (queuedMs: number, ms: number) =>
      layer(async (call) => {
        sent.push(call.leg);
        if (call.leg === 0) {
          call.onPhase?.('waiting');
          await sleep(clock, queuedMs, call.signal);
          call.onPhase?.('sent');
        }
        await sleep(clock, ms, call.signal);
        return textReply('done');
      })(toolCall());
    const call = queue(60_000, 100);
    await clock.runAll();
    await call;
    assert.deepEqual(sent, [0]);
    const slow = queue(1_000, 500);
    await clock.advance(1_099);
    assert.deepEqual(sent, [0, 0], 'what is usual was measured without the queue');
    await clock.advance(1);
    assert.deepEqual(sent, [0, 0, 1]);
    await clock.runAll();
    await slow;
  });

  it('sends what the budget had nothing left for as soon as it has, the longest overdue first', async () => {
    const made = new Harness({ budgetShare: 0.25 });
    made.script.push(...Array.from({ length: 3 }, () => ({ ms: 60_000 })));
    const calls = [1, 2, 3].map(() => made.invoke(toolCall()));
    await made.clock.advance(10_000);
    assert.equal(made.sent.length, 3, 'three calls have earned no copy');
    calls.push(made.invoke(toolCall()));
    assert.deepEqual(
      made.sent.map(({ leg }) => leg),
      [0, 0, 0, 1, 0],
    );
    await made.clock.advance(100);
    assert.equal(made.sent[0]?.cancelledAt, 10_100);
    assert.deepEqual([made.sent[1]?.cancelledAt, made.sent[2]?.cancelledAt], [undefined, undefined]);
    await made.clock.runAll();
    await Promise.all(calls);
  });

  it('gives both copies one identity, so that they go over different connections', async () => {
    const clock = new VirtualClock(0);
    const seen: Call[] = [];
    const layer = hedge({ clock, isEnabled: () => true, isIdempotent: () => true, budgetShare: 1 });
    const invoke = layer((call) => {
      seen.push(call);
      return sleep(clock, 6_000, call.signal).then(() => textReply('done'));
    });
    const calls = [invoke(toolCall()), invoke(toolCall())];
    await clock.runAll();
    await Promise.all(calls);
    const [a, b, copyOfA, copyOfB] = seen.map(({ copies }) => copies);
    assert.ok(a !== undefined && a === copyOfA && b === copyOfB && a !== b);
  });

  it('throws what the first copy said when nobody could take the second', async () => {
    const made = new Harness();
    const refused = new ConductorError('CANCELLED', 'there is no second connection');
    const lost = new ConductorError('CONNECTION_LOST', 'gone');
    assert.equal(await made.call({ ms: 6_000, error: lost }, { ms: 0, error: refused }), lost);
  });

  it('tells the progress of the copy that is ahead', async () => {
    const made = new Harness();
    made.script.push({ ms: 9_000, progress: { progress: 5 } }, { ms: 10, progress: { progress: 1 } });
    const told: Progress[] = [];
    const call = made.invoke(toolCall({ onProgress: (progress) => told.push(progress) }));
    await made.clock.runAll();
    await call;
    assert.deepEqual(told, [{ progress: 5 }]);
  });

  it('writes into the record that it hedged and who won', async () => {
    const made = new Harness();
    made.script.push({ ms: 9_000 }, { ms: 10 });
    const record: CallRecord = { attempts: 0, events: [] };
    const call = made.invoke(toolCall({ record }));
    await made.clock.runAll();
    await call;
    assert.deepEqual(record.events, [
      { name: 'hedge', at: 5_000, data: { leg: 1 } },
      { name: 'hedge.won', at: 5_010, data: { leg: 1 } },
    ]);
  });

  it('never sends more than 5 % more calls, however slow they are', async () => {
    const latencies = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 150 });
    await fc.assert(
      fc.asyncProperty(latencies, async (all) => {
        const made = new Harness({ budgetShare: 0.05 });
        let copies = 0;
        for (const [index, ms] of all.entries()) {
          await made.call({ ms });
          copies += made.sent.length - 1;
          made.script.length = 0;
          assert.ok(copies <= 0.05 * (index + 1) + 1e-9, `${copies} copies of ${index + 1} calls`);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('refuses options out of their range by name', () => {
    const options = { clock: new VirtualClock(), isIdempotent: () => true };
    assert.throws(
      () => hedge({ ...options, budgetShare: 5 }),
      /hedge\.budgetShare must be a number from 0 to 1, not 5/,
    );
    assert.throws(() => hedge({ ...options, minSamples: 0 }), /hedge\.minSamples must be a whole number of at least 1/);
  });
});
