/** Redis that dies, hangs or forgets in the middle of things: calls get slower, never wrong. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import type { Call, IdempotencyStore, Invoke, ToolPolicy } from '../../src/contracts/index.ts';
import { openRedis, type RedisLink } from '../../src/distributed/redis.ts';
import { createRedisCache } from '../../src/distributed/redis-cache.ts';
import { createRedisIdempotencyStore } from '../../src/distributed/redis-idempotency.ts';
import type { SeenMark, SeenMarkStore } from '../../src/distributed/redis-memory.ts';
import { createRedisRateLimiter } from '../../src/distributed/redis-rate-limit.ts';
import { cache } from '../../src/middleware/cache.ts';
import { idempotency } from '../../src/middleware/idempotency.ts';
import { createMemoryIdempotencyStore } from '../../src/middleware/memory-idempotency.ts';
import { rateLimit } from '../../src/middleware/rate-limit.ts';
import { createTieredIdempotencyStore } from '../../src/middleware/tiered-idempotency.ts';
import { textReply, toolCall } from '../fixtures/calls.ts';
import { eventually } from '../fixtures/fake-server/directory.ts';
import { startRedis, type TestRedis } from '../harness/redis.ts';

const POLICY: ToolPolicy = { idempotent: true, audit: 'normal', affectedSystems: [], cacheTtlMs: 600_000 };

describe('Redis under the stack', () => {
  let redis: TestRedis;
  let link: RedisLink;
  let problems: string[];
  const open = async (settings: readonly string[] = []): Promise<void> => {
    redis = await startRedis(settings);
    problems = [];
    const onProblem = (message: string): void => void problems.push(message);
    link = await openRedis({
      url: redis.url,
      clock: systemClock,
      onProblem,
      commandTimeoutMs: 300,
      maxReconnectMs: 100,
    });
  };
  const isBack = (): Promise<void> =>
    eventually('the connection is back', () =>
      link
        .ask((client) => client.ping())
        .then(
          () => true,
          () => false,
        ),
    );
  afterEach(async () => {
    await link.dispose();
    redis.resume();
    await redis.dispose();
  });

  /** A process of its own that caches in Redis, and nothing in its memory that would hide it. */
  const caching = (answer: Invoke): Invoke =>
    cache({
      clock: systemClock,
      policyOf: () => POLICY,
      identify: () => ({ serverIdentity: 'id', definitionHash: 'def' }),
      shared: createRedisCache(link),
      onProblem: (message) => problems.push(message),
      maxBytes: 1,
      sharedRetryAfterMs: 50,
    })(answer);
  const onceIn = (answer: Invoke, isIdempotent = false): Invoke =>
    idempotency({
      clock: systemClock,
      store: createRedisIdempotencyStore({ link, pollMs: 20 }),
      isIdempotent: () => isIdempotent,
      onProblem: (message) => problems.push(message),
    })(answer);
  const numbered =
    (asked: Call[], size = 1): Invoke =>
    async (call) => {
      asked.push(call);
      return textReply(`${call.request.kind === 'tool' ? call.request.tool : ''} ${'x'.repeat(size)}`);
    };

  it('is a cache that may die and come back: the server is asked meanwhile', async () => {
    await open();
    const asked: Call[] = [];
    const invoke = caching(numbered(asked));
    const first = await invoke(toolCall());
    await eventually('the reply is in Redis', async () => (await link.ask((client) => client.dbsize())) === 1);
    assert.deepEqual(await invoke(toolCall()), first);
    assert.equal(asked.length, 1);
    await redis.kill();
    assert.deepEqual(await invoke(toolCall()), first);
    assert.deepEqual(await invoke(toolCall()), first);
    assert.equal(asked.length, 3);
    assert.equal(problems.filter((problem) => problem.includes('shared cache does not answer')).length, 1);
    await redis.restart();
    await isBack();
    await eventually('it is used again', async () => {
      await invoke(toolCall());
      return (await link.ask((client) => client.dbsize())) === 1;
    });
    const before = asked.length;
    assert.deepEqual(await invoke(toolCall()), first);
    assert.equal(asked.length, before);
  });

  it('is a cache that may hang: nobody waits long for it', async () => {
    await open();
    const asked: Call[] = [];
    const invoke = caching(numbered(asked));
    redis.pause();
    const startedAt = performance.now();
    await invoke(toolCall());
    assert.ok(performance.now() - startedAt < 1_500);
    assert.equal(asked.length, 1);
  });

  it('is a cache that may evict: every answer is still the right one', async () => {
    await open(['--maxmemory', '4mb', '--maxmemory-policy', 'allkeys-lru']);
    const asked: Call[] = [];
    const invoke = caching(numbered(asked, 60_000));
    const tools = Array.from({ length: 100 }, (_, index) => `tool-${index}`);
    for (let round = 0; round < 2; round += 1) {
      for (const tool of tools) {
        const reply = await invoke(toolCall({ tool }));
        assert.equal(JSON.stringify(reply).includes(`"${tool} xxx`), true);
      }
    }
    assert.ok(asked.length > tools.length, 'nothing was evicted, so the test shows nothing');
  });

  it('keeps no finished calls where it may evict them, and names the setting', async () => {
    await open(['--maxmemory', '4mb', '--maxmemory-policy', 'volatile-ttl']);
    const asked: Call[] = [];
    const setting = /may evict keys \(maxmemory-policy volatile-ttl\).*set maxmemory-policy noeviction/;
    const invoke = onceIn(numbered(asked));
    for (const _ of [1, 2]) await assert.rejects(invoke(toolCall({ idempotencyKey: 'k' })), setting);
    assert.equal(asked.length, 0);
    assert.equal(problems.filter((problem) => setting.test(problem)).length, 1);
  });

  it('refuses new claims when it is full, instead of forgetting old ones', async () => {
    await open(['--maxmemory', '4mb', '--maxmemory-policy', 'noeviction']);
    const fill = async (): Promise<void> => {
      for (let part = 0; ; part += 1) await link.ask((client) => client.set(`part ${part}`, 'x'.repeat(100_000)));
    };
    await assert.rejects(fill(), /OOM command not allowed/);
    const asked: Call[] = [];
    await assert.rejects(onceIn(numbered(asked))(toolCall({ idempotencyKey: 'k' })), /OOM command not allowed/);
    assert.equal(asked.length, 0);
  });

  it('is not trusted with keys of before it started again empty', async () => {
    await open();
    const asked: Call[] = [];
    const invoke = onceIn(numbered(asked));
    await invoke(toolCall({ idempotencyKey: 'k1' }));
    await redis.restart();
    await isBack();
    for (const idempotencyKey of ['k1', 'k2']) {
      await assert.rejects(invoke(toolCall({ idempotencyKey })), /Redis has lost what it held before/);
    }
    assert.equal(asked.length, 1);
    assert.match(problems.join('\n'), /Redis has lost what it held: with appendonly yes it would not/);
  });

  it('is not trusted by the next process either, which was told by the last', async () => {
    await open();
    let seen: SeenMark | undefined;
    const seenMarks: SeenMarkStore = {
      load: async () => seen,
      save: async (mark) => {
        seen = mark;
      },
    };
    const process = (): IdempotencyStore => createRedisIdempotencyStore({ link, seenMarks });
    const terms = { leaseMs: 1_000, ttlMs: 1_000, repeatable: false, local: false };
    assert.equal(await process().claim('k1', terms), 'ours');
    await redis.restart();
    await isBack();
    await assert.rejects(process().claim('k1', terms), /Redis has lost what it held before/);
    await assert.rejects(process().claim('k1', terms), /Redis has lost what it held before/);
    assert.equal(await process().claim('k1', { ...terms, local: true }), 'ours');
    assert.equal(await process().claim('k2', { ...terms, repeatable: true }), 'ours');
  });

  describe('beside the store of this machine', () => {
    const beside = (answer: Invoke): Invoke =>
      idempotency({
        clock: systemClock,
        store: createTieredIdempotencyStore({
          own: createMemoryIdempotencyStore({ clock: systemClock }),
          shared: createRedisIdempotencyStore({ link, pollMs: 20 }),
        }),
        isIdempotent: () => false,
        onProblem: (message) => problems.push(message),
      })(answer);

    for (const [what, harm] of [
      ['is killed', () => redis.kill()],
      ['hangs', async () => redis.pause()],
      ['starts again empty', () => redis.restart()],
    ] as const) {
      it(`makes each call of a run once though Redis ${what}, and none twice with a key that others may have used`, async () => {
        await open();
        const asked: Call[] = [];
        const invoke = beside(numbered(asked));
        const first = await invoke(toolCall({ run: 'r1', step: 's1' }));
        await invoke(toolCall({ idempotencyKey: 'given' }));
        await harm();
        const startedAt = performance.now();
        for (const step of ['s1', 's2', 's3', 's4', 's5', 's2']) await invoke(toolCall({ run: 'r1', step }));
        assert.deepEqual(await invoke(toolCall({ run: 'r1', step: 's1' })), first);
        await invoke(toolCall({ idempotencyKey: 'given' }));
        assert.equal(asked.length, 6);
        assert.ok(performance.now() - startedAt < 2_000, 'each call waited for a Redis that is gone');
      });
    }

    it('lets one machine make a call that several ask for with the same key', async () => {
      await open();
      const asked: Call[] = [];
      const slow: Invoke = async (call) => {
        asked.push(call);
        await wait(200);
        return textReply(`answer ${asked.length}`);
      };
      const machines = [beside(slow), beside(slow), beside(slow)];
      const replies = await Promise.all(machines.map((invoke) => invoke(toolCall({ idempotencyKey: 'given' }))));
      assert.equal(asked.length, 1);
      assert.deepEqual(new Set(replies.map((reply) => JSON.stringify(reply))).size, 1);
    });

    it('makes no call with a given key while nobody can tell whether another machine did', async () => {
      await open();
      await redis.kill();
      const asked: Call[] = [];
      await assert.rejects(beside(numbered(asked))(toolCall({ idempotencyKey: 'given' })), {
        message: /cannot be known whether fake\.echo was called already/,
      });
      assert.equal(asked.length, 0);
    });
  });

  it('makes no call of unknown fate while it is gone, and those that do no harm twice', async () => {
    await open();
    await redis.kill();
    const asked: Call[] = [];
    await assert.rejects(onceIn(numbered(asked))(toolCall({ run: 'r1' })), {
      code: 'INTERNAL',
      message: /cannot be known whether fake\.echo was called already/,
    });
    assert.equal(asked.length, 0);
    await onceIn(numbered(asked), true)(toolCall({ run: 'r1' }));
    assert.equal(asked.length, 1);
  });

  it('loses no reply when it dies while the call is made', async () => {
    await open();
    const invoke = onceIn(async () => {
      await redis.kill();
      return textReply('made');
    });
    assert.deepEqual(await invoke(toolCall({ run: 'r1' })), textReply('made'));
    assert.match(problems.join('\n'), /the end of fake\.echo could not be remembered/);
  });

  it('is a limit that each process keeps by itself while it is gone', async () => {
    await open();
    await redis.kill();
    const told: string[] = [];
    const invoke = rateLimit({
      clock: systemClock,
      perSecond: 1_000,
      store: createRedisRateLimiter(link),
      onStoreError: (message) => told.push(message),
    })(numbered([]));
    await invoke(toolCall());
    assert.equal(told.length, 1);
  });
});

describe('a Redis that is not there', () => {
  it('does not keep anybody from starting, and is told of once', async () => {
    const problems: string[] = [];
    const redis = await startRedis();
    await redis.kill();
    const link = await openRedis({
      url: redis.url,
      clock: systemClock,
      onProblem: (message) => problems.push(message),
      maxReconnectMs: 50,
    });
    await assert.rejects(link.ask((client) => client.get('a')));
    await redis.restart();
    await eventually('it is found when it comes', () =>
      link
        .ask((client) => client.ping())
        .then(
          () => true,
          () => false,
        ),
    );
    assert.equal(problems.length, 2, problems.join('\n'));
    assert.match(problems[0] ?? '', /Redis cannot be reached: .*ECONNREFUSED/);
    assert.equal(problems[1], 'Redis can be reached again');
    await link.dispose();
    await redis.dispose();
  });

  it('refuses an address that is none', async () => {
    await assert.rejects(
      openRedis({ url: 'http://127.0.0.1:1', clock: systemClock, onProblem: () => undefined }),
      /should begin with redis:\/\/ or rediss:\/\/, not http:\/\//,
    );
  });
});
