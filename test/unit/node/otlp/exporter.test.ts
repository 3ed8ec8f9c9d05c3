/** Calls and metrics on their way to a collector, and what a bad collector costs. */
import assert from 'node:assert/strict';
import { systemClock } from '../../../../src/base/clock.ts';
import type { MetricsSnapshot, TraceEntry } from '../../../../src/contracts/index.ts';
import { CallMetrics } from '../../../../src/middleware/metrics.ts';
import { OtlpExporter, type OtlpExporterOptions } from '../../../../src/node/otlp/exporter.ts';
import { type Collector, startCollector } from '../../../fixtures/otlp/collector.ts';
import { VirtualClock } from '../../../fixtures/virtual-clock.ts';

const NO_METRICS: MetricsSnapshot = { since: 0, at: 0, active: 0, tools: [] };

function entry(change: Partial<TraceEntry> = {}): TraceEntry {
  return {
    traceId: 'ab'.repeat(16),
    spanId: 'cd'.repeat(8),
    server: 'wiki',
    tool: 'search',
    kind: 'tool',
    args: {},
    startTime: 1,
    endTime: 2,
    status: 'ok',
    ...change,
  };
}

describe('export to a collector', () => {
  let collector: Collector;
  let problems: string[];

  beforeEach(async () => {
    collector = await startCollector();
    problems = [];
  });

  afterEach(() => collector.close());

  function exporter(change: Partial<OtlpExporterOptions> = {}): OtlpExporter {
    return new OtlpExporter({
      endpoint: collector.endpoint,
      headers: () => Promise.resolve({ authorization: 'Bearer t' }),
      protocol: 'protobuf',
      clock: systemClock,
      metrics: () => NO_METRICS,
      onProblem: (message) => problems.push(message),
      lingerMs: 1,
      ...change,
    });
  }

  for (const protocol of ['json', 'protobuf'] as const) {
    it(`delivers calls and metrics as ${protocol}, with the headers that were asked for`, async () => {
      const metrics = new CallMetrics({ clock: systemClock });
      metrics.started('wiki', 'tool', 'search').ended(12, { status: 'ok' });
      const otlp = exporter({ protocol, metrics: () => metrics.snapshot() });
      otlp.sink(entry({ tool: 'first' }));
      otlp.sink(entry({ tool: 'second' }));
      await collector.arrived(1);
      await otlp.close();
      const [calls, figures] = collector.received;
      assert.equal(calls?.path, '/v1/traces');
      assert.equal(calls?.headers.authorization, 'Bearer t');
      const text = JSON.stringify(calls?.body);
      assert.ok(text.includes('tools/call first') && text.includes('tools/call second'), text);
      assert.equal(figures?.path, '/v1/metrics');
      assert.ok(JSON.stringify(figures?.body).includes('mcp.client.operation.duration'));
      assert.deepEqual(problems, []);
    });
  }

  it('sends again what a busy collector did not take, and says so once', async () => {
    const clock = new VirtualClock(0);
    const otlp = exporter({ clock });
    collector.answer = 503;
    otlp.sink(entry({ tool: 'kept' }));
    await clock.advance(1);
    await collector.arrived(1);
    await until(() => problems.length === 1);
    collector.answer = 200;
    await settle();
    await clock.advance(1_000);
    await collector.arrived(2);
    await otlp.close();
    assert.ok(JSON.stringify(collector.received[1]?.body).includes('tools/call kept'));
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /status 503/);
    assert.match(problems[1] ?? '', /sent again, 0 are missing/);
  });

  it('does not send again what the collector refuses', async () => {
    const otlp = exporter();
    collector.answer = 400;
    otlp.sink(entry());
    await collector.arrived(1);
    await until(() => problems.length === 1);
    await otlp.close();
    assert.equal(collector.received.length, 1);
  });

  it('keeps no more than it may while nobody is there, and counts the rest', async () => {
    const clock = new VirtualClock(0);
    let bodies: object[] = [];
    const otlp = exporter({
      clock,
      protocol: 'json',
      maxWaiting: 10,
      fetch: (_url, init) => {
        bodies = [...bodies, JSON.parse(String(init?.body)) as object];
        return Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }));
      },
    });
    for (let index = 0; index < 1_000; index += 1) otlp.sink(entry({ tool: `t${index}` }));
    await clock.advance(1);
    await settle();
    for (let index = 1_000; index < 1_005; index += 1) otlp.sink(entry({ tool: `t${index}` }));
    await clock.advance(1_000);
    await settle();
    const last = JSON.stringify(bodies.at(-1));
    assert.ok(last.includes('t1004') && last.includes('t995') && !last.includes('t994'), last);
    assert.match(problems[0] ?? '', /fetch failed: ECONNREFUSED/);
    await otlp.close();
    assert.match(problems.at(-1) ?? '', /1005 calls were not sent/);
  });

  it('ends within its bound when the collector never answers', async () => {
    const otlp = exporter({ closeMs: 50 });
    collector.answer = 'never';
    otlp.sink(entry());
    const startedAt = performance.now();
    await otlp.close();
    assert.ok(performance.now() - startedAt < 1_500);
    assert.equal(problems.length, 2, problems.join('\n'));
  });

  it('follows no redirect with the headers', async () => {
    const otlp = exporter();
    collector.answer = 307;
    otlp.sink(entry());
    await collector.arrived(1);
    await until(() => problems.length === 1);
    await otlp.close();
    assert.ok(collector.received.every(({ path }) => path === '/v1/traces'));
  });
});

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

async function until(done: () => boolean): Promise<void> {
  while (!done()) await settle();
}
