/** The guarded transport over a child that is none: order, coalescing and reasons, without a process. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import type { ChildHandle } from '../../../../src/contracts/server.ts';
import { StdioTransport } from '../../../../src/mcp/transport/stdio-transport.ts';
import { VirtualClock } from '../../../fixtures/virtual-clock.ts';

function setUp() {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  let exit: (value: { code: number | null; signal: string | null }) => void = () => undefined;
  let stops = 0;
  const child: ChildHandle = {
    pid: 42,
    stdin,
    stdout,
    stderr,
    exited: new Promise((resolve) => {
      exit = resolve;
    }),
    stop: async () => {
      stops += 1;
    },
  };
  const clock = new VirtualClock();
  const notes: string[] = [];
  const received: JSONRPCMessage[] = [];
  const transport = new StdioTransport({
    child,
    clock,
    maxMessageBytes: 1_048_576,
    onStderr: () => undefined,
    onNote: (text) => notes.push(text),
  });
  transport.onmessage = (message) => void received.push(message);
  let closes = 0;
  transport.onclose = () => {
    closes += 1;
  };
  return {
    transport,
    stdin,
    stdout,
    stderr,
    clock,
    notes,
    received,
    exit: (code: number) => exit({ code, signal: null }),
    counts: () => ({ stops, closes }),
  };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await tick();
};
const line = (message: unknown): string => `${JSON.stringify(message)}\n`;
const CHANGED = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };

describe('the stdio transport', () => {
  it('writes one line for each message', async () => {
    const { transport, stdin } = setUp();
    await transport.start();
    await transport.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
    assert.equal(String(stdin.read()), '{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  });

  it('delivers a reply a turn after the progress that came with it', async () => {
    const { transport, stdout, received } = setUp();
    await transport.start();
    const order: string[] = [];
    transport.onmessage = (message) => {
      // as the SDK does: notices a few microtasks later, replies at once
      if ('method' in message) void Promise.resolve().then(() => order.push('progress'));
      else order.push('reply');
    };
    const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } };
    stdout.write(line(progress) + line(progress) + line({ jsonrpc: '2.0', id: 1, result: {} }));
    await settle();
    assert.deepEqual(order, ['progress', 'progress', 'reply']);
    assert.deepEqual(received, []);
  });

  it('folds a storm of list_changed into the first and, a moment later, one more', async () => {
    const { transport, stdout, received, clock } = setUp();
    await transport.start();
    for (let i = 0; i < 100; i++) stdout.write(line(CHANGED));
    await settle();
    assert.equal(received.length, 1);
    await clock.advance(1_000);
    assert.equal(received.length, 2);
    await clock.advance(1_000);
    assert.equal(received.length, 2);
  });

  it('says how the process ended and what it wrote last, once', async () => {
    const { transport, stdout, stderr, exit, counts } = setUp();
    await transport.start();
    stderr.write('one\ntwo\n');
    stderr.write('three');
    exit(9);
    stdout.end();
    stderr.end();
    await settle();
    assert.deepEqual(transport.reason, {
      code: 'CONNECTION_LOST',
      message: 'exited with code 9; it last wrote: one ⏎ two ⏎ three',
      isFinal: true,
    });
    await transport.close();
    assert.deepEqual(counts(), { stops: 1, closes: 1 });
    await assert.rejects(transport.send({ jsonrpc: '2.0', method: 'x' }), /closed/);
  });

  it('does not wait for pipes that somebody else holds open', async () => {
    const { transport, exit, clock } = setUp();
    await transport.start();
    exit(1);
    await settle();
    const reason = (): string => transport.reason?.message ?? 'none';
    assert.equal(reason(), 'none');
    await clock.advance(500);
    assert.match(reason(), /exited with code 1/);
  });

  it('takes a batch apart', async () => {
    const { transport, stdout, received } = setUp();
    await transport.start();
    stdout.write(
      line([
        { jsonrpc: '2.0', id: 1, result: {} },
        { jsonrpc: '2.0', id: 2, result: {} },
      ]),
    );
    await settle();
    assert.equal(received.length, 2);
  });
});
