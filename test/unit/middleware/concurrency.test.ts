/** Slots: how many calls at once, and whose turn it is. */
import assert from 'node:assert/strict';
import type { Call, Invoke } from '../../../src/contracts/index.ts';
import { concurrency, type ConcurrencyOptions } from '../../../src/middleware/concurrency.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { settle } from '../../fixtures/virtual-clock.ts';

/** A server that answers when told to, and remembers who is inside. */
function gate(options: ConcurrencyOptions): { invoke: Invoke; inside: Call[]; finishNext: () => Promise<void> } {
  const inside: Call[] = [];
  const releases: (() => void)[] = [];
  const invoke = concurrency(options)((call) => {
    inside.push(call);
    return new Promise((resolve) => releases.push(() => resolve(textReply('done'))));
  });
  return {
    invoke,
    inside,
    finishNext: async () => {
      releases.shift()?.();
      await settle();
    },
  };
}

describe('concurrency', () => {
  it('lets no more than the global number in', async () => {
    const { invoke, inside, finishNext } = gate({ global: 2 });
    const calls = [1, 2, 3].map(() => invoke(toolCall()));
    await settle();
    assert.equal(inside.length, 2);
    await finishNext();
    assert.equal(inside.length, 3);
    await finishNext();
    await finishNext();
    await Promise.all(calls);
  });

  it('does not let a server with a limit of its own hold up another', async () => {
    const { invoke, inside } = gate({ global: 10, perServer: (server) => (server === 'narrow' ? 1 : undefined) });
    for (const server of ['narrow', 'narrow', 'wide', 'wide']) void invoke(toolCall({ server }));
    await settle();
    assert.deepEqual(
      inside.map((call) => call.server),
      ['narrow', 'wide', 'wide'],
    );
  });

  it('serves waiting runs in turn, so that a large one does not starve a small one', async () => {
    const { invoke, inside, finishNext } = gate({ global: 1 });
    for (const run of ['large', 'large', 'large', 'large', 'small']) void invoke(toolCall({ run }));
    await settle();
    await finishNext();
    await finishNext();
    assert.deepEqual(
      inside.map((call) => call.run),
      ['large', 'large', 'small'],
    );
  });

  it('gives up waiting when the call is cancelled, and leaves no slot taken', async () => {
    const { invoke, inside, finishNext } = gate({ global: 1 });
    const controller = new AbortController();
    const first = invoke(toolCall());
    const second = assert.rejects(invoke(toolCall({ signal: controller.signal })), { code: 'CANCELLED' });
    const third = invoke(toolCall());
    controller.abort();
    await second;
    await finishNext();
    assert.equal(inside.length, 2);
    await finishNext();
    await Promise.all([first, third]);
  });

  it('gives the slot back when the call fails', async () => {
    const invoke = concurrency({ global: 1 })(() => Promise.reject(new Error('broken')));
    await assert.rejects(invoke(toolCall()), /broken/);
    await assert.rejects(invoke(toolCall()), /broken/);
  });

  it('refuses a limit that is not a whole number of at least 1', () => {
    assert.throws(() => concurrency({ global: 0 }), /concurrency\.global must be a whole number of at least 1, not 0/);
  });
});
