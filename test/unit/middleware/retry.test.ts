/** Retries, on virtual time: what is tried again, when, how often, and what is thrown in the end. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConductorError, type ErrorCode, ERROR_CODES, isConductorError } from '../../../src/base/errors.ts';
import type { Call, CallRecord, Invoke } from '../../../src/contracts/index.ts';
import { retry, type RetryOptions } from '../../../src/middleware/retry.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

type Step = ConductorError | Error | 'ok';

const notSent = (): ConductorError => new ConductorError('CONNECTION_LOST', 'gone', { sent: false });
const sent = (): ConductorError => new ConductorError('CONNECTION_LOST', 'gone', { sent: true });

interface Harness {
  readonly clock: VirtualClock;
  readonly invoke: Invoke;
  /** Milliseconds after the start at which each attempt came. */
  readonly attempts: number[];
}

/** A server that goes through `script`, its last step for ever; the longest wait is always drawn. */
function harness(script: readonly Step[], options: Partial<RetryOptions> = {}): Harness {
  const clock = new VirtualClock(0);
  const attempts: number[] = [];
  const terminal: Invoke = () => {
    const step = script[Math.min(attempts.length, script.length - 1)] ?? 'ok';
    attempts.push(clock.now());
    return step === 'ok' ? Promise.resolve(textReply('done')) : Promise.reject(step);
  };
  const layer = retry({ clock, isIdempotent: () => false, random: () => 1, ...options });
  return { clock, invoke: layer(terminal), attempts };
}

async function failureOf(made: Harness, call: Call = toolCall()): Promise<ConductorError> {
  const failed = made.invoke(call).then(
    () => assert.fail('the call should have failed'),
    (error: unknown) => error,
  );
  await made.clock.runAll();
  const error = await failed;
  assert.ok(isConductorError(error), String(error));
  return error;
}

async function replyOf(made: Harness, call: Call = toolCall()): Promise<void> {
  const reply = made.invoke(call);
  await made.clock.runAll();
  assert.deepEqual(await reply, textReply('done'));
}

describe('retry', () => {
  it('waits 1, 2 and 4 s at most, and gives up after three retries', async () => {
    const made = harness([notSent()]);
    const error = await failureOf(made);
    assert.deepEqual(made.attempts, [0, 1_000, 3_000, 7_000]);
    assert.equal(error.code, 'CONNECTION_LOST');
    assert.equal(error.sent, false);
    assert.equal(error.details.attempts, 4);
    assert.equal(error.message, 'gone (attempt 4, the last)');
    assert.ok(isConductorError(error.cause) && error.cause.message === 'gone');
  });

  it('goes by what the step asks for, and by the configuration in the rest', async () => {
    const step = toolCall({ retry: { retries: 4, baseMs: 10, maxWaitMs: 30 } });
    const made = harness([notSent()]);
    await failureOf(made, step);
    assert.deepEqual(made.attempts, [0, 10, 30, 60, 90]);
    const none = harness([notSent()]);
    await failureOf(none, toolCall({ retry: { retries: 0 } }));
    assert.equal(none.attempts.length, 1);
  });

  it('says that the call waits while it does, so that nobody sends a copy meanwhile', async () => {
    const made = harness([notSent(), 'ok']);
    const phases: string[] = [];
    await replyOf(made, toolCall({ onPhase: (phase) => phases.push(phase) }));
    assert.deepEqual(phases, ['waiting']);
  });

  it('leaves alone what would fail in the same way again, transient code or not', async () => {
    const made = harness([new ConductorError('SERVER_START_FAILED', 'no such command', { retryable: false })]);
    const error = await failureOf(made);
    assert.equal(made.attempts.length, 1);
    assert.equal(error.retryable, false);
  });

  it('draws each wait between nothing and the longest one', async () => {
    const draws = [0, 0.5, 0.25];
    const made = harness([notSent()], { random: () => draws.shift() ?? 0 });
    await failureOf(made);
    assert.deepEqual(made.attempts, [0, 0, 1_000, 2_000]);
  });

  it('retries exactly the transient codes of the table', async () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const made = harness([new ConductorError(code, 'x', { sent: false }), 'ok'], { isIdempotent: () => true });
      const ended = made.invoke(toolCall()).catch(() => undefined);
      await made.clock.runAll();
      await ended;
      assert.equal(made.attempts.length, ERROR_CODES[code].transient ? 2 : 1, code);
    }
  });

  it('throws a first failure that is final as it was', async () => {
    const denied = new ConductorError('PERMISSION_DENIED', 'no');
    const broken = new Error('a bug');
    await assert.rejects(harness([denied]).invoke(toolCall()), (error) => error === denied);
    await assert.rejects(harness([broken]).invoke(toolCall()), (error) => error === broken);
  });

  it('repeats what may have been carried out only if policy calls the tool idempotent', async () => {
    const asked: string[] = [];
    for (const error of [
      sent(),
      new ConductorError('CONNECTION_LOST', 'gone'),
      new ConductorError('TIMEOUT', 'late'),
    ]) {
      const once = harness([error, 'ok']);
      await failureOf(once, toolCall({ tool: 'publish' }));
      assert.equal(once.attempts.length, 1);
      const twice = harness([error, 'ok'], {
        isIdempotent: (server, tool) => asked.push(`${server}.${tool}`) > 0,
      });
      await replyOf(twice, toolCall({ tool: 'search' }));
      assert.equal(twice.attempts.length, 2);
    }
    assert.deepEqual(asked, ['fake.search', 'fake.search', 'fake.search']);
  });

  it('repeats reading a resource, which changes nothing by the protocol', async () => {
    const made = harness([sent(), 'ok']);
    await replyOf(made, toolCall({ request: { kind: 'resource', uri: 'file:///a' } }));
    assert.equal(made.attempts.length, 2);
  });

  it('waits at least as long as the server asks, and the jitter besides', async () => {
    const busy = new ConductorError('RATE_LIMITED', 'busy', { details: { retryAfterMs: 5_000 } });
    const made = harness([busy, 'ok'], { random: () => 0.5 });
    await replyOf(made);
    assert.deepEqual(made.attempts, [0, 5_500]);
  });

  it('does not wait for a server that asks for longer than a minute', async () => {
    const made = harness([new ConductorError('RATE_LIMITED', 'busy', { details: { retryAfterMs: 3_600_000 } })]);
    await failureOf(made);
    assert.deepEqual(made.attempts, [0]);
    assert.equal(made.clock.pending, 0);
  });

  it('never begins an attempt at or after the deadline', async () => {
    const made = harness([notSent()]);
    const error = await failureOf(made, toolCall({ deadline: 3_000 }));
    assert.deepEqual(made.attempts, [0, 1_000]);
    assert.equal(error.details.notRetried, 'deadline');
  });

  it('rejects at once when it is cancelled while it waits', async () => {
    const made = harness([notSent()]);
    const controller = new AbortController();
    const call = assert.rejects(made.invoke(toolCall({ signal: controller.signal })), { code: 'CANCELLED' });
    await made.clock.advance(500);
    controller.abort();
    await call;
    assert.equal(made.attempts.length, 1);
    assert.equal(made.clock.pending, 0);
  });

  it('writes down attempts that reached the server, and every retry', async () => {
    const record: CallRecord = { attempts: 0, events: [] };
    const open = new ConductorError('BREAKER_OPEN', 'rests');
    const made = harness([sent(), open, 'ok'], { isIdempotent: () => true });
    await replyOf(made, toolCall({ record }));
    assert.equal(record.attempts, 2);
    assert.deepEqual(record.events, [
      { name: 'retry', at: 0, data: { attempt: 1, code: 'CONNECTION_LOST', waitMs: 1_000 } },
      { name: 'retry', at: 1_000, data: { attempt: 2, code: 'BREAKER_OPEN', waitMs: 2_000 } },
    ]);
  });

  it('says in the record why it did not try again', async () => {
    const record: CallRecord = { attempts: 0, events: [] };
    await failureOf(harness([sent()]), toolCall({ record }));
    assert.deepEqual(record.events, [
      { name: 'retry.refused', at: 0, data: { attempt: 1, code: 'CONNECTION_LOST', because: 'executed' } },
    ]);
  });

  it('keeps to a tenth of the calls of a server and ten per minute, whatever fails when', async () => {
    const gaps = fc.array(fc.nat({ max: 30_000 }), { minLength: 1, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(gaps, async (waits) => {
        const made = harness([notSent()]);
        const ended: Promise<unknown>[] = [];
        for (const wait of waits) {
          ended.push(made.invoke(toolCall()).catch(() => undefined));
          await made.clock.advance(wait);
          const retries = made.attempts.length - ended.length;
          const most = 10 + 0.1 * ended.length + made.clock.now() / 6_000;
          assert.ok(retries <= most + 1e-6, `${retries} retries of ${ended.length} calls`);
        }
        await made.clock.runAll();
        await Promise.all(ended);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses options out of their range by name', () => {
    const options = { clock: new VirtualClock(), isIdempotent: () => false };
    assert.throws(() => retry({ ...options, retries: -1 }), {
      name: 'RangeError',
      message: 'retry.retries must be a whole number of at least 0, not -1',
    });
    assert.throws(
      () => retry({ ...options, budgetShare: 2 }),
      /retry\.budgetShare must be a number from 0 to 1, not 2/,
    );
    assert.throws(
      () => retry({ ...options, baseMs: Number.NaN }),
      /retry\.baseMs must be a number of at least 0, not NaN/,
    );
  });
});
