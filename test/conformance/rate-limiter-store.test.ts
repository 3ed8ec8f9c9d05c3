/** What every store of token buckets does, whatever keeps it. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import type { RateLimiterStore } from '../../src/contracts/index.ts';
import { openRedis, type RedisLink } from '../../src/distributed/redis.ts';
import { createRedisRateLimiter } from '../../src/distributed/redis-rate-limit.ts';
import { TokenBuckets } from '../../src/middleware/token-buckets.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';
import { startRedis, type TestRedis } from '../harness/redis.ts';

interface Subject {
  readonly a: RateLimiterStore;
  /** Of another process. */
  readonly b: RateLimiterStore;
  readonly pass: (ms: number) => Promise<void>;
  /** Milliseconds, for the measured rate. */
  readonly now: () => number;
}

function conforms(open: () => Promise<Subject>): void {
  let subject: Subject;
  before(async () => {
    subject = await open();
  });

  it('lets a burst pass at once, whoever takes it, and then says how long to wait', async () => {
    const limit = { perSecond: 2, burst: 4 };
    const { a, b } = subject;
    const answers: number[] = [];
    for (const store of [a, b, a, b, a]) answers.push(await store.take('burst', limit));
    assert.deepEqual(answers.slice(0, 4), [0, 0, 0, 0]);
    const last = answers[4] ?? 0;
    assert.ok(last > 300 && last <= 500, `${last} ms`);
  });

  it('has a token again after as long as it said', async () => {
    const limit = { perSecond: 10, burst: 1 };
    assert.equal(await subject.a.take('again', limit), 0);
    const waitMs = await subject.a.take('again', limit);
    assert.ok(waitMs > 0 && waitMs <= 100, `${waitMs} ms`);
    await subject.pass(Math.ceil(waitMs) + 2);
    assert.equal(await subject.b.take('again', limit), 0);
  });

  it('keeps a bucket for each key', async () => {
    const limit = { perSecond: 1, burst: 1 };
    assert.equal(await subject.a.take('one', limit), 0);
    assert.equal(await subject.a.take('two', limit), 0);
  });

  it('lets no more pass than the burst and what has flowed in since, over both processes', async () => {
    const limit = { perSecond: 100, burst: 5 };
    const { a, b, pass, now } = subject;
    const startedAt = now();
    let passed = 0;
    for (let turn = 0; turn < 40; turn += 1) {
      const answers = await Promise.all([a, b, a, b].map((store) => store.take('rate', limit)));
      passed += answers.filter((answer) => answer === 0).length;
      await pass(5);
    }
    const most = limit.burst + ((now() - startedAt) * limit.perSecond) / 1_000;
    assert.ok(passed <= Math.ceil(most), `${passed} of at most ${most}`);
    assert.ok(passed >= 20, `${passed}`);
  });
}

describe('token buckets in memory', () => {
  conforms(async () => {
    const clock = new VirtualClock();
    const store = new TokenBuckets(clock);
    return { a: store, b: store, pass: (ms) => clock.advance(ms), now: () => clock.now() };
  });
});

describe('token buckets in Redis', () => {
  let redis: TestRedis;
  const links: RedisLink[] = [];
  after(async () => {
    for (const link of links) await link.dispose();
    await redis.dispose();
  });

  conforms(async () => {
    redis = await startRedis();
    for (let count = 0; count < 2; count += 1) {
      links.push(await openRedis({ url: redis.url, clock: systemClock, onProblem: (message) => assert.fail(message) }));
    }
    const [a, b] = links.map(createRedisRateLimiter);
    assert.ok(a && b);
    return { a, b, pass: (ms) => wait(ms), now: () => performance.now() };
  });
});
