/** One server with several connections: calls go on when one is lost, and what nobody uses is closed. */
import assert from 'node:assert/strict';
import { ConductorError } from '../../../src/base/errors.ts';
import type { Call, CallPhase, Reply } from '../../../src/contracts/call.ts';
import type { ServerCatalog, ServerDefinition, ToolInfo } from '../../../src/contracts/server.ts';
import type { Connection } from '../../../src/mcp/connection.ts';
import { type GivenPool, poolSettings } from '../../../src/mcp/pool/settings.ts';
import { ServerRuntime, type StartHooks } from '../../../src/mcp/server-runtime.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { settle, VirtualClock } from '../../fixtures/virtual-clock.ts';

const echo: ToolInfo = { name: 'echo', inputSchema: {}, definitionHash: 'h1' };
const catalogOf = (...tools: readonly ToolInfo[]): ServerCatalog => ({
  tools,
  resources: [],
  prompts: [],
  warnings: [],
});

class FakeConnection {
  readonly era = 'modern';
  readonly protocolVersion = '2026-07-28';
  readonly pid: number | undefined;
  readonly hooks: StartHooks;
  readonly calls: Call[] = [];
  catalog = catalogOf(echo);
  closed = 0;
  watched = 0;
  refreshed = 0;
  checks = 0;
  health: 'well' | 'silent' | 'gone' = 'well';
  readonly #answers: ((reply: Reply) => void)[] = [];

  constructor(pid: number | undefined, hooks: StartHooks) {
    this.pid = pid;
    this.hooks = hooks;
  }

  call(call: Call): Promise<Reply> {
    this.calls.push(call);
    return new Promise((resolve, reject) => {
      this.#answers.push(resolve);
      call.signal.addEventListener('abort', () => reject(call.signal.reason));
    });
  }

  answer(): void {
    for (const answer of this.#answers.splice(0)) answer(textReply(`over ${this.pid ?? 'http'}`));
  }

  async check(signal: AbortSignal): Promise<void> {
    this.checks += 1;
    if (this.health === 'gone') throw new ConductorError('CONNECTION_LOST', 'gone');
    if (this.health === 'well') return;
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('no answer'))));
  }

  watch(): void {
    this.watched += 1;
  }

  refresh(): void {
    this.refreshed += 1;
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

function setUp(type: 'http' | 'stdio', pool: GivenPool = {}) {
  const launch = type === 'http' ? { type, url: 'http://x', headers: {} } : { type, command: 'x', args: [], env: {} };
  const definition: ServerDefinition = { id: 'wiki', label: 'wiki', origin: { kind: 'bundled' }, launch, inputs: [] };
  const clock = new VirtualClock();
  const opened: FakeConnection[] = [];
  const lines: string[] = [];
  const runtime = new ServerRuntime({
    definition,
    clock,
    settings: () => poolSettings(type, { prefill: 1, ...pool }),
    open: async (_definition, hooks) => {
      const connection = new FakeConnection(type === 'http' ? undefined : 100 + opened.length, hooks);
      opened.push(connection);
      hooks.onCatalog(connection.catalog);
      return connection as unknown as Connection;
    },
    refusal: () => undefined,
    log: (_stream, text) => lines.push(text),
    onChange: () => undefined,
  });
  const at = (index: number): FakeConnection => opened[index] ?? assert.fail(`no connection ${index}`);
  const call = async (change: Partial<Call> = {}): Promise<{ reply: Promise<Reply> }> => {
    const reply = runtime.call(toolCall({ server: 'wiki', ...change }));
    reply.catch(() => undefined);
    await settle();
    return { reply };
  };
  const finish = async (): Promise<void> => {
    for (const connection of opened) connection.answer();
    await settle();
  };
  return { runtime, clock, opened, at, lines, call, finish, snapshot: () => runtime.snapshot() };
}

describe('a server with several connections', () => {
  it('carries one call over each at once, and tells those who wait that they do', async () => {
    const { call, opened, at, finish, snapshot } = setUp('http', { max: 2 });
    await call();
    await call();
    const phases: CallPhase[] = [];
    const { reply } = await call({ onPhase: (phase) => phases.push(phase) });
    assert.deepEqual(snapshot().connections, { max: 2, open: 2, calls: 2, waiting: 1 });
    assert.deepEqual(phases, ['waiting']);
    at(0).answer();
    await settle();
    assert.deepEqual(phases, ['waiting', 'sent']);
    await finish();
    await reply;
    assert.deepEqual([opened.length, snapshot().connections?.calls], [2, 0]);
  });

  it('takes the catalog from one of them, and has the others look again when it changes', async () => {
    const { call, at, finish, snapshot } = setUp('http', { max: 2 });
    await call();
    await call();
    const grown = catalogOf(echo, { ...echo, name: 'grown' });
    at(1).hooks.onCatalog(grown);
    assert.equal(snapshot().catalog?.tools.length, 1);
    at(0).hooks.onCatalog(grown);
    assert.equal(snapshot().catalog?.tools.length, 2);
    assert.equal(at(1).refreshed, 1);
    assert.deepEqual([at(0).hooks.follows, at(1).hooks.follows], [true, false]);
    await finish();
  });

  it('holds a call over another connection to the tool that the catalog shows', async () => {
    const { call, at, finish } = setUp('http', { max: 2 });
    await call();
    await call();
    assert.equal(at(0).calls[0]?.definitionHash, undefined);
    assert.equal(at(1).calls[0]?.definitionHash, 'h1');
    await finish();
  });

  it('goes on over the other process when one is lost, which leads from then on', async () => {
    const { call, at, finish, snapshot, opened } = setUp('stdio', { max: 2, calls: 1 });
    await call();
    await call();
    at(0).hooks.onLost('was ended by SIGKILL');
    assert.deepEqual(snapshot().state, { status: 'ready', era: 'modern', protocolVersion: '2026-07-28', pid: 101 });
    assert.deepEqual([at(0).closed, at(1).watched, at(1).refreshed], [1, 1, 1]);
    const { reply } = await call();
    await finish();
    assert.equal((await reply).kind, 'tool');
    assert.equal(opened.length, 3, 'what was lost is replaced when it is needed');
  });

  it('over HTTP gives up the unused connections with the lost one, for they lead to the same place', async () => {
    const { call, at, finish, snapshot } = setUp('http', { max: 3 });
    await call();
    await call();
    await finish();
    at(1).hooks.onLost('ECONNREFUSED');
    assert.deepEqual(snapshot().state, { status: 'failed', reason: 'ECONNREFUSED' });
    assert.deepEqual([at(0).closed, at(1).closed], [1, 1]);
    const { reply } = await call();
    await finish();
    await reply;
    assert.equal(snapshot().state.status, 'ready');
  });

  it('sends the copies of a hedged call over two of them', async () => {
    const { call, at, finish } = setUp('stdio');
    const copies = {};
    await call({ copies, leg: 0 });
    await call({ copies, leg: 1 });
    await call();
    assert.deepEqual([at(0).calls.length, at(1).calls.length], [2, 1]);
    await finish();
  });

  it('is stopped after 5 min without a call, and started by the next one', async () => {
    const { call, clock, finish, snapshot, lines, at } = setUp('stdio');
    await call();
    await clock.advance(600_000);
    assert.equal(snapshot().state.status, 'ready', 'a long call is not idleness');
    await finish();
    await clock.advance(295_000);
    assert.equal(snapshot().state.status, 'ready');
    await clock.advance(40_000);
    assert.equal(snapshot().state.status, 'stopped');
    assert.equal(at(0).closed, 1);
    assert.ok(lines.includes('stopped, because it was not used for 5 min'), lines.join('\n'));
    assert.equal(clock.pending, 0);
    await call();
    assert.equal(snapshot().state.status, 'ready');
    await finish();
    assert.ok(snapshot().catalog !== undefined);
  });

  it('closes what is more than it keeps when that is no longer needed', async () => {
    const { call, clock, finish, snapshot, at } = setUp('http', { max: 4 });
    for (let n = 0; n < 3; n += 1) await call();
    await finish();
    for (let n = 0; n < 24; n += 1) {
      await call();
      await clock.advance(15_000);
      await finish();
    }
    assert.equal(snapshot().connections?.open, 1);
    assert.equal(at(0).closed, 0, 'the one that the catalog comes from stays');
  });

  it('replaces a connection that does not answer twice in a row, and one that says it is gone at once', async () => {
    const { call, clock, finish, snapshot, at } = setUp('stdio', { max: 2, prefill: 2, calls: 1, idleMs: 0 });
    await call();
    await finish();
    assert.equal(snapshot().connections?.open, 2);
    at(0).health = 'silent';
    await clock.advance(55_000);
    assert.deepEqual([at(0).checks, at(0).closed], [1, 0]);
    await clock.advance(30_000);
    assert.deepEqual([at(0).checks, at(0).closed, snapshot().connections?.open], [2, 1, 2]);
    at(1).health = 'gone';
    await clock.advance(30_000);
    assert.deepEqual([at(1).closed, snapshot().connections?.open], [1, 2]);
  });

  it('leaves a busy connection alone', async () => {
    const { call, clock, finish, at } = setUp('stdio');
    await call();
    at(0).health = 'gone';
    await clock.advance(120_000);
    assert.deepEqual([at(0).checks, at(0).closed], [0, 0]);
    await finish();
  });

  it('gives each run its own where it remembers what it is told, and closes it with the run', async () => {
    const { call, runtime, finish, snapshot, at } = setUp('stdio', { stateful: true });
    await call({ run: 'a' });
    await call({ run: 'b' });
    await call({ run: 'a' });
    assert.deepEqual([at(0).calls.length, at(1).calls.length], [2, 1]);
    await finish();
    runtime.endRun('a');
    assert.equal(at(0).closed, 1);
    assert.equal(snapshot().state.status, 'ready');
    runtime.endRun('b');
    assert.equal(snapshot().state.status, 'stopped');
  });

  it('closes all of them when it is stopped, and refuses those who waited', async () => {
    const { call, runtime, at, snapshot, clock } = setUp('http', { max: 2 });
    await call();
    await call();
    const { reply } = await call();
    await Promise.all([assert.rejects(reply, { code: 'CANCELLED', message: /was stopped/ }), runtime.stop()]);
    assert.deepEqual([at(0).closed, at(1).closed, snapshot().connections?.open], [1, 1, 0]);
    assert.equal(clock.pending, 0);
  });
});
