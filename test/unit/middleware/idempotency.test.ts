/** Each call of a run happens once. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sleep } from '../../../src/base/clock.ts';
import type { Call, CallRecord, IdempotencyStore, Invoke, Reply } from '../../../src/contracts/index.ts';
import { idempotency, type IdempotencyOptions } from '../../../src/middleware/idempotency.ts';
import { createMemoryIdempotencyStore, type IdempotencyEntries } from '../../../src/middleware/memory-idempotency.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { settle, VirtualClock } from '../../fixtures/virtual-clock.ts';

interface Setup {
  readonly ask: (change?: Parameters<typeof toolCall>[0]) => Promise<Reply>;
  readonly asked: Call[];
  readonly clock: VirtualClock;
  readonly problems: string[];
}

function setup(terminal?: Invoke, change: Partial<IdempotencyOptions> = {}): Setup {
  const clock = (change.clock as VirtualClock | undefined) ?? new VirtualClock();
  const asked: Call[] = [];
  const problems: string[] = [];
  const layer = idempotency({
    clock,
    store: createMemoryIdempotencyStore({ clock }),
    isIdempotent: () => false,
    onProblem: (message) => problems.push(message),
    ...change,
  });
  const invoke = layer(async (call) => {
    asked.push(call);
    return terminal === undefined ? textReply(`answer ${asked.length}`) : terminal(call);
  });
  return { ask: (changed) => invoke(toolCall({ run: 'r1', step: 's1', ...changed })), asked, clock, problems };
}

const broken = (message: string): IdempotencyStore => {
  const fail = (): Promise<never> => Promise.reject(new Error(message));
  return { get: fail, claim: fail, renew: fail, finish: fail, release: fail, settled: fail };
};

describe('idempotency', () => {
  it('answers a finished call with what it answered, and says so in the record', async () => {
    const { ask, asked } = setup();
    const first = await ask();
    const record: CallRecord = { attempts: 0, events: [] };
    assert.deepEqual(await ask({ record }), first);
    assert.equal(record.replay, 'idempotency');
    assert.equal(asked.length, 1);
  });

  it('tells runs, steps, items, arguments, tools, servers, principals and legs apart', async () => {
    const { ask, asked } = setup();
    const changes: Parameters<typeof toolCall>[0][] = [
      {},
      { run: 'r2' },
      { step: 's2' },
      { item: 0 },
      { item: 1 },
      { request: { kind: 'tool', tool: 'echo', args: { a: 1 } } },
      { tool: 'other' },
      { server: 'other' },
      { principal: { kind: 'agent', id: 'critic' } },
      { leg: 1 },
    ];
    for (const change of [...changes, ...changes]) await ask(change);
    assert.equal(asked.length, changes.length);
  });

  it('leaves calls outside a run alone, unless they bring a key', async () => {
    const { ask, asked } = setup();
    for (const _ of [1, 2]) await ask({ run: undefined });
    assert.equal(asked.length, 2);
    assert.equal(asked[0]?.idempotencyKey, undefined);
    for (const _ of [1, 2]) await ask({ run: undefined, idempotencyKey: 'mine' });
    assert.equal(asked.length, 3);
    assert.equal(asked[2]?.idempotencyKey, 'mine');
  });

  it('leaves what only reads alone', async () => {
    const { ask, asked } = setup();
    for (const _ of [1, 2]) await ask({ request: { kind: 'resource', uri: 'file:///a' } });
    assert.equal(asked.length, 2);
  });

  it('sends the server a key, the same for every leg and attempt', async () => {
    const { ask, asked } = setup(() => Promise.reject(new Error('broken')));
    for (const change of [{}, { leg: 1 }, {}]) await assert.rejects(ask(change), /broken/);
    assert.match(asked[0]?.idempotencyKey ?? '', /^[0-9a-f]{64}$/);
    assert.equal(new Set(asked.map((call) => call.idempotencyKey)).size, 1);
  });

  it('remembers neither a reply that says it failed nor an error', async () => {
    let number = 0;
    const { ask, asked } = setup(async () => {
      number += 1;
      if (number === 1) throw new Error('broken');
      return { ...textReply(`reply ${number}`), isError: number === 2 };
    });
    await assert.rejects(ask(), /broken/);
    await ask();
    assert.deepEqual(await ask(), textReply('reply 3'));
    await ask();
    assert.equal(asked.length, 3);
  });

  it('forgets a key after a day', async () => {
    const { ask, asked, clock } = setup();
    await ask();
    await clock.advance(86_399_999);
    await ask();
    assert.equal(asked.length, 1);
    await clock.advance(1);
    await ask();
    assert.equal(asked.length, 2);
  });

  it('makes one call for all who ask at once', async () => {
    const { ask, asked } = setup();
    const replies = await Promise.all([ask(), ask(), ask()]);
    assert.equal(asked.length, 1);
    assert.equal(new Set(replies).size, 1);
  });

  it('waits for the call that another process has under way, and keeps its claim while it lasts', async () => {
    const clock = new VirtualClock();
    const entries: IdempotencyEntries = new Map();
    const store = (): IdempotencyStore => createMemoryIdempotencyStore({ clock, entries });
    const slow: Invoke = () => new Promise((resolve) => void clock.schedule(300_000, () => resolve(textReply('slow'))));
    const a = setup(slow, { clock, store: store() });
    const b = setup(slow, { clock, store: store() });
    const first = a.ask();
    await settle();
    const second = b.ask();
    await clock.advance(300_100);
    assert.deepEqual(await first, textReply('slow'));
    assert.deepEqual(await second, textReply('slow'));
    assert.equal(a.asked.length + b.asked.length, 1);
    assert.equal(clock.pending, 0);
  });

  it('makes no call when it cannot know whether it was made, except where twice does no harm', async () => {
    const careful = setup(undefined, { store: broken('no connection') });
    await assert.rejects(careful.ask(), {
      code: 'INTERNAL',
      message: 'it cannot be known whether fake.echo was called already: no connection',
    });
    assert.equal(careful.asked.length, 0);
    const harmless = setup(undefined, { store: broken('no connection'), isIdempotent: () => true });
    assert.deepEqual(await harmless.ask(), textReply('answer 1'));
    assert.match(harmless.problems[0] ?? '', /twice does no harm/);
  });

  it('gives the reply even when it could not be remembered, and says so', async () => {
    const clock = new VirtualClock();
    const store = { ...createMemoryIdempotencyStore({ clock }), finish: broken('disk full').finish };
    const { ask, problems } = setup(undefined, { clock, store });
    assert.deepEqual(await ask(), textReply('answer 1'));
    assert.deepEqual(problems, ['the end of fake.echo could not be remembered: disk full']);
  });

  it('gives the claim up when the last who waits leaves', async () => {
    const { ask, asked, clock } = setup(
      (call) => new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason))),
    );
    const controller = new AbortController();
    const call = assert.rejects(ask({ signal: controller.signal }), { code: 'CANCELLED' });
    await settle();
    controller.abort();
    await call;
    await settle();
    assert.equal(clock.pending, 0);
    const again = new AbortController();
    const next = assert.rejects(ask({ signal: again.signal }), { code: 'CANCELLED' });
    await settle();
    assert.equal(asked.length, 2);
    again.abort();
    await next;
  });

  it('refuses times that are none', () => {
    assert.throws(() => setup(undefined, { ttlMs: 0 }), /idempotency\.ttlMs must be a number of at least 1, not 0/);
  });

  it('never makes a call twice at a time nor again after it succeeded, whatever the order of events', async () => {
    const step = fc.record({
      process: fc.integer({ min: 0, max: 2 }),
      key: fc.constantFrom('x', 'y'),
      outcome: fc.constantFrom('ok', 'error', 'throw'),
      leaves: fc.boolean(),
      takesMs: fc.integer({ min: 0, max: 90_000 }),
      pauseMs: fc.integer({ min: 0, max: 40_000 }),
    });
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), runSteps), { numRuns: 150 });
  });
});

interface Step {
  readonly process: number;
  readonly key: string;
  readonly outcome: 'ok' | 'error' | 'throw';
  /** Whoever asks gives up after half the pause. */
  readonly leaves: boolean;
  readonly takesMs: number;
  readonly pauseMs: number;
}

/** Three processes that share a store; the server watches that the promise is kept. */
async function runSteps(steps: readonly Step[]): Promise<void> {
  const clock = new VirtualClock();
  const entries: IdempotencyEntries = new Map();
  const running = new Set<string>();
  const succeeded = new Set<string>();
  const processes = [0, 1, 2].map(() =>
    idempotency({
      clock,
      store: createMemoryIdempotencyStore({ clock, entries }),
      isIdempotent: () => false,
      onProblem: (message) => assert.fail(message),
    }),
  );
  const server =
    ({ outcome, takesMs }: Step): Invoke =>
    async (call) => {
      const key = call.idempotencyKey ?? '';
      assert.ok(!running.has(key), 'two calls at a time');
      assert.ok(!succeeded.has(key), 'a call after it succeeded');
      running.add(key);
      try {
        await sleep(clock, takesMs, call.signal);
      } finally {
        running.delete(key);
      }
      if (outcome === 'throw') throw new Error('broken');
      if (outcome === 'ok') succeeded.add(key);
      return { ...textReply(key), isError: outcome === 'error' };
    };
  // One stack per process, as in the product; what the next call meets is decided by the step that made it.
  let current: Step | undefined;
  const stacks = processes.map((layer) => layer((call) => server(current as Step)(call)));
  const calls: Promise<unknown>[] = [];
  for (const step of steps) {
    const controller = new AbortController();
    current = step;
    const call = stacks[step.process]?.(toolCall({ idempotencyKey: step.key, signal: controller.signal }));
    calls.push(Promise.resolve(call).catch(() => undefined));
    await settle();
    if (step.leaves) clock.schedule(step.pauseMs / 2, () => controller.abort());
    await clock.advance(step.pauseMs);
  }
  await clock.runAll();
  await Promise.all(calls);
  assert.equal(clock.pending, 0);
}
