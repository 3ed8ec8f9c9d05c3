/** Each call of a run happens once. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Clock, sleep } from '../../../src/base/clock.ts';
import { deferred } from '../../../src/base/deferred.ts';
import type { Disposable } from '../../../src/base/disposables.ts';
import { ConductorError, isConductorError } from '../../../src/base/errors.ts';
import type { Call, CallRecord, IdempotencyStore, Invoke, Reply } from '../../../src/contracts/index.ts';
import { idempotency, type IdempotencyOptions } from '../../../src/middleware/idempotency.ts';
import { createMemoryIdempotencyStore, type IdempotencyEntries } from '../../../src/middleware/memory-idempotency.ts';
import { neverAnswers, textReply, toolCall } from '../../fixtures/calls.ts';
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
  return { get: fail, claim: fail, renew: fail, finish: fail, release: fail, abandon: fail, settled: fail };
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
    const { ask, asked } = setup(() => Promise.reject(new ConductorError('BREAKER_OPEN', 'rests')));
    for (const change of [{}, { leg: 1 }, {}]) await assert.rejects(ask(change), /rests/);
    assert.match(asked[0]?.idempotencyKey ?? '', /^[0-9a-f]{64}$/);
    assert.equal(new Set(asked.map((call) => call.idempotencyKey)).size, 1);
  });

  it('remembers neither a reply that says it failed nor an error', async () => {
    let number = 0;
    const { ask, asked } = setup(async () => {
      number += 1;
      if (number === 1) throw new ConductorError('CONNECTION_LOST', 'refused', { sent: false });
      return { ...textReply(`reply ${number}`), isError: number === 2 };
    });
    await assert.rejects(ask(), /refused/);
    await ask();
    assert.deepEqual(await ask(), textReply('reply 3'));
    await ask();
    assert.equal(asked.length, 3);
  });

  for (const [what, failure] of [
    ['time ran out', new ConductorError('TIMEOUT', 'late')],
    ['the connection broke', new ConductorError('CONNECTION_LOST', 'gone', { sent: true })],
    ['the result could not be read', new ConductorError('VALIDATION_FAILED', 'odd')],
    ['something unforeseen happened', new Error('bug')],
  ] as const) {
    it(`does not repeat a call that may have been made because ${what}, until its key has expired`, async () => {
      const { ask, asked, clock } = setup(() => Promise.reject(failure), { ttlMs: 1_000 });
      await assert.rejects(ask(), failure);
      await assert.rejects(ask(), {
        code: 'INTERNAL',
        message: /cannot be known whether fake\.echo was called already/,
      });
      assert.equal(asked.length, 1);
      await clock.advance(1_000);
      await assert.rejects(ask(), failure);
      assert.equal(asked.length, 2);
    });
  }

  for (const [what, failure] of [
    ['refused it', new ConductorError('PROTOCOL_ERROR', 'invalid', { details: { rpcCode: -32602 } })],
    ['was never sent it', new ConductorError('CONNECTION_LOST', 'refused', { sent: false })],
    ['was spared it', new ConductorError('RATE_LIMITED', 'full')],
  ] as const) {
    it(`lets a call be tried again when the server ${what}`, async () => {
      const { ask, asked } = setup(() => Promise.reject(failure));
      await assert.rejects(ask(), failure);
      await assert.rejects(ask(), failure);
      assert.equal(asked.length, 2);
    });
  }

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

  it('gives the claim up when the last who waits leaves, and lets only what does no harm twice be asked again', async () => {
    let isIdempotent = false;
    const { ask, asked, clock } = setup(neverAnswers, { isIdempotent: () => isIdempotent });
    const controller = new AbortController();
    const call = assert.rejects(ask({ signal: controller.signal }), { code: 'CANCELLED' });
    await settle();
    controller.abort();
    await call;
    await settle();
    assert.equal(clock.pending, 0);
    await assert.rejects(ask(), { code: 'INTERNAL', message: /an earlier attempt was sent and never came to an end/ });
    isIdempotent = true;
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

  it('never does a work twice within the life of its key, whatever is answered, lost, left or killed', async () => {
    const step = fc.record({
      process: fc.integer({ min: 0, max: 2 }),
      key: fc.constantFrom('x', 'y'),
      outcome: fc.constantFrom('ok', 'error', 'refused', 'lost', 'killed'),
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
  readonly outcome: 'ok' | 'error' | 'refused' | 'lost' | 'killed';
  /** Whoever asks gives up after half the pause. */
  readonly leaves: boolean;
  readonly takesMs: number;
  readonly pauseMs: number;
}

/** Processes that share a store and may be killed; the server counts what it has done. Keys live longer than the test. */
async function runSteps(steps: readonly Step[]): Promise<void> {
  const clock = new VirtualClock();
  const entries: IdempotencyEntries = new Map();
  const effects = new Map<string, number>();
  const replies = new Map<string, Reply>();
  const server =
    ({ outcome, takesMs }: Step, kill: () => void): Invoke =>
    async (call) => {
      if (outcome === 'refused') throw new ConductorError('CONNECTION_LOST', 'refused', { sent: false });
      await sleep(clock, takesMs, call.signal);
      const key = call.idempotencyKey ?? '';
      if (outcome === 'error') return { ...textReply('it did nothing'), isError: true };
      effects.set(key, (effects.get(key) ?? 0) + 1);
      assert.equal(effects.get(key), 1, 'done twice');
      if (outcome === 'lost') throw new ConductorError('CONNECTION_LOST', 'gone', { sent: true });
      if (outcome === 'killed') {
        kill();
        return new Promise(() => undefined);
      }
      const reply = textReply(`done at ${clock.now()}`);
      replies.set(key, reply);
      return reply;
    };
  const start = (): Process => startProcess(clock, entries);
  const processes = [start(), start(), start()];
  const calls: Promise<void>[] = [];
  for (const step of steps) {
    const { process: index, key, leaves, pauseMs } = step;
    const controller = new AbortController();
    const kill = (): void => {
      processes[index]?.kill();
      processes[index] = start();
    };
    const call = processes[index]?.ask(
      toolCall({ idempotencyKey: key, signal: controller.signal }),
      server(step, kill),
    );
    calls.push(checkReply(call, () => replies.get(key)));
    await settle();
    if (leaves) clock.schedule(pauseMs / 2, () => controller.abort());
    await clock.advance(pauseMs);
  }
  await clock.advance(3_600_000);
  await Promise.all(calls);
  for (const { kill } of processes) kill();
  assert.equal(clock.pending, 0);
}

interface Process {
  readonly ask: (call: Call, server: Invoke) => Promise<Reply | undefined>;
  /** Its timers stop, its claims stay, and whoever waits is gone with it. */
  readonly kill: () => void;
}

function startProcess(clock: VirtualClock, entries: IdempotencyEntries): Process {
  const timers = new Set<Disposable>();
  const own: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    schedule(ms, callback) {
      const timer = clock.schedule(ms, () => {
        timers.delete(timer);
        callback();
      });
      timers.add(timer);
      return { dispose: () => [timers.delete(timer), timer.dispose()] };
    },
  };
  const death = deferred<undefined>();
  let server: Invoke;
  const store = createMemoryIdempotencyStore({ clock: own, entries });
  const layer = idempotency({ clock: own, store, isIdempotent: () => false, onProblem: (text) => assert.fail(text) });
  const invoke = layer((call) => server(call));
  return {
    ask(call, answering) {
      server = answering;
      return Promise.race([invoke(call), death.promise]);
    },
    kill() {
      for (const timer of timers) timer.dispose();
      death.resolve(undefined);
    },
  };
}

/** A reply is the one that the server gave, or says that it failed. */
async function checkReply(call: Promise<Reply | undefined> | undefined, given: () => Reply | undefined): Promise<void> {
  let reply: Reply | undefined;
  try {
    reply = await call;
  } catch (error) {
    assert.ok(isConductorError(error), String(error));
    return;
  }
  if (reply === undefined || (reply.kind === 'tool' && reply.isError)) return;
  assert.deepEqual(reply, given());
}
