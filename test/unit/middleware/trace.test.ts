/** What a trace entry says, and what it must never say. */
import assert from 'node:assert/strict';
import { ConductorError } from '../../../src/base/errors.ts';
import type { Call, Invoke, TraceEntry } from '../../../src/contracts/index.ts';
import { trace } from '../../../src/middleware/trace.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

function traced(terminal: Invoke): { invoke: Invoke; entries: TraceEntry[]; clock: VirtualClock } {
  const entries: TraceEntry[] = [];
  const clock = new VirtualClock(5_000);
  return {
    invoke: trace({ clock, sink: (entry) => entries.push(entry), randomHex: (bytes) => 'ab'.repeat(bytes) })(terminal),
    entries,
    clock,
  };
}

describe('trace', () => {
  it('records who was asked what, when, and how it ended', async () => {
    const { invoke, entries, clock } = traced(async () => {
      await clock.advance(25);
      return textReply('hello');
    });
    await invoke(toolCall({ tool: 'greet', run: 'r1', step: 's1' }));
    assert.deepEqual(JSON.parse(JSON.stringify(entries)), [
      {
        server: 'fake',
        tool: 'greet',
        kind: 'tool',
        args: {},
        run: 'r1',
        step: 's1',
        principal: { kind: 'person', id: 'local' },
        traceId: 'ab'.repeat(16),
        spanId: 'ab'.repeat(8),
        status: 'ok',
        resultSize: 5,
        startTime: 5_000,
        endTime: 5_025,
      },
    ]);
  });

  it('redacts fields named like a secret in any case and depth', async () => {
    const { invoke, entries } = traced(() => Promise.resolve(textReply('')));
    const args = {
      user: 'ann',
      Password: 'p1',
      nested: [{ apiKey: 'k1', ACCESS_TOKEN: 't1', client_secret: 's1' }],
      monkey: 'banana',
    };
    await invoke(toolCall({ request: { kind: 'tool', tool: 'login', args } }));
    assert.deepEqual(entries[0]?.args, {
      user: 'ann',
      Password: '[REDACTED]',
      nested: [{ apiKey: '[REDACTED]', ACCESS_TOKEN: '[REDACTED]', client_secret: '[REDACTED]' }],
      monkey: 'banana',
    });
  });

  it('sends W3C trace context with the call', async () => {
    let sent: Call | undefined;
    const { invoke } = traced((call) => {
      sent = call;
      return Promise.resolve(textReply(''));
    });
    await invoke(toolCall({ meta: { kept: 1 } }));
    assert.deepEqual(sent?.meta, { kept: 1, traceparent: `00-${'ab'.repeat(16)}-${'ab'.repeat(8)}-01` });
  });

  it('tells a tool that failed from a call that failed from one that was cancelled', async () => {
    const outcomes: Invoke[] = [
      () => Promise.resolve({ ...textReply('no'), isError: true }),
      () => Promise.reject(new ConductorError('CONNECTION_LOST', 'gone')),
      () => Promise.reject(new ConductorError('CANCELLED', 'stopped')),
    ];
    const seen: unknown[] = [];
    for (const outcome of outcomes) {
      const { invoke, entries } = traced(outcome);
      await invoke(toolCall()).catch(() => undefined);
      seen.push([entries[0]?.status, entries[0]?.error?.code]);
    }
    assert.deepEqual(seen, [
      ['tool_error', 'TOOL_ERROR'],
      ['error', 'CONNECTION_LOST'],
      ['cancelled', 'CANCELLED'],
    ]);
  });

  it('cuts texts that are too long to show', async () => {
    const { invoke, entries } = traced(() => Promise.resolve(textReply('')));
    await invoke(toolCall({ request: { kind: 'tool', tool: 'put', args: { body: 'x'.repeat(5_000) } } }));
    assert.deepEqual(entries[0]?.args, { body: `${'x'.repeat(1_000)}… (5000 characters)` });
  });
});
