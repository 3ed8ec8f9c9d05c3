/** A person is asked once for each call, unless they said more; what they said is void when the thing is another. */
import assert from 'node:assert/strict';
import { isConductorError } from '../../../src/base/errors.ts';
import type { ApprovalDecision, ApprovalRequest, Approver, Call, CallRecord } from '../../../src/contracts/index.ts';
import { Grants } from '../../../src/middleware/approval/grants.ts';
import { approval, type ApprovalOptions } from '../../../src/middleware/approval.ts';
import { OneServer, policy, toolInfo, yes } from '../../fixtures/approvals.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { settle, VirtualClock } from '../../fixtures/virtual-clock.ts';

type Answer = ApprovalDecision | undefined;

/** Answers from a list; waits when it is at its end. */
class ScriptedApprover implements Approver {
  readonly requests: ApprovalRequest[] = [];
  readonly timeouts: number[] = [];
  withdrawn = 0;
  readonly #answers: (Answer | (() => Answer | Promise<Answer>))[];

  constructor(...answers: (Answer | (() => Answer | Promise<Answer>))[]) {
    this.#answers = answers;
  }

  submit(request: ApprovalRequest): Promise<string> {
    this.requests.push(request);
    return Promise.resolve(`approval-${this.requests.length}`);
  }

  waitForDecision(_id: string, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    this.timeouts.push(timeoutMs);
    if (this.#answers.length > 0) {
      const answer = this.#answers.shift();
      return Promise.resolve(typeof answer === 'function' ? answer() : answer);
    }
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        this.withdrawn += 1;
        reject(signal.reason);
      });
    });
  }
}

function setUp(approver: Approver, change: Partial<ApprovalOptions> = {}) {
  const clock = new VirtualClock();
  const servers = new OneServer();
  const grants = new Grants({ clock, onError: assert.ifError });
  const passed: Call[] = [];
  const layer = approval({ clock, approver, grants, policy, servers, workspace: '/repo', ...change });
  const invoke = layer((call) => {
    passed.push(call);
    return Promise.resolve(textReply('done'));
  });
  return { clock, servers, grants, passed, invoke };
}

const askRecord = (): CallRecord => ({
  decision: { effect: 'ask', because: 'to be asked by rule 1 of config.yaml:4' },
  attempts: 0,
  events: [],
});

const ask = (change: Parameters<typeof toolCall>[0] = {}): Call =>
  toolCall({ principal: { kind: 'pipeline', id: 'publish' }, record: askRecord(), ...change });

describe('approval', () => {
  it('does nothing for a call that is allowed', async () => {
    const approver = new ScriptedApprover();
    const { invoke, passed } = setUp(approver);
    const call = toolCall();
    await invoke(call);
    assert.equal(passed[0], call);
    assert.equal(approver.requests.length, 0);
  });

  it('shows which program is started, but no credential on its command line', async () => {
    const approver = new ScriptedApprover(yes());
    const { invoke, servers } = setUp(approver);
    servers.relaunch('npx wiki --api-token s3cr3t-1 --key=s3cr3t-2 https://me:s3cr3t-3@host/');
    await invoke(ask());
    const [request] = approver.requests;
    assert.match(request?.destination ?? '', /^a program on this machine: npx wiki --api-token \[REDACTED\] .*@host\//);
    assert.doesNotMatch(request?.destination ?? '', /s3cr3t/);
  });

  it('shows what, where, why and until when, with the risk of the policy', async () => {
    const approver = new ScriptedApprover(yes());
    const { invoke, servers } = setUp(approver);
    servers.offer(toolInfo('echo', { annotations: { readOnlyHint: true } }));
    await invoke(ask({ request: { kind: 'tool', tool: 'echo', args: { body: 'text' } }, run: 'r1', step: 's1' }));
    const [request] = approver.requests;
    assert.ok(request);
    const { argumentsDigest, serverIdentity, definitionHash, ...shown } = request;
    assert.match(argumentsDigest, /^[0-9a-f]{64}$/);
    assert.match(serverIdentity, /^[0-9a-f]{64}$/);
    assert.match(definitionHash, /^hash of echo/);
    assert.deepEqual(shown, {
      operation: 'fake.echo',
      summary: 'pipeline publish wants to run fake.echo',
      server: 'fake',
      tool: 'echo',
      args: { body: 'text' },
      risk: 'high',
      reasons: ['to be asked by rule 1 of config.yaml:4', 'your policy calls its risk high'],
      affectedSystems: ['the wiki'],
      destination: 'a program on this machine: server',
      preview: { text: 'What it would change is not known: it has no dry run.', changes: [] },
      requestor: { kind: 'pipeline', id: 'publish' },
      run: 'r1',
      step: 's1',
      deadline: 1_000_000 + 3_600_000,
    });
    assert.deepEqual(approver.timeouts, [3_600_000]);
  });

  it('assumes medium where the policy names no risk, whatever the server says of itself', async () => {
    const approver = new ScriptedApprover(yes());
    const { invoke, servers } = setUp(approver);
    servers.offer(toolInfo('other', { annotations: { readOnlyHint: true, destructiveHint: false } }));
    await invoke(ask({ tool: 'other' }));
    assert.equal(approver.requests[0]?.risk, 'medium');
    assert.deepEqual(approver.requests[0]?.affectedSystems, ['fake']);
  });

  it('shows what a dry run would change, and that one failed', async () => {
    const approver = new ScriptedApprover(yes(), yes());
    let fails = false;
    const dryRun = (): Promise<readonly string[]> =>
      fails ? Promise.reject(new Error('no such page')) : Promise.resolve(['page 1']);
    const { invoke } = setUp(approver, { dryRun });
    await invoke(ask());
    fails = true;
    await invoke(ask());
    assert.deepEqual(approver.requests[0]?.preview, { text: 'A dry run found 1 change.', changes: ['page 1'] });
    assert.match(approver.requests[1]?.preview.text ?? '', /its dry run failed \(no such page\)/);
  });

  it('lets the call through on a yes and writes the approval on its record', async () => {
    const { invoke, passed } = setUp(new ScriptedApprover(yes()));
    const call = ask();
    await invoke(call);
    assert.equal(passed.length, 1);
    assert.match(passed[0]?.definitionHash ?? '', /^hash of /, 'the call is held to what was approved');
    assert.equal(call.record?.approval, 'approval-1');
    assert.deepEqual(
      call.record?.events.map(({ name }) => name),
      ['approval requested', 'approved'],
    );
  });

  it('takes a no for a no, and no answer too', async () => {
    const { invoke, passed, clock } = setUp(
      new ScriptedApprover(yes({ approved: false }), () => clock.advance(3_600_000).then(() => undefined)),
    );
    await assert.rejects(invoke(ask()), { code: 'APPROVAL_DENIED', message: 'fake.echo: ada said no' });
    await assert.rejects(invoke(ask()), {
      code: 'APPROVAL_EXPIRED',
      message: /nobody answered in time, which means no/,
    });
    assert.equal(passed.length, 0);
  });

  it('says that a question is parked when the queue does not wait', async () => {
    const { invoke } = setUp(new ScriptedApprover(undefined));
    await assert.rejects(invoke(ask()), (error: unknown) => {
      assert.ok(isConductorError(error));
      assert.equal(error.code, 'APPROVAL_EXPIRED');
      assert.equal(error.details.parked, true);
      assert.match(error.message, /parked until somebody decides about approval approval-1/);
      return true;
    });
  });

  it('waits no longer than the answer is of use to the call', async () => {
    const approver = new ScriptedApprover(yes());
    await setUp(approver).invoke(ask({ deadline: 1_000_500 }));
    assert.deepEqual(approver.timeouts, [500]);
  });

  it('asks again for the same call after a yes for once', async () => {
    const approver = new ScriptedApprover(yes(), yes());
    const { invoke, grants } = setUp(approver);
    await invoke(ask());
    await invoke(ask());
    assert.equal(approver.requests.length, 2);
    assert.deepEqual(grants.list(), []);
  });

  it('asks no more in a run after a yes for the run, and again in another run', async () => {
    const approver = new ScriptedApprover(yes({ scope: 'run' }), yes());
    const { invoke, grants } = setUp(approver);
    await invoke(ask({ run: 'r1' }));
    const again = ask({ run: 'r1', request: { kind: 'tool', tool: 'echo', args: { other: 'arguments' } } });
    await invoke(again);
    assert.equal(again.record?.approval, 'approval-1');
    assert.equal(approver.requests.length, 1);
    await invoke(ask({ run: 'r2' }));
    assert.equal(approver.requests.length, 2);
    await grants.endRun('r1');
    assert.deepEqual(grants.list(), []);
  });

  it('takes a yes for the tool for that tool and caller alone, one for the server for all its tools', async () => {
    const tool = setUp(new ScriptedApprover(yes({ scope: 'always' }), yes(), yes()));
    await tool.invoke(ask());
    await tool.invoke(ask());
    await tool.invoke(ask({ tool: 'other' }));
    await tool.invoke(ask({ principal: { kind: 'agent', id: 'critic' } }));
    assert.equal(tool.passed.length, 4);
    const approver = new ScriptedApprover(yes({ scope: 'workspace', reach: 'server' }));
    const server = setUp(approver);
    await server.invoke(ask());
    await server.invoke(ask({ tool: 'other' }));
    await server.invoke(ask({ request: { kind: 'resource', uri: 'file:///a' } }));
    assert.equal(approver.requests.length, 1);
  });

  it('asks again when the tool has changed, shows how, and forgets what was granted', async () => {
    const approver = new ScriptedApprover(yes({ scope: 'always' }), yes());
    const { invoke, servers, grants } = setUp(approver);
    await invoke(ask());
    servers.offer(
      toolInfo('echo', { description: 'now mails it too', inputSchema: { type: 'object', required: ['to'] } }),
    );
    await invoke(ask());
    const request = approver.requests[1];
    assert.match(request?.reasons.at(-1) ?? '', /its definition has changed since: description, inputSchema\.required/);
    assert.deepEqual(request?.preview.changes, [
      { kind: 'definition', path: 'description', before: 'does echo', after: 'now mails it too' },
      { kind: 'definition', path: 'inputSchema.required', after: ['to'] },
    ]);
    assert.deepEqual(grants.list(), []);
  });

  it('asks again when the server is started in another way', async () => {
    const approver = new ScriptedApprover(yes({ scope: 'always', reach: 'server' }), yes());
    const { invoke, servers } = setUp(approver);
    await invoke(ask());
    servers.relaunch('another-program');
    await invoke(ask());
    assert.match(approver.requests[1]?.reasons.at(-1) ?? '', /is started or reached in another way now/);
  });

  it('keeps a yes for a server for the tools that did not change, and asks about a new one', async () => {
    const approver = new ScriptedApprover(yes({ scope: 'always', reach: 'server' }), yes(), yes());
    const { invoke, servers } = setUp(approver);
    await invoke(ask());
    servers.offer(toolInfo('echo', { description: 'changed' }), toolInfo('other'), toolInfo('new'));
    await invoke(ask());
    await invoke(ask({ tool: 'new' }));
    await invoke(ask({ tool: 'other' }));
    assert.deepEqual(
      approver.requests.map(({ tool }) => tool),
      ['echo', 'echo', 'new'],
    );
  });

  it('refuses what has changed while it waited', async () => {
    const { invoke, passed, servers } = setUp(
      new ScriptedApprover(() => {
        servers.offer(toolInfo('echo', { description: 'swapped meanwhile' }));
        return yes();
      }),
    );
    await assert.rejects(invoke(ask()), { code: 'TOOL_CHANGED' });
    assert.equal(passed.length, 0);
  });

  it('withdraws the questions that another answer has covered', async () => {
    const approver = new ScriptedApprover();
    const { invoke, passed, grants } = setUp(approver);
    const waiting = [1, 2, 3].map((item) => invoke(ask({ run: 'r1', item })));
    await settle();
    assert.equal(approver.requests.length, 3);
    const { principal } = ask();
    assert.ok(principal);
    const { serverIdentity, definitionHash } = approver.requests[0] as ApprovalRequest;
    await grants.add({
      ...{ id: 'g1', scope: 'run', reach: 'tool', server: 'fake', tool: 'echo', by: 'ada', at: 1, run: 'r1' },
      ...{ serverIdentity, principal, definitions: { echo: { hash: definitionHash } } },
    });
    await Promise.all(waiting);
    assert.equal(passed.length, 3);
    assert.equal(approver.withdrawn, 3);
  });

  it('stops asking when the call is cancelled', async () => {
    const approver = new ScriptedApprover();
    const { invoke } = setUp(approver);
    const controller = new AbortController();
    const waiting = invoke(ask({ signal: controller.signal }));
    await settle();
    controller.abort(new Error('the person closed the run'));
    await assert.rejects(waiting, /closed the run|cancelled/);
    assert.equal(approver.withdrawn, 1);
  });

  it('binds to what the server offers now, not to what it offered before it stopped', async () => {
    const approver = new ScriptedApprover(yes({ scope: 'always' }), yes());
    const { invoke, servers } = setUp(approver);
    await invoke(ask());
    servers.stop(toolInfo('echo', { description: 'after an update' }));
    await invoke(ask());
    assert.equal(approver.requests.length, 2);
  });

  it('starts a server whose tools are not known, and does not ask about a tool that is not there', async () => {
    const servers = new OneServer([toolInfo('echo')], false);
    const approver = new ScriptedApprover(yes());
    const { invoke } = setUp(approver, { servers });
    await invoke(ask());
    assert.equal(servers.started, 1);
    await assert.rejects(invoke(ask({ tool: 'missing' })), { code: 'TOOL_NOT_FOUND' });
    assert.equal(approver.requests.length, 1);
  });

  it('refuses a time-out that no answer can keep', () => {
    assert.throws(() => setUp(new ScriptedApprover(), { timeoutMs: 0 }), /approval\.timeoutMs must be over 0, not 0/);
  });
});
