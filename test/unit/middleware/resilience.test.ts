/** Retry, breaker, rate limit, concurrency, time-out and recovery as one stack, on virtual time. */
import assert from 'node:assert/strict';
import { ConductorError, isConductorError } from '../../../src/base/errors.ts';
import type { Call, CallRecord, Reply, ServerSnapshot } from '../../../src/contracts/index.ts';
import { breaker, Breakers } from '../../../src/middleware/breaker.ts';
import { composeStack } from '../../../src/middleware/compose.ts';
import { concurrency } from '../../../src/middleware/concurrency.ts';
import { hedge } from '../../../src/middleware/hedge.ts';
import { rateLimit } from '../../../src/middleware/rate-limit.ts';
import { recovery } from '../../../src/middleware/recovery.ts';
import { retry } from '../../../src/middleware/retry.ts';
import { timeout } from '../../../src/middleware/timeout.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

/** One server that takes `workMs` per call, and dies or falls silent when the test says so. */
class World {
  readonly clock = new VirtualClock(0);
  readonly breakers = new Breakers({ clock: this.clock });
  readonly starts: number[] = [];
  readonly arrivals: number[] = [];
  readonly cancelled: number[] = [];
  workMs = 100;
  startMs = 200;
  hash = 'h1';
  ready = true;
  canStart = true;
  silent = false;
  readonly #underway = new Set<(error: Error) => void>();

  readonly #servers = {
    get: () =>
      ({
        state: { status: this.ready ? 'ready' : 'failed' },
        catalog: { tools: [{ name: 'echo', definitionHash: this.hash }] },
      }) as unknown as ServerSnapshot,
    start: async () => {
      if (this.ready) return {} as ServerSnapshot;
      this.starts.push(this.clock.now());
      await new Promise<void>((done) => void this.clock.schedule(this.startMs, done));
      if (!this.canStart) throw new ConductorError('SERVER_START_FAILED', 'it does not start');
      this.ready = true;
      return {} as ServerSnapshot;
    },
  };

  stack(options: { idempotent?: boolean; perSecond?: number; global?: number; hedged?: boolean } = {}) {
    const { clock } = this;
    const isIdempotent = () => options.idempotent ?? true;
    return composeStack((call) => this.#answer(call), {
      hedge: hedge({ clock, isIdempotent, isEnabled: () => options.hedged ?? false, budgetShare: 1 }),
      retry: retry({ clock, isIdempotent, random: () => 1 }),
      breaker: breaker({ clock }, this.breakers),
      rateLimit: rateLimit({ clock, perSecond: options.perSecond }),
      concurrency: concurrency({ global: options.global ?? 50 }),
      timeout: timeout({ clock, servers: this.#servers }),
      recovery: recovery({ clock, servers: this.#servers }),
    });
  }

  #answer(call: Call): Promise<Reply> {
    this.arrivals.push(this.clock.now());
    return new Promise((resolve, reject) => {
      const timer = this.clock.schedule(this.silent ? 1e9 : this.workMs, () => resolve(textReply('done')));
      const fail = (error: unknown): void => {
        timer.dispose();
        this.#underway.delete(fail);
        reject(error);
      };
      this.#underway.add(fail);
      call.signal.addEventListener('abort', () => {
        this.cancelled.push(this.clock.now());
        fail(call.signal.reason);
      });
    });
  }

  /** The process ends, and every call with it. */
  die(): void {
    this.ready = false;
    for (const fail of [...this.#underway]) fail(new ConductorError('CONNECTION_LOST', 'it died', { sent: true }));
  }

  get breaker(): string | undefined {
    return this.breakers.list()[0]?.state.kind;
  }
}

const codeOf = (call: Promise<Reply>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: unknown) => (isConductorError(error) ? error.code : String(error)),
  );

describe('the resilient part of the stack', () => {
  it('brings a server back that was lost once, tries again, and answers', async () => {
    const world = new World();
    const record: CallRecord = { attempts: 0, events: [] };
    const call = world.stack()(toolCall({ record }));
    world.clock.schedule(50, () => world.die());
    await world.clock.runAll();
    assert.deepEqual(await call, textReply('done'));
    assert.deepEqual(world.starts, [50]);
    assert.deepEqual(world.arrivals, [0, 1_250]);
    assert.equal(record.attempts, 2);
    assert.deepEqual(
      record.events.map(({ name, at }) => [name, at]),
      [
        ['recovery', 250],
        ['retry', 250],
      ],
    );
    assert.equal(world.clock.pending, 0);
  });

  it('answers all calls that one loss took with it, with one start and a closed breaker', async () => {
    const world = new World();
    const invoke = world.stack();
    const calls = Array.from({ length: 10 }, () => codeOf(invoke(toolCall())));
    world.clock.schedule(50, () => world.die());
    await world.clock.runAll();
    assert.deepEqual(new Set(await Promise.all(calls)), new Set(['ok']));
    assert.equal(world.starts.length, 1);
    assert.equal(world.breaker, 'closed');
  });

  it('brings the server back but does not repeat what may have been done', async () => {
    const world = new World();
    const call = codeOf(world.stack({ idempotent: false })(toolCall()));
    world.clock.schedule(50, () => world.die());
    await world.clock.runAll();
    assert.equal(await call, 'CONNECTION_LOST');
    assert.equal(world.arrivals.length, 1);
    assert.equal(world.ready, true);
  });

  it('does not repeat a call to a tool that came back changed', async () => {
    const world = new World();
    const call = codeOf(world.stack()(toolCall()));
    world.clock.schedule(50, () => {
      world.die();
      world.hash = 'h2';
    });
    await world.clock.runAll();
    assert.equal(await call, 'TOOL_CHANGED');
    assert.equal(world.arrivals.length, 1);
  });

  it('does not count the wait for a slot into the time-out', async () => {
    const world = new World();
    world.workMs = 20_000;
    const invoke = world.stack({ global: 1 });
    const calls = [0, 1, 2, 3].map(() => codeOf(invoke(toolCall())));
    await world.clock.runAll();
    assert.deepEqual(await Promise.all(calls), ['ok', 'ok', 'ok', 'ok']);
    assert.deepEqual(world.arrivals, [0, 20_000, 40_000, 60_000]);
  });

  it('does not count the wait for a token into the time-out', async () => {
    const world = new World();
    const invoke = world.stack({ perSecond: 0.02 });
    const calls = [0, 1].map(() => codeOf(invoke(toolCall())));
    await world.clock.runAll();
    assert.deepEqual(await Promise.all(calls), ['ok', 'ok']);
    assert.deepEqual(world.arrivals, [0, 50_000]);
  });

  it('cancels a silent attempt on the wire, and repeats it', async () => {
    const world = new World();
    world.silent = true;
    const call = codeOf(world.stack()(toolCall()));
    world.clock.schedule(30_500, () => {
      world.silent = false;
    });
    await world.clock.runAll();
    assert.equal(await call, 'ok');
    assert.deepEqual(world.cancelled, [30_000]);
    assert.deepEqual(world.arrivals, [0, 31_000]);
  });

  it('gives a server that stays away a rest, and finds out with one call when it is back', async () => {
    const world = new World();
    const invoke = world.stack();
    world.ready = false;
    world.canStart = false;
    const first = codeOf(invoke(toolCall()));
    await world.clock.advance(8_000);
    assert.equal(await first, 'SERVER_START_FAILED');
    assert.equal(world.starts.length, 4);
    const failing = invoke(toolCall({ deadline: world.clock.now() + 5_000 })).catch((error: unknown) => error);
    await world.clock.advance(2_000);
    const error = await failing;
    assert.ok(isConductorError(error));
    assert.equal(error.code, 'BREAKER_OPEN');
    assert.match(
      error.message,
      /it is tried again in 9 s; the last failure: it does not start \(attempt 2, the last\)$/,
    );
    assert.equal(world.starts.length, 5);
    world.canStart = true;
    const patient = codeOf(invoke(toolCall()));
    await world.clock.runAll();
    assert.equal(await patient, 'ok');
    assert.equal(world.breaker, 'closed');
    assert.equal(world.starts.length, 6);
  });

  it('hedges past a silent attempt without waiting for its time-out', async () => {
    const world = new World();
    world.silent = true;
    const record: CallRecord = { attempts: 0, events: [] };
    const call = codeOf(world.stack({ hedged: true })(toolCall({ record })));
    world.clock.schedule(4_000, () => {
      world.silent = false;
    });
    await world.clock.runAll();
    assert.equal(await call, 'ok');
    assert.deepEqual(world.arrivals, [0, 5_000]);
    assert.deepEqual(world.cancelled, [5_100]);
    assert.equal(record.attempts, 2);
  });

  it('leaves nothing behind wherever a call is cancelled', async () => {
    for (const cancelAt of [0, 40, 60, 200, 700, 1_240, 1_300]) {
      const world = new World();
      const invoke = world.stack({ perSecond: 1, global: 1 });
      const controller = new AbortController();
      const calls = [0, 1, 2].map(() => codeOf(invoke(toolCall({ signal: controller.signal }))));
      world.clock.schedule(50, () => world.die());
      world.clock.schedule(cancelAt, () => controller.abort());
      await world.clock.advance(cancelAt);
      for (const code of await Promise.all(calls))
        assert.ok(['ok', 'CANCELLED'].includes(code), `${cancelAt}: ${code}`);
      await world.clock.runAll();
      const after = codeOf(invoke(toolCall()));
      await world.clock.runAll();
      assert.equal(await after, 'ok', `after ${cancelAt}`);
      assert.equal(world.clock.pending, 0);
    }
  });
});
