/** What the audit writes down about a call, and when a call may not start. */
import assert from 'node:assert/strict';
import { ConductorError, type ErrorCode } from '../../../src/base/errors.ts';
import type { JsonValue } from '../../../src/base/json.ts';
import type { AuditLog, AuditRecord, Call, Invoke, ToolPolicy } from '../../../src/contracts/index.ts';
import { audit } from '../../../src/middleware/audit.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { settle, VirtualClock } from '../../fixtures/virtual-clock.ts';

const NORMAL: ToolPolicy = { idempotent: false, audit: 'normal', affectedSystems: [] };

/** A log whose disk answers when the test says so. */
class HeldLog implements AuditLog {
  readonly records: AuditRecord[] = [];
  readonly urgent: boolean[] = [];
  failure: Error | undefined;
  readonly #waiting: ((error?: Error) => void)[] = [];

  append(record: AuditRecord, urgent = false): Promise<void> {
    this.records.push(record);
    this.urgent.push(urgent);
    return new Promise((resolve, reject) => {
      this.#waiting.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  keyedHash(value: JsonValue): string {
    return `hash of ${JSON.stringify(value).length} characters`;
  }

  async disk(error?: Error): Promise<void> {
    for (const answer of this.#waiting.splice(0)) answer(error);
    await settle();
  }
}

function audited(terminal: Invoke, policy: Partial<ToolPolicy> = {}): { log: HeldLog; invoke: Invoke } {
  const log = new HeldLog();
  const clock = new VirtualClock(7_000);
  const layer = audit({
    log,
    clock,
    ids: { next: () => 'series' },
    policyOf: () => ({ ...NORMAL, ...policy }),
    redact: (text) => text.replaceAll('hunter2', '[REDACTED]'),
  });
  return { log, invoke: layer(terminal) };
}

const answers: Invoke = () => Promise.resolve(textReply('fine'));

describe('audit', () => {
  it('pairs an intent with an outcome that holds what the layers below learnt', async () => {
    const { log, invoke } = audited((call) => {
      if (call.record !== undefined) {
        call.record.attempts = 3;
        call.record.decision = { effect: 'ask', because: 'asked by rule 2', rule: 'config.yaml:9' };
        call.record.approval = 'a1';
      }
      return answers(call);
    });
    await invoke(toolCall({ tool: 'greet', run: 'r1', step: 's1' }));
    const [intent, outcome] = log.records;
    assert.deepEqual(
      { ...intent },
      {
        at: 7_000,
        kind: 'intent',
        principal: { kind: 'person', id: 'local' },
        server: 'fake',
        target: 'greet',
        run: 'r1',
        step: 's1',
        argumentsHash: 'hash of 66 characters',
        callId: 'series.1',
      },
    );
    assert.equal(outcome?.kind, 'outcome');
    assert.equal(outcome?.callId, 'series.1');
    assert.equal(outcome?.outcome, 'ok');
    assert.equal(outcome?.attempts, 3);
    assert.equal(outcome?.approval, 'a1');
    assert.equal(outcome?.decision?.because, 'asked by rule 2');
    assert.match(String(outcome?.resultHash), /^hash of/);
    assert.equal(log.records.length, 2);
  });

  it('holds neither arguments nor results', async () => {
    const { log, invoke } = audited(() => Promise.resolve(textReply('the-result')));
    await invoke(toolCall({ request: { kind: 'tool', tool: 't', args: { secret: 'the-argument' } } }));
    assert.doesNotMatch(JSON.stringify(log.records), /the-argument|the-result/);
  });

  it('tells a denial, a cancellation, an error and a tool that failed apart', async () => {
    const failing =
      (code: ErrorCode): Invoke =>
      () =>
        Promise.reject(new ConductorError(code, 'no'));
    const ends: [Invoke, string][] = [
      [failing('PERMISSION_DENIED'), 'denied'],
      [failing('SCOPE_DENIED'), 'denied'],
      [failing('APPROVAL_DENIED'), 'denied'],
      [failing('APPROVAL_EXPIRED'), 'denied'],
      [failing('CANCELLED'), 'cancelled'],
      [failing('TIMEOUT'), 'error'],
      [() => Promise.resolve({ ...textReply(''), isError: true }), 'tool_error'],
    ];
    for (const [terminal, expected] of ends) {
      const { log, invoke } = audited(terminal);
      await invoke(toolCall()).catch(() => undefined);
      assert.equal(log.records[1]?.outcome, expected);
    }
  });

  it('redacts the message of an error and cuts it', async () => {
    const { log, invoke } = audited(() => Promise.reject(new Error(`wrong password hunter2 ${'x'.repeat(2_000)}`)));
    await assert.rejects(invoke(toolCall()), /wrong password/);
    assert.match(log.records[1]?.error ?? '', /^INTERNAL: wrong password \[REDACTED\] x+…$/);
    assert.equal(log.records[1]?.error?.length, 501);
  });

  it('does not wait for the disk before a normal call', async () => {
    const { log, invoke } = audited(answers);
    assert.deepEqual(await invoke(toolCall()), textReply('fine'));
    assert.deepEqual(log.urgent, [false, false]);
  });

  it('starts a call that must be audited only when its intent is on disk', async () => {
    const started: Call[] = [];
    const { log, invoke } = audited(
      (call) => {
        started.push(call);
        return answers(call);
      },
      { audit: 'required' },
    );
    const call = invoke(toolCall());
    await settle();
    assert.equal(started.length, 0);
    assert.deepEqual(log.urgent, [true]);
    await log.disk();
    assert.equal(started.length, 1);
    assert.deepEqual(await call, textReply('fine'));
  });

  it('does not start it when the disk refuses', async () => {
    const { log, invoke } = audited(() => assert.fail('must not be called'), { audit: 'required' });
    const call = assert.rejects(invoke(toolCall()), {
      code: 'INTERNAL',
      message: /the audit log cannot be written, so no call may start: no space left/,
    });
    await settle();
    await log.disk(new Error('no space left'));
    await call;
  });

  it('can be cancelled while it waits for the disk, and says so', async () => {
    const controller = new AbortController();
    const { log, invoke } = audited(() => assert.fail('must not be called'), { audit: 'required' });
    const call = assert.rejects(invoke(toolCall({ signal: controller.signal })), { code: 'CANCELLED' });
    await settle();
    controller.abort();
    await call;
    assert.equal(log.records[1]?.outcome, 'cancelled');
  });

  it('starts no call once the log has failed', async () => {
    const { log, invoke } = audited(() => assert.fail('must not be called'));
    log.failure = new Error('read-only file system');
    await assert.rejects(invoke(toolCall()), { code: 'INTERNAL', message: /read-only file system/ });
    assert.equal(log.records.length, 0);
  });
});
