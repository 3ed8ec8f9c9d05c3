/** What every store of finished calls does, whatever keeps it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import type { ClaimTerms, IdempotencyStore } from '../../src/contracts/index.ts';
import { openRedis, type RedisLink } from '../../src/distributed/redis.ts';
import { createRedisIdempotencyStore } from '../../src/distributed/redis-idempotency.ts';
import { createMemoryIdempotencyStore, type IdempotencyEntries } from '../../src/middleware/memory-idempotency.ts';
import { createTieredIdempotencyStore } from '../../src/middleware/tiered-idempotency.ts';
import { createFileIdempotencyStore } from '../../src/node/idempotency-store.ts';
import { textReply } from '../fixtures/calls.ts';
import { settle, VirtualClock } from '../fixtures/virtual-clock.ts';
import { startRedis, type TestRedis } from '../harness/redis.ts';

interface Subject {
  readonly a: IdempotencyStore;
  /** Of another process. */
  readonly b: IdempotencyStore;
  /** Lets so many milliseconds pass. */
  readonly pass: (ms: number) => Promise<void>;
}

const REPLY = textReply('done');
const LEASE = 150;
const LONG: ClaimTerms = { leaseMs: 60_000, ttlMs: 60_000, repeatable: false, local: true };
const SHORT: ClaimTerms = { ...LONG, leaseMs: LEASE };
const AGAIN: ClaimTerms = { ...LONG, repeatable: true };
const forever = new AbortController().signal;

function conforms(open: () => Promise<Subject>): void {
  let a: IdempotencyStore;
  let b: IdempotencyStore;
  let pass: Subject['pass'];
  let count = 0;
  let key: string;
  before(async () => {
    ({ a, b, pass } = await open());
  });
  beforeEach(() => {
    count += 1;
    key = `key ${count}/ü`;
  });
  /** Lets time pass until the promise has settled. */
  const during = async <T>(waiting: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = waiting.finally(() => {
      isOver = true;
    });
    for (let turn = 0; turn < 200 && !isOver; turn += 1) await pass(20);
    return over;
  };

  it('knows nothing of a key that nobody has claimed', async () => {
    assert.equal(await a.get(key), undefined);
    assert.equal(await a.settled(key, forever), undefined);
    assert.equal(await a.renew(key, LEASE), false);
    await a.release(key);
  });

  it('lets one of many have a claim', async () => {
    const claims = await Promise.all([a, b, a, b].map((store) => store.claim(key, LONG)));
    assert.equal(claims.filter((claim) => claim === 'ours').length, 1);
  });

  it('gives everybody the reply of a finished call, and nobody another claim', async () => {
    assert.equal(await a.claim(key, LONG), 'ours');
    await a.finish(key, REPLY, 60_000);
    assert.deepEqual(await b.get(key), REPLY);
    assert.deepEqual(await b.settled(key, forever), REPLY);
    assert.equal(await b.claim(key, SHORT), 'taken');
    assert.equal(await a.claim(key, SHORT), 'taken');
  });

  it('lets the next one try when the claim is given up', async () => {
    await a.claim(key, LONG);
    await a.release(key);
    assert.equal(await b.claim(key, LONG), 'ours');
    assert.equal(await a.claim(key, LONG), 'taken');
  });

  it('lets only who may repeat it try when the holder has died, and stops that one should it wake up', async () => {
    await a.claim(key, SHORT);
    assert.equal(await b.claim(key, AGAIN), 'taken');
    await pass(LEASE + 50);
    assert.equal(await b.claim(key, LONG), 'unknown');
    assert.equal(await b.settled(key, forever), undefined);
    assert.equal(await b.claim(key, AGAIN), 'ours');
    assert.equal(await a.renew(key, 60_000), false);
    await a.release(key);
    await assert.rejects(a.finish(key, textReply('late'), 60_000), /the claim has been lost/);
    assert.equal(await a.get(key), undefined);
    await b.finish(key, REPLY, 60_000);
    assert.deepEqual(await a.get(key), REPLY);
  });

  it('holds a claim that is renewed for longer than its first lease', async () => {
    await a.claim(key, SHORT);
    assert.equal(await a.renew(key, 60_000), true);
    await pass(LEASE + 50);
    assert.equal(await b.claim(key, SHORT), 'taken');
    await a.finish(key, REPLY, 60_000);
  });

  it('remembers a call of unknown end for its time, and then forgets it', async () => {
    await a.claim(key, { ...SHORT, ttlMs: 200 });
    await a.abandon(key);
    assert.equal(await b.claim(key, LONG), 'unknown');
    assert.equal(await a.claim(key, LONG), 'unknown');
    assert.equal(await b.settled(key, forever), undefined);
    await pass(250);
    assert.equal(await b.claim(key, LONG), 'ours');
  });

  it('takes the reply of a holder who slept past the lease, if nobody took over', async () => {
    await a.claim(key, SHORT);
    await pass(LEASE + 50);
    assert.equal(await b.claim(key, LONG), 'unknown');
    assert.equal(await a.renew(key, 60_000), true);
    assert.equal(await b.claim(key, AGAIN), 'taken');
    await a.finish(key, REPLY, 60_000);
    assert.deepEqual(await b.get(key), REPLY);
  });

  it('forgets a finished call when its time is over', async () => {
    await a.claim(key, LONG);
    await a.finish(key, REPLY, 80);
    await pass(150);
    assert.equal(await b.get(key), undefined);
    assert.equal(await b.claim(key, SHORT), 'ours');
  });

  it('gives those who wait the reply when it is there', async () => {
    await a.claim(key, LONG);
    const waiting = b.settled(key, forever);
    await pass(20);
    await a.finish(key, REPLY, 60_000);
    assert.deepEqual(await during(waiting), REPLY);
  });

  it('tells those who wait when the claim is given up, or its holder has died', async () => {
    await a.claim(key, LONG);
    const released = b.settled(key, forever);
    await pass(20);
    await a.release(key);
    assert.equal(await during(released), undefined);
    await a.claim(key, SHORT);
    assert.equal(await during(b.settled(key, forever)), undefined);
  });

  it('lets a wait be cancelled', async () => {
    await a.claim(key, LONG);
    const controller = new AbortController();
    const waiting = assert.rejects(b.settled(key, controller.signal), { code: 'CANCELLED' });
    await pass(20);
    controller.abort();
    await waiting;
  });
}

describe('finished calls in memory', () => {
  conforms(async () => {
    const clock = new VirtualClock();
    const entries: IdempotencyEntries = new Map();
    const [a, b] = [1, 2].map(() => createMemoryIdempotencyStore({ clock, entries }));
    assert.ok(a && b);
    return { a, b, pass: (ms) => clock.advance(ms) };
  });
});

describe('finished calls on disk', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'once-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  conforms(async () => {
    const clock = new VirtualClock();
    const [a, b] = [1, 2].map(() => createFileIdempotencyStore({ directory, clock, pollMs: 10 }));
    assert.ok(a && b);
    // Real files need real turns of the event loop between two virtual moments.
    const pass = async (ms: number): Promise<void> => {
      await clock.advance(ms);
      for (let turn = 0; turn < 20; turn += 1) await settle();
    };
    return { a, b, pass };
  });
});

describe('finished calls in Redis', () => {
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
    const [a, b] = links.map((link) => createRedisIdempotencyStore({ link, pollMs: 10 }));
    assert.ok(a && b);
    return { a, b, pass: (ms) => wait(ms) };
  });
});

describe('finished calls in memory and beyond it', () => {
  conforms(async () => {
    const clock = new VirtualClock();
    const beyond: IdempotencyEntries = new Map();
    const tiered = (): IdempotencyStore =>
      createTieredIdempotencyStore({
        own: createMemoryIdempotencyStore({ clock }),
        shared: createMemoryIdempotencyStore({ clock, entries: beyond }),
      });
    return { a: tiered(), b: tiered(), pass: (ms) => clock.advance(ms) };
  });
});
