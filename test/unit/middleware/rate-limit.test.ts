/** Rate limits, on virtual time: how many pass, in which order, and who is refused. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Call, CallRecord, Invoke, RateLimiterStore } from '../../../src/contracts/index.ts';
import { rateLimit, type RateLimitOptions } from '../../../src/middleware/rate-limit.ts';
import { TokenBuckets } from '../../../src/middleware/token-buckets.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

interface Harness {
  readonly clock: VirtualClock;
  readonly invoke: Invoke;
  readonly passed: { readonly at: number; readonly tool: string; readonly item: number | undefined }[];
}

function harness(options: Partial<RateLimitOptions> = {}): Harness {
  const clock = new VirtualClock(0);
  const passed: Harness['passed'] = [];
  const layer = rateLimit({ clock, ...options });
  const invoke = layer((call) => {
    const tool = call.request.kind === 'tool' ? call.request.tool : call.request.kind;
    passed.push({ at: clock.now(), tool, item: call.item });
    return Promise.resolve(textReply('done'));
  });
  return { clock, invoke, passed };
}

const ignore = (ended: Promise<unknown>): void => void ended.catch(() => undefined);

describe('rateLimit', () => {
  it('lets ten calls pass at once and then ten per second, in the order of arrival', async () => {
    const { clock, invoke, passed } = harness();
    const calls = Array.from({ length: 15 }, (_, item) => invoke(toolCall({ item })));
    await clock.advance(0);
    assert.equal(passed.length, 10);
    await clock.advance(100);
    assert.equal(passed.length, 11);
    await clock.advance(400);
    await Promise.all(calls);
    assert.deepEqual(
      passed.map(({ item }) => item),
      [...calls.keys()],
    );
    assert.equal(clock.pending, 0);
  });

  it('counts every tool of every server by itself', async () => {
    const { clock, invoke, passed } = harness({ perSecond: 1 });
    for (const server of ['a', 'b']) for (const tool of ['x', 'y', 'x']) ignore(invoke(toolCall({ server, tool })));
    await clock.advance(0);
    assert.deepEqual(
      passed.map(({ tool }) => tool),
      ['x', 'y', 'x', 'y'],
    );
  });

  it('does not limit bundled servers', async () => {
    const { clock, invoke, passed } = harness();
    for (let index = 0; index < 100; index += 1) ignore(invoke(toolCall({ server: 'code-analysis' })));
    await clock.advance(0);
    assert.equal(passed.length, 100);
  });

  it('takes the limit of a tool from policy', async () => {
    const { clock, invoke, passed } = harness({
      limitOf: (_, tool) => (tool === 'slow' ? { perSecond: 0.5, burst: 1 } : undefined),
    });
    for (const tool of ['slow', 'slow', 'fast', 'fast']) ignore(invoke(toolCall({ tool })));
    await clock.advance(1_999);
    assert.equal(passed.length, 3);
    await clock.advance(1);
    assert.equal(passed.length, 4);
  });

  it('refuses at once a call whose turn would come after its deadline', async () => {
    const { clock, invoke, passed } = harness({ perSecond: 1 });
    ignore(invoke(toolCall()));
    ignore(invoke(toolCall()));
    await clock.advance(400);
    const late = assert.rejects(invoke(toolCall({ deadline: 2_000 })), {
      code: 'RATE_LIMITED',
      message: 'fake.echo takes 1 calls per second, and this one would have to wait 1600 ms, past its deadline',
      details: { server: 'fake', retryAfterMs: 1_600 },
    });
    await clock.advance(0);
    await late;
    const inTime = invoke(toolCall({ deadline: 2_001 }));
    await clock.advance(1_600);
    await inTime;
    assert.deepEqual(
      passed.map(({ at }) => at),
      [0, 1_000, 2_000],
    );
  });

  it('stops waiting when the call is cancelled, and lets the next one move up', async () => {
    const { clock, invoke, passed } = harness({ perSecond: 1 });
    const controller = new AbortController();
    ignore(invoke(toolCall({ item: 0 })));
    const cancelled = assert.rejects(invoke(toolCall({ item: 1, signal: controller.signal })), { code: 'CANCELLED' });
    ignore(invoke(toolCall({ item: 2 })));
    controller.abort();
    await cancelled;
    await clock.advance(1_000);
    assert.deepEqual(
      passed.map(({ item }) => item),
      [0, 2],
    );
  });

  it('leaves no timer when the last one waiting is cancelled, and limits whoever comes next', async () => {
    const { clock, invoke, passed } = harness({ perSecond: 1 });
    const controller = new AbortController();
    ignore(invoke(toolCall()));
    const cancelled = assert.rejects(invoke(toolCall({ signal: controller.signal })), { code: 'CANCELLED' });
    controller.abort();
    await cancelled;
    assert.equal(clock.pending, 0);
    ignore(invoke(toolCall()));
    await clock.advance(999);
    assert.equal(passed.length, 1);
    await clock.advance(1);
    assert.equal(passed.length, 2);
  });

  it('refuses a call that is cancelled already', async () => {
    const { clock, invoke } = harness({ perSecond: 1 });
    ignore(invoke(toolCall()));
    await assert.rejects(invoke(toolCall({ signal: AbortSignal.abort() })), { code: 'CANCELLED' });
    assert.equal(clock.pending, 0);
  });

  it('writes down how long a call waited', async () => {
    const { clock, invoke } = harness({ perSecond: 1 });
    const record: CallRecord = { attempts: 0, events: [] };
    ignore(invoke(toolCall()));
    const waiting = invoke(toolCall({ record }));
    await clock.advance(1_000);
    await waiting;
    assert.deepEqual(record.events, [{ name: 'rate-limit.waited', at: 1_000, data: { waitMs: 1_000 } }]);
  });

  it('refuses limits that let nothing pass', () => {
    const clock = new VirtualClock();
    assert.throws(
      () => rateLimit({ clock, perSecond: 0 }),
      /rateLimit\.perSecond must be a number of at least 0.001, not 0/,
    );
    assert.throws(() => rateLimit({ clock, burst: 0 }), /rateLimit\.burst must be a number of at least 1, not 0/);
  });
});

/** A shared store that takes its time to answer. */
function slowStore(clock: VirtualClock, latencyMs: number): RateLimiterStore {
  const buckets = new TokenBuckets(clock);
  return {
    take: (key, limit) =>
      new Promise((resolve) => void clock.schedule(latencyMs, () => resolve(buckets.take(key, limit)))),
  };
}

describe('rateLimit over a shared store', () => {
  it('keeps the order of arrival though answers take a while', async () => {
    const clock = new VirtualClock(0);
    const order: (number | undefined)[] = [];
    const invoke = rateLimit({ clock, perSecond: 2, store: slowStore(clock, 5) })((call) => {
      order.push(call.item);
      return Promise.resolve(textReply('done'));
    });
    const calls = [0, 1, 2, 3, 4].map((item) => invoke(toolCall({ item })));
    await clock.advance(5_000);
    await Promise.all(calls);
    assert.deepEqual(order, [0, 1, 2, 3, 4]);
    assert.equal(clock.pending, 0);
  });

  it('stays in order when everybody left while the store was asked', async () => {
    const clock = new VirtualClock(0);
    const order: (number | undefined)[] = [];
    const invoke = rateLimit({ clock, perSecond: 1, store: slowStore(clock, 5) })((call) => {
      order.push(call.item);
      return Promise.resolve(textReply('done'));
    });
    const controller = new AbortController();
    ignore(invoke(toolCall({ item: 0, signal: controller.signal })));
    await clock.advance(1);
    controller.abort();
    for (const item of [1, 2, 3]) ignore(invoke(toolCall({ item })));
    await clock.advance(10_000);
    assert.deepEqual(order, [1, 2, 3]);
    assert.equal(clock.pending, 0);
  });

  it('keeps the order when the last one left while the store was asked again', async () => {
    const clock = new VirtualClock(0);
    const order: (number | undefined)[] = [];
    const invoke = rateLimit({ clock, perSecond: 1, store: slowStore(clock, 5) })((call) => {
      order.push(call.item);
      return Promise.resolve(textReply('done'));
    });
    const controller = new AbortController();
    ignore(invoke(toolCall({ item: 0 })));
    ignore(invoke(toolCall({ item: 1, signal: controller.signal })));
    await clock.advance(1_006);
    controller.abort();
    ignore(invoke(toolCall({ item: 2 })));
    ignore(invoke(toolCall({ item: 3 })));
    await clock.advance(8);
    ignore(invoke(toolCall({ item: 4 })));
    await clock.advance(10_000);
    assert.deepEqual(order, [0, 2, 3, 4]);
    assert.equal(clock.pending, 0);
  });

  it('limits by itself while the store fails, and says so', async () => {
    const told: string[] = [];
    for (const store of [
      { take: () => Promise.reject(new Error('redis is away')) },
      {
        take: () => {
          throw new Error('redis is away');
        },
      },
    ]) {
      const { clock, invoke, passed } = harness({ store, perSecond: 1, onStoreError: (message) => told.push(message) });
      for (let index = 0; index < 3; index += 1) ignore(invoke(toolCall()));
      await clock.advance(1_500);
      assert.equal(passed.length, 2);
    }
    assert.ok(told.length >= 4 && told.every((message) => message === 'redis is away'));
  });
});

interface Arrival {
  readonly gapMs: number;
  readonly cancelledAfterMs: number | null;
  readonly deadlineMs: number | null;
}

const arrival: fc.Arbitrary<Arrival> = fc.record({
  gapMs: fc.oneof(fc.constant(0), fc.nat({ max: 700 }), fc.nat({ max: 6_000 })),
  cancelledAfterMs: fc.option(fc.nat({ max: 3_000 })),
  deadlineMs: fc.option(fc.integer({ min: 1, max: 3_000 })),
});

function callOf(clock: VirtualClock, item: number, { cancelledAfterMs, deadlineMs }: Arrival): Call {
  const controller = new AbortController();
  if (cancelledAfterMs !== null) clock.schedule(cancelledAfterMs, () => controller.abort());
  return toolCall({
    item,
    signal: controller.signal,
    ...(deadlineMs === null ? {} : { deadline: clock.now() + deadlineMs }),
  });
}

describe('rateLimit, whatever the order of events', () => {
  it('lets no more than rate and burst pass within any second, in order and before the deadline', async () => {
    const property = fc.asyncProperty(
      fc.array(arrival, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      fc.nat({ max: 20 }),
      async (arrivals, perSecond, burst, latencyMs) => {
        const clock = new VirtualClock(0);
        const passed: { readonly call: Call; readonly at: number }[] = [];
        const shared = latencyMs === 0 ? {} : { store: slowStore(clock, latencyMs) };
        const invoke = rateLimit({ clock, perSecond, burst, ...shared })((call) => {
          passed.push({ call, at: clock.now() });
          return Promise.resolve(textReply('done'));
        });
        for (const [item, next] of arrivals.entries()) {
          await clock.advance(next.gapMs);
          ignore(invoke(callOf(clock, item, next)));
        }
        await clock.runAll();
        for (const [index, { call, at }] of passed.entries()) {
          const within = passed.filter((other, place) => place >= index && other.at <= at + 1_000).length;
          assert.ok(within <= perSecond + burst, `${within} passed within a second`);
          assert.ok(call.deadline === undefined || at < call.deadline, `passed at ${at}, after ${call.deadline}`);
          assert.ok((passed[index - 1]?.call.item ?? -1) < (call.item ?? -1), 'overtook another');
        }
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });
});
