/** The stack that a configuration makes. */
import assert from 'node:assert/strict';
import { parseUserConfig } from '../../../src/app/config/user-config.ts';
import { createGovernance, type Governance, type GovernanceOptions } from '../../../src/app/governance.ts';
import { ApprovalQueue } from '../../../src/app/approvals.ts';
import { deferred } from '../../../src/base/deferred.ts';
import { ConductorError } from '../../../src/base/errors.ts';
import type { Call, Invoke, Reply, ServerDirectory, ServerSnapshot, TraceEntry } from '../../../src/contracts/index.ts';
import { Grants } from '../../../src/middleware/approval/grants.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const tool = { name: 'echo', inputSchema: {}, definitionHash: 'h1' };
const ready = {
  definition: {
    id: 'fake',
    label: 'fake',
    origin: { kind: 'bundled' },
    inputs: [],
    launch: { type: 'stdio', command: 'fake', args: [], env: {} },
  },
  state: { status: 'ready' },
  catalog: { tools: [tool], resources: [], prompts: [], warnings: [] },
} as unknown as ServerSnapshot;

interface Harness {
  readonly clock: VirtualClock;
  readonly invoke: Invoke;
  readonly entries: TraceEntry[];
  readonly seen: Call[];
  readonly approvals: ApprovalQueue;
  readonly governance: Governance;
}

function harness(yaml: string, answer: (call: Call, attempt: number) => Promise<Reply>): Harness {
  const read = parseUserConfig(`version: 1\n${yaml}`, 'config.yaml');
  const clock = new VirtualClock();
  const entries: TraceEntry[] = [];
  const seen: Call[] = [];
  const servers = {
    get: () => ready,
    start: async () => ready,
    invoke: (call: Call) => {
      seen.push(call);
      return answer(call, seen.length);
    },
  } as unknown as ServerDirectory;
  const onError = (error: unknown): never => assert.fail(String(error));
  const approvals = new ApprovalQueue({ clock, ids: { next: () => `q${seen.length}` }, onError });
  const options: GovernanceOptions = {
    clock,
    servers,
    read,
    knownSecrets: () => ['tok-4711-secret'],
    approver: approvals,
    grants: new Grants({ clock, onError }),
    workspace: '/nowhere',
    ids: { next: () => 'id' },
    onProblem: onError,
    onTrace: (entry) => entries.push(entry),
  };
  const governance = createGovernance(options);
  return { clock, governance, invoke: governance.invoke, entries, seen, approvals };
}

describe('the governed stack', () => {
  it('sends a second copy of a slow call only where the user calls the tool idempotent', async () => {
    const slow = (call: Call): Promise<Reply> =>
      call.leg === 1 ? Promise.resolve(textReply('copy')) : new Promise(() => undefined);
    const copiesOf = async (yaml: string): Promise<number> => {
      let answering = true;
      const made = harness(`layers: { rateLimit: false }\n${yaml}`, (call) =>
        answering ? Promise.resolve(textReply('quick')) : slow(call),
      );
      for (let n = 0; n < 30; n += 1) await made.invoke(toolCall());
      answering = false;
      const call = made.invoke(toolCall()).catch(() => undefined);
      await made.clock.advance(6_000);
      const copies = made.seen.filter(({ leg }) => leg === 1).length;
      await made.clock.runAll();
      await call;
      return copies;
    };
    assert.equal(await copiesOf('tools:\n  fake.*: { idempotent: true }\n'), 1);
    assert.equal(await copiesOf(''), 0);
    assert.equal(await copiesOf('tools:\n  fake.*: { idempotent: true }\nservers: { fake: { stateful: true } }\n'), 0);
  });

  it('tries an idempotent tool again after a time-out, and another tool not', async () => {
    const slowOnce = (call: Call, attempt: number): Promise<Reply> =>
      attempt > 1
        ? Promise.resolve(textReply('second time'))
        : new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason)));
    const repeatable = harness('tools:\n  fake.*: { idempotent: true }\n', slowOnce);
    const call = repeatable.invoke(toolCall());
    await repeatable.clock.runAll();
    assert.deepEqual(await call, textReply('second time'));
    const unrepeatable = harness('', slowOnce);
    const failed = assert.rejects(unrepeatable.invoke(toolCall()), { code: 'TIMEOUT' });
    await unrepeatable.clock.runAll();
    await failed;
    assert.equal(unrepeatable.seen.length, 1);
  });

  it('removes fields and known credentials on both ways, and from the trace', async () => {
    const { invoke, seen, entries } = harness(
      'minimize:\n  - { tools: fake.*, input: { remove: [ssn] }, output: { detect: [email] } }\n',
      async () => textReply('ann@example.org said tok-4711-secret'),
    );
    const reply = await invoke(
      toolCall({ request: { kind: 'tool', tool: 'find', args: { ssn: '1', note: 'use tok-4711-secret' } } }),
    );
    assert.deepEqual(seen[0]?.request, { kind: 'tool', tool: 'find', args: { note: 'use [REDACTED]' } });
    assert.doesNotMatch(JSON.stringify([reply, entries]), /tok-4711|ann@example/);
  });

  it('stops asking a server that keeps failing, and says until when', async () => {
    const { invoke, seen } = harness('layers:\n  breaker: { failures: 2 }\n  retry: false\n  recovery: false\n', () =>
      Promise.reject(new ConductorError('CONNECTION_LOST', 'gone', { sent: true })),
    );
    await assert.rejects(invoke(toolCall()), { code: 'CONNECTION_LOST' });
    await assert.rejects(invoke(toolCall()), { code: 'CONNECTION_LOST' });
    await assert.rejects(invoke(toolCall()), { code: 'BREAKER_OPEN' });
    assert.equal(seen.length, 2);
  });

  it('spreads calls to one tool over time, and leaves bundled servers alone', async () => {
    const { invoke, seen, clock } = harness('layers:\n  rateLimit: { perSecond: 2 }\n', async () => textReply('ok'));
    const calls = [1, 2, 3].map(() => invoke(toolCall()));
    await clock.advance(0);
    assert.equal(seen.length, 2);
    await clock.advance(500);
    await Promise.all(calls);
    await Promise.all([1, 2, 3, 4].map(() => invoke(toolCall({ server: 'code-analysis' }))));
    assert.equal(seen.length, 7);
  });

  it('leaves out a layer that is switched off', async () => {
    const lost = (): Promise<Reply> => Promise.reject(new ConductorError('CONNECTION_LOST', 'gone', { sent: false }));
    const { invoke, seen, entries } = harness(
      'layers: { trace: false, retry: false, breaker: { failures: 1 }, recovery: false, permissions: false }\n',
      lost,
    );
    await assert.rejects(invoke(toolCall({ principal: undefined })), { code: 'CONNECTION_LOST' });
    assert.deepEqual([seen.length, entries.length], [1, 0]);
    await assert.rejects(invoke(toolCall()), { code: 'BREAKER_OPEN' });
  });

  it('takes over an edited configuration, and keeps what unchanged layers know', async () => {
    const lost = (): Promise<Reply> => Promise.reject(new ConductorError('CONNECTION_LOST', 'gone', { sent: false }));
    const quiet = 'layers: { retry: false, recovery: false, breaker: { failures: 1 } }\n';
    const { governance, invoke, seen } = harness(quiet, lost);
    await assert.rejects(invoke(toolCall()), { code: 'CONNECTION_LOST' });
    const edit = (yaml: string): void => governance.reconfigure(parseUserConfig(`version: 1\n${yaml}`, 'config.yaml'));
    edit(`${quiet}permissions:\n  - { effect: deny, tools: fake.delete_* }\n`);
    await assert.rejects(invoke(toolCall({ tool: 'delete_page' })), { code: 'PERMISSION_DENIED' });
    await assert.rejects(invoke(toolCall()), { code: 'BREAKER_OPEN' });
    edit('layers: { retry: false, recovery: false, breaker: { failures: 2 } }\n');
    await assert.rejects(invoke(toolCall()), { code: 'CONNECTION_LOST' });
    assert.equal(seen.length, 2);
  });

  it('lets calls that are under way end as they began, whatever is edited meanwhile', async () => {
    const release = deferred<Reply>();
    const { governance, invoke } = harness('', () => release.promise);
    const call = invoke(toolCall());
    const denials =
      "permissions: [{ effect: deny, tools: '*.*' }]\nlayers: { concurrency: { global: 1 }, trace: false }\n";
    governance.reconfigure(parseUserConfig(`version: 1\n${denials}`, 'config.yaml'));
    await assert.rejects(invoke(toolCall()), { code: 'PERMISSION_DENIED' });
    release.resolve(textReply('as it began'));
    assert.deepEqual(await call, textReply('as it began'));
  });

  it('denies by rule, and says which', async () => {
    const { invoke, seen } = harness(
      "permissions:\n  - { effect: allow, tools: '*.*' }\n  - { effect: deny, tools: fake.delete_* }\n",
      async () => textReply('gone'),
    );
    await assert.rejects(invoke(toolCall({ tool: 'delete_page' })), {
      code: 'PERMISSION_DENIED',
      message: /denied by rule 2 of .*config\.yaml:4/,
    });
    assert.equal(seen.length, 0);
  });

  it('asks before a pipeline calls a server that nobody spoke of, and calls it after a yes', async () => {
    const { invoke, seen, approvals, clock } = harness('', async () => textReply('done'));
    const call = invoke(toolCall({ principal: { kind: 'pipeline', id: 'Mine' }, run: 'r1' }));
    await clock.advance(0);
    const [question] = approvals.pending();
    assert.equal(question?.request.operation, 'fake.echo');
    assert.equal(seen.length, 0);
    await approvals.decide(question?.id ?? '', { approved: true, by: 'ann' });
    assert.deepEqual(await call, textReply('done'));
  });

  it('makes each call of a run once, except to bundled servers, whose replies are not kept for that', async () => {
    const { invoke, seen } = harness("permissions: [{ effect: allow, tools: '*.*' }]\n", async () => textReply('done'));
    for (const _ of [1, 2]) await invoke(toolCall({ run: 'r1', step: 's1' }));
    assert.equal(seen.length, 1);
    const bundled = toolCall({ server: 'code-analysis', tool: 'list_files', run: 'r1', step: 's1' });
    for (const _ of [1, 2]) await invoke(bundled);
    assert.equal(seen.length, 3);
  });

  it('lets a step go where the user has pointed it, without asking', async () => {
    const { invoke } = harness('pipelines:\n  review: { security: fake.scan }\n', async () => textReply('found'));
    await invoke(toolCall({ tool: 'scan', principal: { kind: 'pipeline', id: 'Review Repository' }, run: 'r1' }));
  });

  it('calls nothing but bundled servers while a rule that guards may be lost', async () => {
    const { invoke } = harness('permissions:\n  - { effect: forbid, tools: fake.* }\n', async () => textReply(''));
    await assert.rejects(invoke(toolCall()), { code: 'PERMISSION_DENIED', message: /config\.yaml:3 is wrong/ });
    await invoke(toolCall({ server: 'code-analysis', tool: 'list_files' }));
  });
});
