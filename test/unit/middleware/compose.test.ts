/** The stack is put together in one order, whatever the caller writes. */
import assert from 'node:assert/strict';
import type { Middleware } from '../../../src/contracts/index.ts';
import { compose, composeStack, LAYERS, type Layers } from '../../../src/middleware/compose.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';

const recording =
  (name: string, log: string[]): Middleware =>
  (next) =>
  async (call) => {
    log.push(name);
    return next(call);
  };

describe('compose', () => {
  it('runs the first listed middleware outermost', async () => {
    const log: string[] = [];
    const invoke = compose(() => Promise.resolve(textReply('end')), [recording('outer', log), recording('inner', log)]);
    await invoke(toolCall());
    assert.deepEqual(log, ['outer', 'inner']);
  });

  it('is the terminal itself when nothing is listed', () => {
    const terminal = () => Promise.resolve(textReply('end'));
    assert.equal(compose(terminal, []), terminal);
  });
});

describe('composeStack', () => {
  it('orders the layers as the design does, not as the record does', async () => {
    const log: string[] = [];
    const layers = Object.fromEntries([...LAYERS].reverse().map((name) => [name, recording(name, log)])) as Layers;
    await composeStack(() => Promise.resolve(textReply('end')), layers)(toolCall());
    assert.deepEqual(log, [...LAYERS]);
  });

  it('names a layer that does not exist, and those that do', () => {
    assert.throws(
      () => composeStack(() => Promise.resolve(textReply('')), { cash: recording('', []) } as Layers),
      /unknown middleware cash; there are trace, /,
    );
  });

  it('keeps the order of the design', () => {
    assert.deepEqual(LAYERS, [
      'trace',
      'minimizeInput',
      'audit',
      'permissions',
      'approval',
      'cache',
      'idempotency',
      'minimizeOutput',
      'hedge',
      'retry',
      'breaker',
      'rateLimit',
      'concurrency',
      'timeout',
      'recovery',
    ]);
  });
});
