/** What the metrics say about calls, and that they stay within bounds. */
import assert from 'node:assert/strict';
import { ConductorError } from '../../../src/base/errors.ts';
import type { Invoke, TraceEntry } from '../../../src/contracts/index.ts';
import { CallMetrics } from '../../../src/middleware/metrics.ts';
import { trace } from '../../../src/middleware/trace.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

describe('metrics of calls', () => {
  it('counts calls, failures by code, durations and what is under way, per tool', async () => {
    const clock = new VirtualClock(0);
    const metrics = new CallMetrics({ clock, limitOf: () => 30_000 });
    let outcome: Invoke = () => Promise.resolve(textReply('ok'));
    const invoke = trace({ clock, metrics, sink: () => undefined })(async (call) => {
      await clock.advance(300);
      return outcome(call);
    });
    await invoke(toolCall({ tool: 'a' }));
    outcome = () => Promise.reject(new ConductorError('TIMEOUT', 'slow'));
    await assert.rejects(invoke(toolCall({ tool: 'a' })));
    outcome = () => Promise.reject(new ConductorError('CANCELLED', 'stopped'));
    await assert.rejects(invoke(toolCall({ tool: 'a' })));
    outcome = () => Promise.resolve({ ...textReply('no'), isError: true });
    await invoke(toolCall({ tool: 'b' }));
    const pending = metrics.started('fake', 'tool', 'b');

    const { active, tools } = metrics.snapshot();
    assert.equal(active, 1);
    const [a, b] = tools;
    assert.deepEqual([a?.target, a?.calls, a?.errors, a?.active], ['a', 3, { TIMEOUT: 1, CANCELLED: 1 }, 0]);
    assert.equal(a?.successRate, 0.5, 'a call that somebody stopped says nothing about the tool');
    assert.deepEqual(
      [a?.durations.sum, a?.durations.min, a?.durations.max, a?.durations.counts[5]],
      [900, 300, 300, 3],
    );
    assert.equal(a?.limitMs, 30_000);
    assert.deepEqual([b?.errors, b?.successRate, b?.active], [{ TOOL_ERROR: 1 }, 0, 1]);
    pending.ended(1, { status: 'ok' });
    assert.equal(metrics.snapshot().active, 0);
  });

  it('counts resources of a server together, and tools beyond the bound', () => {
    const metrics = new CallMetrics({ clock: new VirtualClock(0), maxTargets: 10 });
    for (let index = 0; index < 1_000; index += 1) {
      metrics.started('fake', 'resource', `file:///${index}`).ended(1, { status: 'ok' });
      metrics.started('fake', 'tool', `tool-${index}`).ended(1, { status: 'ok' });
    }
    const { tools } = metrics.snapshot();
    assert.ok(tools.length <= 12, String(tools.length));
    assert.equal(
      tools.reduce((sum, { calls }) => sum + calls, 0),
      2_000,
    );
  });
});

describe('what the layers did on the way', () => {
  it('is told by the entry of the call', async () => {
    const clock = new VirtualClock(0);
    const entries: TraceEntry[] = [];
    const invoke = trace({ clock, sink: (entry) => entries.push(entry) })((call) => {
      call.record?.events.push({ name: 'retry', at: 7, data: { attempt: 1 } });
      if (call.record !== undefined) Object.assign(call.record, { attempts: 2, replay: 'cache', limitMs: 5_000 });
      return Promise.resolve(textReply(''));
    });
    await invoke(toolCall());
    const { events, attempts, replay, limitMs } = entries[0] ?? {};
    assert.deepEqual(events, [{ name: 'retry', at: 7, data: { attempt: 1 } }]);
    assert.deepEqual([attempts, replay, limitMs], [2, 'cache', 5_000]);
  });

  it('goes on in the trace of whoever asked with a trace context', async () => {
    const entries: TraceEntry[] = [];
    const sent: unknown[] = [];
    const invoke = trace({ clock: new VirtualClock(0), sink: (entry) => entries.push(entry) })((call) => {
      sent.push(call.meta.traceparent);
      return Promise.resolve(textReply(''));
    });
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    await invoke(toolCall({ meta: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } }));
    await invoke(toolCall({ meta: { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` } }));
    assert.deepEqual([entries[0]?.traceId, entries[0]?.parentSpanId], [traceId, '00f067aa0ba902b7']);
    assert.equal(sent[0], `00-${traceId}-${entries[0]?.spanId}-01`);
    assert.match(entries[1]?.traceId ?? '', /^(?!0{32})[0-9a-f]{32}$/);
    assert.equal(entries[1]?.parentSpanId, undefined);
  });
});
