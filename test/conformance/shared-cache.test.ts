/** What every shared cache does, whatever keeps it. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import type { SharedCache } from '../../src/contracts/index.ts';
import { openRedis, type RedisLink } from '../../src/distributed/redis.ts';
import { createRedisCache } from '../../src/distributed/redis-cache.ts';
import { MemorySharedCache } from '../fixtures/memory-shared-cache.ts';
import { VirtualClock } from '../fixtures/virtual-clock.ts';
import { startRedis, type TestRedis } from '../harness/redis.ts';

interface Subject {
  readonly a: SharedCache;
  /** Of another process. */
  readonly b: SharedCache;
  /** Lets so many milliseconds pass. */
  readonly pass: (ms: number) => Promise<void>;
}

function conforms(open: () => Promise<Subject>): void {
  let subject: Subject;
  before(async () => {
    subject = await open();
  });

  it('has nothing under a key that was never set', async () => {
    assert.equal(await subject.a.get('nothing'), undefined);
  });

  it('gives one process what another has set, byte for byte', async () => {
    const value = JSON.stringify({ text: 'Zoë \u0000 \u{1F600}', long: 'x'.repeat(300_000) });
    await subject.a.set('k1', value, 60_000);
    assert.equal(await subject.b.get('k1'), value);
  });

  it('keeps the last of two values', async () => {
    await subject.a.set('k2', 'one', 60_000);
    await subject.b.set('k2', 'two', 60_000);
    assert.equal(await subject.a.get('k2'), 'two');
  });

  it('forgets a value when its time is over', async () => {
    await subject.a.set('k3', 'short', 80);
    assert.equal(await subject.a.get('k3'), 'short');
    await subject.pass(120);
    assert.equal(await subject.a.get('k3'), undefined);
  });

  it('forgets a value that is deleted, and does not mind deleting nothing', async () => {
    await subject.a.set('k4', 'gone', 60_000);
    await subject.b.delete('k4');
    await subject.b.delete('k4');
    assert.equal(await subject.a.get('k4'), undefined);
  });
}

describe('a shared cache in memory', () => {
  conforms(async () => {
    const clock = new VirtualClock();
    const store = new MemorySharedCache(clock);
    return { a: store, b: store, pass: (ms) => clock.advance(ms) };
  });
});

describe('a shared cache in Redis', () => {
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
    const [a, b] = links.map(createRedisCache);
    assert.ok(a && b);
    return { a, b, pass: (ms) => wait(ms) };
  });
});
