/** What a person learns about calls afterwards: traces, metrics, and what a collector is sent. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetricsSnapshot, TraceEntry } from '../../src/contracts/index.ts';
import { fakeServerDefinition, type FakeServer } from '../fixtures/fake-server/index.ts';
import { type Collector, startCollector } from '../fixtures/otlp/collector.ts';
import { CommandLine, type Outcome } from '../harness/command-line.ts';

describe('traces and metrics on the command line', function () {
  this.timeout(60_000);
  let cli: CommandLine;
  let wiki: FakeServer;
  let collector: Collector;

  before(async () => {
    cli = await CommandLine.open();
    collector = await startCollector();
    wiki = fakeServerDefinition('wiki', {
      tools: { search: { reply: { text: 'found' } }, fail: { reply: { text: 'no', isError: true } } },
    });
    const { launch } = wiki.definition;
    await writeFile(join(cli.folder, 'wiki.json'), JSON.stringify({ servers: { wiki: launch } }));
    const config = join(cli.folder, 'config', 'mcp-conductor');
    await mkdir(config, { recursive: true });
    await writeFile(
      join(config, 'config.yaml'),
      `version: 1\notlp:\n  endpoint: ${collector.endpoint}\n  headers: { authorization: 'Bearer \${{ secrets.TOKEN }}' }\n`,
    );
    const env = { MCP_CONDUCTOR_SECRET_OTLP__TOKEN: 'collector-token-1' };
    await call('search', ['--arg', 'query=hunters', '--arg', 'password=hunter2'], env);
    await call('fail', [], env);
  });

  after(async () => {
    await wiki.dispose();
    await collector.close();
    await cli.dispose();
  });

  const call = (tool: string, args: readonly string[], env: Record<string, string>): Promise<Outcome> =>
    cli.run(['tools', 'call', `wiki.${tool}`, '--config', 'wiki.json', ...args], { env });

  it('prints every call as a line of JSON, without what is secret', async () => {
    const { stdout, code } = await cli.run(['trace', 'export']);
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TraceEntry);
    assert.equal(code, 0);
    assert.deepEqual(
      entries.map(({ server, tool, status, args }) => ({ server, tool, status, args })),
      [
        { server: 'wiki', tool: 'search', status: 'ok', args: { query: 'hunters', password: '[REDACTED]' } },
        { server: 'wiki', tool: 'fail', status: 'tool_error', args: {} },
      ],
    );
    assert.match(entries[0]?.traceId ?? '', /^[0-9a-f]{32}$/);
  });

  it('prints what a collector reads, and only what was asked for', async () => {
    const { stdout } = await cli.run(['trace', 'export', '--format', 'otlp', '--since', '1h']);
    const lines = stdout.trim().split('\n');
    assert.equal(lines.length, 1);
    assert.ok(lines[0]?.startsWith('{"resourceSpans":['), stdout);
    assert.equal((await cli.run(['trace', 'export', '--since', '2999-01-01'])).stdout, '');
    assert.equal((await cli.run(['trace', 'export', '--run', 'nobody'])).stdout, '');
    assert.equal((await cli.run(['trace', 'export', '--since', 'soon'])).code, 2);
  });

  it('sums up per tool', async () => {
    const { stdout } = await cli.run(['metrics', '--json']);
    const { tools } = JSON.parse(stdout) as MetricsSnapshot;
    assert.deepEqual(
      tools.map(({ target, calls, successRate, errors }) => ({ target, calls, successRate, errors })),
      [
        { target: 'search', calls: 1, successRate: 1, errors: {} },
        { target: 'fail', calls: 1, successRate: 0, errors: { TOOL_ERROR: 1 } },
      ],
    );
    assert.match((await cli.run(['metrics'])).stdout, /wiki\.search +1 +100\.0 %/);
  });

  it('has sent the same to the collector, with the credential that was given for it', () => {
    const traces = collector.received.filter(({ path }) => path === '/v1/traces');
    const metrics = collector.received.filter(({ path }) => path === '/v1/metrics');
    const text = JSON.stringify(traces.map(({ body }) => body));
    assert.ok(text.includes('tools/call search') && text.includes('tools/call fail'), text);
    assert.ok(text.includes('"stringValue":"tool_error"') && !text.includes('hunter2'), text);
    assert.ok(metrics.length >= 1);
    assert.equal(traces[0]?.headers.authorization, 'Bearer collector-token-1');
  });

  it('says what to do where there is no credential', async () => {
    const { stderr, code } = await call('search', [], {});
    assert.equal(code, 0, 'a call does not depend on the collector');
    assert.match(stderr, /collector at .*needs the credential TOKEN: mcp-conductor credentials set otlp TOKEN/);
  });
});
