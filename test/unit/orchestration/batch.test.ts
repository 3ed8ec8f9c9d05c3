/** Batches, on virtual time: how many at once, in which order, and what stands where a call failed. */
import assert from 'node:assert/strict';
import { ConductorError } from '../../../src/base/errors.ts';
import type { Invoke } from '../../../src/contracts/index.ts';
import { type BatchResult, invokeBatch } from '../../../src/orchestration/batch.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const calls = (count: number) => Array.from({ length: count }, (_, item) => toolCall({ item }));

const summary = (result: BatchResult): string => {
  if (result.status === 'failed') return result.error.code;
  return result.reply.kind === 'tool' ? (result.reply.content[0]?.text ?? '') : result.reply.kind;
};

/** A server that takes a second per call. */
function slowServer(clock: VirtualClock): { readonly invoke: Invoke; readonly startedAt: number[] } {
  const startedAt: number[] = [];
  const invoke: Invoke = (call) => {
    startedAt.push(clock.now());
    return new Promise((resolve) => void clock.schedule(1_000, () => resolve(textReply(String(call.item)))));
  };
  return { invoke, startedAt };
}

describe('invokeBatch', () => {
  it('makes ten calls at once, and pauses 0.1 s between batches', async () => {
    const clock = new VirtualClock(0);
    const { invoke, startedAt } = slowServer(clock);
    const ended = invokeBatch(invoke, calls(21), { clock, signal: new AbortController().signal });
    await clock.runAll();
    assert.equal((await ended).length, 21);
    assert.deepEqual(startedAt, [...Array(10).fill(0), ...Array(10).fill(1_100), 2_200]);
  });

  it('keeps results in order, and errors in their place', async () => {
    const clock = new VirtualClock(0);
    const invoke: Invoke = (call) =>
      new Promise((resolve, reject) => {
        const item = call.item ?? 0;
        clock.schedule(100 - item * 10, () => {
          if (item === 1) reject(new ConductorError('PERMISSION_DENIED', 'no'));
          else if (item === 2) reject(new Error('a bug'));
          else resolve({ ...textReply(`reply ${item}`), isError: item === 3 });
        });
      });
    const ended = invokeBatch(invoke, calls(5), { clock, signal: new AbortController().signal });
    await clock.runAll();
    assert.deepEqual((await ended).map(summary), ['reply 0', 'PERMISSION_DENIED', 'INTERNAL', 'reply 3', 'reply 4']);
  });

  it('begins no further batch once it is cancelled, and keeps what it has', async () => {
    const clock = new VirtualClock(0);
    const { invoke, startedAt } = slowServer(clock);
    const controller = new AbortController();
    const ended = invokeBatch(invoke, calls(5), { clock, size: 2, signal: controller.signal });
    await clock.advance(1_050);
    controller.abort();
    assert.deepEqual((await ended).map(summary), ['0', '1', 'CANCELLED', 'CANCELLED', 'CANCELLED']);
    assert.equal(startedAt.length, 2);
    assert.equal(clock.pending, 0);
  });

  it('has no results for no calls', async () => {
    const signal = new AbortController().signal;
    assert.deepEqual(await invokeBatch(() => assert.fail(), [], { clock: new VirtualClock(), signal }), []);
  });

  it('refuses a size or a pause that makes no sense', async () => {
    const options = { clock: new VirtualClock(), signal: new AbortController().signal };
    const invoke: Invoke = () => assert.fail();
    await assert.rejects(
      invokeBatch(invoke, [], { ...options, size: 0 }),
      /batch\.size must be a whole number of at least 1, not 0/,
    );
    await assert.rejects(
      invokeBatch(invoke, [], { ...options, pauseMs: -1 }),
      /batch\.pauseMs must be at least 0, not -1/,
    );
  });
});
