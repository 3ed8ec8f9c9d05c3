/** The queue of questions: who waits, who decides, and what outlives the process that asked. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ApprovalRequest } from '../../../src/contracts/index.ts';
import { ApprovalQueue, type ApprovalQueueOptions } from '../../../src/app/approvals.ts';
import { MemoryApprovalStorage } from '../../fixtures/approval-memory.ts';
import { settle, VirtualClock } from '../../fixtures/virtual-clock.ts';

const request = (change: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  operation: 'wiki.create_page',
  summary: 'pipeline publish wants to run wiki.create_page',
  server: 'wiki',
  tool: 'create_page',
  args: { title: 'A' },
  argumentsDigest: 'digest',
  serverIdentity: 'identity',
  definitionHash: 'hash',
  risk: 'high',
  reasons: [],
  affectedSystems: ['wiki'],
  preview: { text: '', changes: [] },
  requestor: { kind: 'pipeline', id: 'publish' },
  run: 'r1',
  step: 'publish',
  deadline: 1_000_000 + 3_600_000,
  ...change,
});

let made = 0;

function queueOf(change: Partial<ApprovalQueueOptions> = {}): {
  readonly queue: ApprovalQueue;
  readonly clock: VirtualClock;
} {
  const clock = new VirtualClock();
  const ids = {
    next: () => {
      made += 1;
      return `a${made}`;
    },
  };
  return { clock, queue: new ApprovalQueue({ clock, ids, onError: assert.ifError, ...change }) };
}

const never = (): AbortSignal => new AbortController().signal;

describe('the queue of approvals', () => {
  it('gives the waiting call what the person decided', async () => {
    const { queue, clock } = queueOf();
    const id = await queue.submit(request());
    const waiting = queue.waitForDecision(id, 3_600_000, never());
    assert.deepEqual(
      queue.pending().map((record) => record.id),
      [id],
    );
    await clock.advance(5);
    await queue.decide(id, { approved: true, scope: 'run', by: 'ada' });
    assert.deepEqual(await waiting, { approved: true, scope: 'run', reach: 'tool', by: 'ada', at: 1_000_005 });
    assert.deepEqual(queue.pending(), []);
    assert.deepEqual(
      queue.decided().map(({ decision }) => decision?.by),
      ['ada'],
    );
    assert.equal(clock.pending, 0);
  });

  it('lists the oldest question first and says when it changes', async () => {
    const { queue, clock } = queueOf();
    let changes = 0;
    queue.onChange(() => {
      changes += 1;
    });
    const first = await queue.submit(request());
    await clock.advance(1);
    const second = await queue.submit(request());
    assert.deepEqual(
      queue.pending().map(({ id }) => id),
      [first, second],
    );
    assert.equal(changes, 2);
  });

  it('answers nobody in time with undefined, and then the question is gone', async () => {
    const { queue, clock } = queueOf();
    const id = await queue.submit(request());
    const waiting = queue.waitForDecision(id, 1_000, never());
    await clock.advance(1_000);
    assert.equal(await waiting, undefined);
    await assert.rejects(queue.decide(id, { approved: true, by: 'ada' }), { code: 'VALIDATION_FAILED' });
  });

  it('withdraws the question of a cancelled call', async () => {
    const storage = new MemoryApprovalStorage();
    const { queue } = queueOf({ storage });
    const controller = new AbortController();
    const id = await queue.submit(request());
    const waiting = queue.waitForDecision(id, 1_000, controller.signal);
    controller.abort();
    await assert.rejects(waiting, { code: 'CANCELLED' });
    await settle();
    assert.deepEqual([queue.pending(), storage.ids], [[], []]);
  });

  it('takes one decision, and none after the deadline', async () => {
    const { queue, clock } = queueOf();
    const id = await queue.submit(request());
    await queue.decide(id, { approved: false, by: 'ada' });
    await assert.rejects(queue.decide(id, { approved: true, by: 'eve' }), /already decided by ada/);
    const late = await queue.submit(request({ step: 'late' }));
    await clock.advance(3_600_000);
    assert.deepEqual(queue.pending(), []);
    await assert.rejects(queue.decide(late, { approved: true, by: 'ada' }), /expired/);
  });

  it('parks a question without waiting, and answers it when the resumed run asks again', async () => {
    const storage = new MemoryApprovalStorage();
    const headless = queueOf({ storage, parks: true }).queue;
    const id = await headless.submit(request());
    assert.equal(await headless.waitForDecision(id, 3_600_000, never()), undefined);

    const command = queueOf({ storage }).queue;
    await command.refresh();
    assert.deepEqual(
      command.pending().map((record) => record.id),
      [id],
    );
    await command.decide(id, { approved: true, by: 'ada' });

    const resumed = queueOf({ storage, parks: true }).queue;
    await resumed.refresh();
    assert.equal(await resumed.submit(request()), id);
    assert.equal((await resumed.waitForDecision(id, 3_600_000, never()))?.approved, true);
    assert.deepEqual(storage.ids, []);
    assert.notEqual(await resumed.submit(request()), id, 'the answer is used up');
  });

  it('does not ask twice about a question that is still parked', async () => {
    const { queue } = queueOf({ parks: true });
    const id = await queue.submit(request());
    await queue.waitForDecision(id, 1_000, never());
    assert.equal(await queue.submit(request()), id);
    assert.notEqual(await queue.submit(request({ argumentsDigest: 'other' })), id);
  });

  it('lets a waiting call have what another process decided', async () => {
    const storage = new MemoryApprovalStorage();
    const window = queueOf({ storage }).queue;
    const id = await window.submit(request());
    const waiting = window.waitForDecision(id, 3_600_000, never());
    const command = queueOf({ storage }).queue;
    await command.refresh();
    await command.decide(id, { approved: true, scope: 'always', by: 'ada' });
    await window.refresh();
    assert.equal((await waiting)?.scope, 'always');
  });

  it('gives a parked answer to one of the processes that come for it', async () => {
    const storage = new MemoryApprovalStorage();
    const first = queueOf({ storage, parks: true }).queue;
    const id = await first.submit(request());
    await first.decide(id, { approved: true, by: 'ada' });
    const others = [1, 2].map(() => queueOf({ storage, parks: true }).queue);
    const results = await Promise.allSettled(
      others.map(async (queue) => {
        await queue.refresh();
        return queue.waitForDecision(await queue.submit(request()), 1_000, never());
      }),
    );
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  it('gives one yes to one call, however many ask the same at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), async (verdicts) => {
        const { queue } = queueOf({ storage: new MemoryApprovalStorage() });
        const calls = verdicts.map(async () => {
          const id = await queue.submit(request());
          return { id, decision: await queue.waitForDecision(id, 3_600_000, never()) };
        });
        await settle();
        await settle();
        const pending = queue.pending();
        assert.equal(pending.length, verdicts.length);
        await Promise.all(
          pending.map(({ id }, index) => queue.decide(id, { approved: verdicts[index] === true, by: 'ada' })),
        );
        const answers = await Promise.all(calls);
        assert.equal(new Set(answers.map(({ id }) => id)).size, verdicts.length);
        assert.equal(answers.filter(({ decision }) => decision?.approved).length, verdicts.filter(Boolean).length);
      }),
    );
  });
});
