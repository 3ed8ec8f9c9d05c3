/** The worker pool: what a task that hangs, crashes or throws costs, and what it does not. */
import assert from 'node:assert/strict';
import { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from '../../../../src/servers/kit/worker-pool.ts';
import type { PoolTask } from '../../../fixtures/pool-worker.ts';
import { VirtualClock } from '../../../fixtures/virtual-clock.ts';

describe('the worker pool', () => {
  let pool: WorkerPool<PoolTask, string>;
  const never = new AbortController().signal;
  const open = (options: Partial<WorkerPoolOptions> = {}): void => {
    const entry = new URL('../../../fixtures/pool-worker.ts', import.meta.url);
    pool = createWorkerPool({ entry, size: 1, ...options });
  };

  afterEach(() => pool.dispose());

  it('gives its tasks to as many threads as it has, and keeps them', async () => {
    open({ size: 2 });
    const ids = await Promise.all(Array.from({ length: 8 }, () => pool.run('thread', never)));
    assert.equal(new Set(ids).size, 2);
    assert.ok(ids.includes(await pool.run('thread', never)));
  });

  it('soon ends all threads without a task but one', async () => {
    const clock = new VirtualClock();
    open({ size: 2, idleMs: 1_000, lastIdleMs: 9_000, clock });
    const before = await Promise.all([pool.run('thread', never), pool.run('thread', never)]);
    await clock.advance(1_000);
    const after = await Promise.all([pool.run('thread', never), pool.run('thread', never)]);
    assert.equal(after.filter((id) => before.includes(id)).length, 1);
  });

  it('ends a thread that has had nothing to do for a while, and starts another when there is', async () => {
    const clock = new VirtualClock();
    open({ lastIdleMs: 1_000, clock });
    const first = await pool.run('thread', never);
    await clock.advance(900);
    assert.equal(await pool.run('thread', never), first);
    await clock.advance(1_000);
    assert.notEqual(await pool.run('thread', never), first);
  });

  it('passes on what a task says, and keeps the thread for what was foreseen', async () => {
    open();
    const before = await pool.run('thread', never);
    await assert.rejects(pool.run('refuse', never), { code: 'INTERNAL', message: 'refused' });
    assert.equal(await pool.run('thread', never), before);
    await assert.rejects(pool.run('throw', never), { code: 'INTERNAL', message: 'thrown' });
    assert.notEqual(await pool.run('thread', never), before);
  });

  it('loses only the task of a thread that crashes or runs out of memory', async () => {
    open({ maxHeapMb: 24 });
    await assert.rejects(pool.run('crash', never), { code: 'INTERNAL', message: /exit code 3/ });
    await assert.rejects(pool.run('memory', never), { code: 'INTERNAL', message: /memory/ });
    assert.equal(typeof (await pool.run('thread', never)), 'string');
  });

  it('ends a thread that takes too long', async () => {
    const clock = new VirtualClock();
    open({ taskTimeoutMs: 3_000, clock });
    const hanging = assert.rejects(pool.run('hang', never), { code: 'TIMEOUT', message: 'not finished within 3 s' });
    await clock.advance(3_000);
    await hanging;
    assert.equal(typeof (await pool.run('thread', never)), 'string');
  });

  it('ends a cancelled task and drops one that waits', async () => {
    open();
    const running = new AbortController();
    const waiting = new AbortController();
    const first = pool.run('hang', running.signal);
    const second = pool.run('thread', waiting.signal);
    waiting.abort();
    await assert.rejects(second, { code: 'CANCELLED' });
    running.abort();
    await assert.rejects(first, { code: 'CANCELLED' });
    await assert.rejects(pool.run('thread', running.signal), { code: 'CANCELLED' });
  });

  it('says when an answer cannot be sent', async () => {
    open();
    await assert.rejects(pool.run('function', never), { message: /the answer cannot be sent/ });
  });

  it('settles everything when it is disposed', async () => {
    open();
    const running = pool.run('hang', never);
    const waiting = pool.run('thread', never);
    const outcomes = Promise.allSettled([running, waiting]);
    await pool.dispose();
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    await assert.rejects(pool.run('thread', never), { code: 'CANCELLED' });
  });
});
