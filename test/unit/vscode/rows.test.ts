/** The words in the rows of both views, and the state that the review panel is sent. */
import assert from 'node:assert/strict';
import type { RunState, ServerSnapshot } from '../../../src/contracts/index.ts';
import { panelState, targetOf } from '../../../src/vscode/panels/review-state.ts';
import {
  rowOf,
  runDescription,
  runStatus,
  runTooltip,
  stepDescription,
  stepNodes,
  stepTooltip,
} from '../../../src/vscode/trees/run-nodes.ts';
import {
  childNodes,
  problemTooltip,
  rootNodes,
  serverDescription,
  serverTooltip,
} from '../../../src/vscode/trees/server-nodes.ts';

const server = (over: Partial<ServerSnapshot>): ServerSnapshot => ({
  definition: {
    id: 'a',
    label: 'a',
    origin: { kind: 'bundled' },
    launch: { type: 'stdio', command: 'x', args: [], env: {} },
    inputs: [],
  },
  state: { status: 'stopped' },
  catalog: undefined,
  ...over,
});

const tool = { name: 't', inputSchema: {}, definitionHash: '' };

const step = (id: string, name?: string) =>
  ({ id, ...(name === undefined ? {} : { name }), kind: 'call', with: {}, needs: [], onError: 'continue' }) as const;

const run = (over: Partial<RunState>): RunState => ({
  runId: 'r1',
  title: 'Review of app',
  plan: {
    workflow: { name: 'review', version: 1, file: 'f', digest: '' },
    inputs: {},
    steps: [step('one', 'First'), step('two')],
    outputs: {},
  },
  inputs: {},
  status: 'running',
  createdAt: 1000,
  steps: new Map([
    ['one', { id: 'one', status: 'succeeded', startedAt: 1000, endedAt: 1500 }],
    ['two', { id: 'two', status: 'running', startedAt: 1500 }],
  ]),
  nextSeq: 0,
  ...over,
});

describe('rows of servers', () => {
  it('say the state, the number of tools, or what went wrong', () => {
    assert.equal(serverDescription(server({})), 'stopped');
    const catalog = { tools: [tool], resources: [], prompts: [], warnings: [] };
    assert.equal(
      serverDescription(server({ state: { status: 'ready', era: 'modern', protocolVersion: 'v' }, catalog })),
      'ready · 1 tool',
    );
    assert.equal(
      serverDescription(server({ state: { status: 'failed', reason: 'no\nsuch file' } })),
      'failed: no such file',
    );
  });

  it('put problems first and leave empty groups out', () => {
    const warned = server({ catalog: { tools: [tool], resources: [], prompts: [], warnings: ['twice'] } });
    assert.deepEqual(
      rootNodes([warned], [{ severity: 'error', message: 'm', code: 'c' }], true).map(({ kind }) => kind),
      ['problem', 'server'],
    );
    assert.deepEqual(
      childNodes({ kind: 'server', server: warned }).map(({ kind }) => kind),
      ['warning', 'group'],
    );
  });

  it('come after the reason why none is started, where the workspace is not trusted', () => {
    assert.deepEqual(
      rootNodes([server({})], [], false).map(({ kind }) => kind),
      ['untrusted', 'server'],
    );
    assert.match(serverTooltip(server({}), false), /not trusted/);
    assert.doesNotMatch(serverTooltip(server({}), true), /not trusted/);
  });

  it('say where a server comes from', () => {
    const definition = {
      ...server({}).definition,
      origin: { kind: 'workspace', folder: 'app', file: '/app/.vscode/mcp.json' } as const,
    };
    assert.match(serverTooltip(server({ definition }), true), /Configured in \/app\/\.vscode\/mcp\.json/);
  });
});

describe('rows of runs', () => {
  it('count the steps that ended and the time while it runs', () => {
    assert.equal(runDescription(rowOf({ runId: 'r1', state: run({}) }, true), 3000), '1 of 2 steps · 2.0 s');
  });

  it('tell runs of one folder apart by when they began', () => {
    const createdAt = new Date(2026, 10, 22, 14, 5).getTime();
    const row = rowOf(
      { runId: 'r1', state: run({ status: 'succeeded', createdAt, endedAt: createdAt + 2000 }) },
      false,
    );
    assert.equal(runDescription(row, createdAt + 60_000), 'succeeded · 14:05 · 2.0 s');
  });

  it('say when nobody here carries a run on', () => {
    const row = rowOf({ runId: 'r1', state: run({}) }, false);
    assert.equal(runStatus(row), 'detached');
    assert.match(runDescription(row, 3000), /interrupted/);
  });

  it('name each step as the plan does, with progress and errors', () => {
    const progress = new Map([['two', { progress: 5, total: 10, message: 'parsing' }]]);
    const [first, second] = stepNodes(rowOf({ runId: 'r1', state: run({}) }, true, progress));
    assert.ok(first?.kind === 'step' && second?.kind === 'step');
    assert.equal(first.label, 'First');
    assert.equal(stepDescription(first.step, first.progress, 3000), '500 ms');
    assert.equal(stepDescription(second.step, second.progress, 3000), '50 % parsing · 1.5 s');
    const failed = { id: 'x', status: 'failed', error: { code: 'TIMEOUT', message: 'too late' } } as const;
    assert.equal(stepDescription(failed, undefined, 0), 'too late');
  });
});

describe('tooltips', () => {
  const long = `spawn nope ENOENT ${'x'.repeat(5000)}\nthe end`;

  it('hold an error that its row cuts off, whole and without what hides or colours text', () => {
    const failed = { id: 'one', status: 'failed', error: { code: 'TIMEOUT', message: `\u001b${long}` } } as const;
    const row = rowOf({ runId: 'r1', state: run({ steps: new Map([['one', failed]]) }) }, false);
    const [node] = stepNodes(row);
    assert.ok(node?.kind === 'step');
    for (const text of [
      stepTooltip(node),
      runTooltip(row),
      serverTooltip(server({ state: { status: 'failed', reason: long } }), true),
      problemTooltip({ severity: 'error', code: 'c', message: long }),
    ])
      assert.ok(text.includes(long), text.slice(0, 80));
  });

  it('say why a step was skipped', () => {
    const skipped = { id: 'one', status: 'skipped', reason: long } as const;
    const [node] = stepNodes(rowOf({ runId: 'r1', state: run({ steps: new Map([['one', skipped]]) }) }, false));
    assert.ok(node?.kind === 'step' && stepTooltip(node).includes(long));
  });
});

describe('the state of the review panel', () => {
  it('belongs to what the run reviews', () => {
    assert.equal(targetOf(run({ inputs: { path: '/app' } })), '/app');
    assert.equal(targetOf(run({ inputs: { url: 'https://example.org/a.git' } })), 'https://example.org/a.git');
    assert.equal(targetOf(run({})), 'r1');
  });

  it('shows progress while the run is live', () => {
    const state = panelState({
      state: run({}),
      live: true,
      progress: new Map([['two', { progress: 1, total: 4 }]]),
      report: undefined,
    });
    assert.equal(state.status, 'running');
    assert.deepEqual(state.steps[1], { id: 'two', label: 'two', status: 'running', progress: '25 %' });
  });

  it('says that a run was interrupted instead of turning for ever', () => {
    const state = panelState({ state: run({}), live: false, progress: new Map(), report: undefined });
    assert.equal(state.status, 'cancelled');
    assert.match(state.error ?? '', /interrupted/);
    assert.equal(state.steps[1]?.status, 'cancelled');
  });
});
