/** The queue of questions: who waits, who decides, and what outlives the process that asked. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isConductorError } from '../../../src/base/errors.ts';
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

interface Act {
  readonly process: number;
  readonly kind: 'ask' | 'allow' | 'deny' | 'refresh' | 'restart';
}

/** Three processes that share a storage; a yes is given once, and each call that passes is counted. */
class Offices {
  given = 0;
  passed = 0;
  readonly #storage = new MemoryApprovalStorage();
  readonly #processes = [0, 1, 2].map(() => this.#start());

  #start(): ApprovalQueue {
    return queueOf({ storage: this.#storage, parks: true }).queue;
  }

  async act({ process, kind }: Act): Promise<void> {
    if (kind === 'restart') this.#processes[process] = this.#start();
    const queue = this.#processes[process] ?? this.#start();
    if (kind === 'refresh') await queue.refresh();
    if (kind === 'ask') await this.#ask(queue);
    if (kind === 'allow' || kind === 'deny') await this.#decide(queue, kind === 'allow');
  }

  async #ask(queue: ApprovalQueue): Promise<void> {
    const decision = await queue.waitForDecision(await queue.submit(request()), 1_000, never());
    if (decision?.approved === true) this.passed += 1;
  }

  async #decide(queue: ApprovalQueue, approved: boolean): Promise<void> {
    const [first] = queue.pending();
    if (first === undefined) return;
    await queue.decide(first.id, { approved, by: 'ada' });
    if (approved) this.given += 1;
  }
}

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

  it('lets a run that is started anew have the answer that its forerunner parked for', async () => {
    const storage = new MemoryApprovalStorage();
    const first = queueOf({ storage, parks: true }).queue;
    const id = await first.submit(request({ run: 'r1' }));
    await first.waitForDecision(id, 1_000, never());
    assert.equal(await queueOf({ storage, parks: true }).queue.submit(request({ run: 'r2' })), id, 'one question');
    await queueOf({ storage }).queue.decide(id, { approved: true, by: 'ada' });
    const second = queueOf({ storage, parks: true }).queue;
    assert.notEqual(await second.submit(request({ run: undefined })), id, 'not for a call outside a run');
    const answer = await second.submit(request({ run: 'r3' }));
    assert.equal((await second.waitForDecision(answer, 1_000, never()))?.approved, true);
  });

  it('sees within a second what another process decided, and leaves no timer', async () => {
    const storage = new MemoryApprovalStorage();
    const { queue, clock } = queueOf({ storage });
    const id = await queue.submit(request());
    const waiting = queue.waitForDecision(id, 3_600_000, never());
    await queueOf({ storage }).queue.decide(id, { approved: true, by: 'ada' });
    await clock.advance(1_000);
    assert.equal((await waiting)?.by, 'ada');
    assert.equal(clock.pending, 0);
  });

  it('takes one of two decisions that two processes make at once', async () => {
    const storage = new MemoryApprovalStorage();
    const id = await queueOf({ storage, parks: true }).queue.submit(request());
    const deciding = [true, false].map((approved) => queueOf({ storage }).queue.decide(id, { approved, by: 'ada' }));
    const results = await Promise.allSettled(deciding);
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  it('forgets questions that nobody may answer any more, and answers that nobody came for', async () => {
    const storage = new MemoryApprovalStorage();
    const { queue, clock } = queueOf({ storage, parks: true });
    const ids = [await queue.submit(request({ step: 'a' })), await queue.submit(request({ step: 'b' }))];
    for (const id of ids) await queue.waitForDecision(id, 1_000, never());
    await clock.advance(3_000_000);
    await queue.decide(ids[0] ?? '', { approved: true, by: 'ada' });
    await clock.advance(3_500_000);
    await queue.refresh();
    assert.deepEqual(storage.ids, [ids[0]], 'an answer may be fetched for an hour');
    await clock.advance(200_000);
    await queue.refresh();
    assert.deepEqual(storage.ids, []);
  });

  it('never gives a yes to two calls, whatever processes ask, decide and look in whatever order', async () => {
    const act = fc.record({
      process: fc.integer({ min: 0, max: 2 }),
      kind: fc.constantFrom('ask', 'allow', 'deny', 'refresh', 'restart'),
      parallel: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), async (acts) => {
        const offices = new Offices();
        let under: Promise<unknown>[] = [];
        for (const each of acts) {
          under.push(offices.act(each).catch((error: unknown) => assert.ok(isConductorError(error), String(error))));
          if (each.parallel) continue;
          await Promise.all(under);
          under = [];
        }
        await Promise.all(under);
        assert.ok(offices.passed <= offices.given, `${offices.passed} calls by ${offices.given} decisions`);
      }),
      { numRuns: 150 },
    );
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
