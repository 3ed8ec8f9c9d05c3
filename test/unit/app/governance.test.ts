/** The stack that a configuration makes. */
import assert from 'node:assert/strict';
import { parseUserConfig } from '../../../src/app/config/user-config.ts';
import { governanceLayers, governedInvoke } from '../../../src/app/governance.ts';
import { ConductorError } from '../../../src/base/errors.ts';
import type { Call, Invoke, Reply, ServerDirectory, ServerSnapshot, TraceEntry } from '../../../src/contracts/index.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const ready = { state: { status: 'ready' } } as ServerSnapshot;

interface Harness {
  readonly clock: VirtualClock;
  readonly invoke: Invoke;
  readonly entries: TraceEntry[];
  readonly seen: Call[];
}

function harness(yaml: string, answer: (call: Call, attempt: number) => Promise<Reply>): Harness {
  const { config, problems } = parseUserConfig(`version: 1\n${yaml}`, 'config.yaml');
  assert.deepEqual(problems, []);
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
  const options = {
    clock,
    servers,
    config,
    knownSecrets: () => ['tok-4711-secret'],
    onTrace: (entry: TraceEntry) => entries.push(entry),
  };
  return { clock, invoke: governedInvoke(options), entries, seen };
}

describe('the governed stack', () => {
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

  it('leaves out a layer that is switched off', () => {
    const { config } = parseUserConfig('version: 1\nlayers: { retry: false, breaker: false }\n', 'config.yaml');
    const options = {
      clock: new VirtualClock(),
      servers: {} as ServerDirectory,
      config,
      knownSecrets: () => [],
      onTrace: () => undefined,
    };
    const layers = Object.keys(governanceLayers(options));
    assert.ok(!layers.includes('retry') && !layers.includes('breaker') && layers.includes('timeout'));
  });
});
