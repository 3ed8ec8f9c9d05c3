/** Questions on a terminal. */
import assert from 'node:assert/strict';
import { ApprovalQueue } from '../../../src/app/approvals.ts';
import { answerOnTerminal } from '../../../src/cli/approve.ts';
import type { ApprovalRequest } from '../../../src/contracts/index.ts';
import { settle, VirtualClock } from '../../fixtures/virtual-clock.ts';

function request(change: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    operation: 'wiki.delete_page',
    summary: 'the pipeline Mine wants to call wiki.delete_page',
    server: 'wiki',
    tool: 'delete_page',
    args: { page: 'home\u202egpj.exe' },
    argumentsDigest: 'd',
    serverIdentity: 's',
    definitionHash: 'h',
    risk: 'high',
    reasons: ['no rule is about it'],
    affectedSystems: ['wiki'],
    preview: { text: 'not known', changes: [] },
    requestor: { kind: 'pipeline', id: 'mine' },
    deadline: Number.MAX_SAFE_INTEGER,
    ...change,
  };
}

describe('a question on the terminal', () => {
  const clock = new VirtualClock();
  const open = (answers: readonly string[]): { queue: ApprovalQueue; shown: string[] } => {
    const shown: string[] = [];
    const left = [...answers];
    const queue = new ApprovalQueue({
      clock,
      ids: { next: () => `q${crypto.randomUUID()}` },
      onError: (error) => assert.fail(String(error)),
    });
    answerOnTerminal(queue, {
      write: (text) => void shown.push(text),
      question: async () => left.shift() ?? '',
    });
    return { queue, shown };
  };
  const answerTo = async (queue: ApprovalQueue, asked = request()): Promise<unknown> => {
    const id = await queue.submit(asked);
    const decision = await queue.waitForDecision(id, 1_000, new AbortController().signal);
    return decision === undefined ? undefined : [decision.approved, decision.scope];
  };

  it('shows what, why, whom it affects and the arguments with every character visible', async () => {
    const { queue, shown } = open(['n']);
    await answerTo(queue);
    const text = shown.join('');
    assert.match(text, /the pipeline Mine wants to call wiki\.delete_page/);
    assert.match(text, /Risk: high \(no rule is about it\)/);
    assert.match(text, /"page": "home\\u\{202e\}gpj\.exe"/);
  });

  it('takes y, r, w and a for a yes of that reach, and anything else for a no', async () => {
    const { queue } = open(['y', 'R', 'w', 'a', '', 'yes please']);
    const answers: unknown[] = [];
    for (let index = 0; index < 6; index += 1) answers.push(await answerTo(queue, request({ step: `s${index}` })));
    assert.deepEqual(answers, [
      [true, 'once'],
      [true, 'run'],
      [true, 'workspace'],
      [true, 'always'],
      [false, 'once'],
      [false, 'once'],
    ]);
  });

  it('takes a star for every tool of the server, but not for one call', async () => {
    const { queue } = open(['w*', 'y*']);
    const reaches: unknown[] = [];
    for (const step of ['s0', 's1']) {
      const id = await queue.submit(request({ step }));
      reaches.push((await queue.waitForDecision(id, 1_000, new AbortController().signal))?.reach);
    }
    assert.deepEqual(reaches, ['server', 'tool']);
  });

  it('is not asked about what other processes have parked', async () => {
    const { queue, shown } = open(['y']);
    const parked = new ApprovalQueue({ clock, ids: { next: () => 'p1' }, parks: true, onError: assert.ifError });
    await parked.waitForDecision(await parked.submit(request()), 1_000, new AbortController().signal);
    assert.deepEqual([queue.waiting(), parked.waiting(), parked.pending().length, shown], [[], [], 1, []]);
  });

  it('asks one thing at a time, and not about what was withdrawn meanwhile', async () => {
    const shown: string[] = [];
    const answers: ((text: string) => void)[] = [];
    const queue = new ApprovalQueue({
      clock,
      ids: { next: () => `q${crypto.randomUUID()}` },
      onError: (error) => assert.fail(String(error)),
    });
    answerOnTerminal(queue, {
      write: (text) => void shown.push(text),
      question: () => new Promise((resolve) => answers.push(resolve)),
    });
    const controller = new AbortController();
    const first = answerTo(queue, request({ step: 'a' }));
    const second = queue.waitForDecision(await queue.submit(request({ step: 'b' })), 1_000, controller.signal);
    await settle();
    assert.equal(shown.length, 1);
    controller.abort();
    await assert.rejects(second, { code: 'CANCELLED' });
    answers[0]?.('y');
    assert.deepEqual(await first, [true, 'once']);
    await settle();
    assert.equal(shown.length, 1);
  });
});
