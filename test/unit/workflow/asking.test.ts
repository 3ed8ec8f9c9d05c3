/** Steps that ask several tools: what the file says, who is asked, and what comes of it. */
import assert from 'node:assert/strict';
import { sleep } from '../../../src/base/clock.ts';
import { ConductorError } from '../../../src/base/errors.ts';
import type { JsonValue } from '../../../src/base/json.ts';
import type { Plan, Router, RouteQuestion, RunState, StepInput } from '../../../src/contracts/index.ts';
import { parseWorkflow } from '../../../src/workflow/parse.ts';
import { isPlan, planWorkflow } from '../../../src/workflow/plan.ts';
import { startRun } from '../../../src/workflow/run.ts';
import { MemoryJournal } from '../../fixtures/memory-journal.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const SERVERS = new Map(['a', 'b', 'c'].map((id) => [id, undefined]));

function planned(step: string): Plan | readonly string[] {
  const text = `name: Test\nversion: 1\nsteps:\n  s:\n${step.replace(/^/gm, '    ')}\n`;
  const { spec, problems, locate } = parseWorkflow(text, 'test.workflow.yaml');
  const plan = spec === undefined ? problems : planWorkflow(spec, SERVERS, locate);
  return isPlan(plan as Plan)
    ? (plan as Plan)
    : (plan as typeof problems).map(({ range, message }) => `${range?.line}: ${message}`);
}

type Answer = { readonly ms: number; readonly value?: JsonValue; readonly fails?: string };

interface Ran {
  readonly state: RunState;
  readonly value: JsonValue | undefined;
  readonly asked: readonly string[];
  readonly cancelled: readonly string[];
  readonly questions: readonly RouteQuestion[];
}

/** Runs one step; each server answers as scripted. */
async function ran(step: string, answers: Readonly<Record<string, Answer>>, router?: Router): Promise<Ran> {
  const plan = planned(step);
  assert.ok('workflow' in plan, JSON.stringify(plan));
  const clock = new VirtualClock();
  const asked: string[] = [];
  const cancelled: string[] = [];
  const questions: RouteQuestion[] = [];
  const call = async ({ step: { server = '', tool }, args, signal }: StepInput): Promise<JsonValue> => {
    asked.push(`${server}.${tool} ${JSON.stringify(args)}`);
    signal.addEventListener('abort', () => cancelled.push(server));
    const { ms, value, fails } = answers[server] ?? { ms: 1 };
    await sleep(clock, ms, signal);
    if (fails !== undefined) throw new ConductorError('TOOL_ERROR', fails);
    return value ?? `answer of ${server}`;
  };
  const handle = startRun({
    runId: 'run-1',
    title: 'Test',
    plan,
    inputs: {},
    journal: new MemoryJournal(),
    clock,
    executors: { call, transform: ({ args }) => Promise.resolve(args) },
    router:
      router &&
      ((question) => {
        questions.push(question);
        return router(question);
      }),
    onEvent: () => undefined,
    onProgress: () => undefined,
  });
  await clock.runAll();
  const state = await handle.ended;
  const stored = state.steps.get('s')?.result;
  return {
    state,
    value: stored !== undefined && 'value' in stored ? stored.value : undefined,
    asked,
    cancelled,
    questions,
  };
}

describe('a step that asks several tools', () => {
  const three = { a: { ms: 30 }, b: { ms: 10 }, c: { ms: 20, fails: 'broken' } };

  it('has the answers of all, and says which are missing and why', async () => {
    const { value, state } = await ran('call: [a.find, b.find, c.find]', three);
    assert.deepEqual(value, {
      replies: [
        { source: 'a.find', value: 'answer of a' },
        { source: 'b.find', value: 'answer of b' },
      ],
      failures: [{ source: 'c.find', reason: 'broken' }],
    });
    assert.deepEqual(state.steps.get('s')?.asked, [
      { target: 'a.find', status: 'succeeded', ms: 30 },
      { target: 'b.find', status: 'succeeded', ms: 10 },
      { target: 'c.find', status: 'failed', because: 'broken', ms: 20 },
    ]);
  });

  it('fails when fewer answer than have to, and says of each why', async () => {
    const step = 'call: [a.find, c.find]\nstrategy: { kind: all, least: 2 }';
    const { state } = await ran(step, three);
    assert.equal(state.steps.get('s')?.error?.message, 'too few of 2 tools answered: c.find: broken');
  });

  it('takes the first answer, and stops the others', async () => {
    const { value, cancelled } = await ran('call: [a.find, b.find, c.find]\nstrategy: first', three);
    assert.equal(value, 'answer of b');
    assert.deepEqual([...cancelled].sort(), ['a', 'c']);
  });

  it('takes as many relevant answers as a quorum wants', async () => {
    const step = 'call: [a.find, b.find, c.find]\nstrategy: { kind: quorum, size: 1, relevant: source != "b.find" }';
    const { value } = await ran(step, three);
    assert.deepEqual(value, {
      replies: [{ source: 'a.find', value: 'answer of a' }],
      failures: [
        { source: 'b.find', reason: 'not relevant' },
        { source: 'c.find', reason: 'broken' },
      ],
      reached: true,
    });
  });

  it('takes the best by an expression', async () => {
    const step = 'call: [a.find, b.find]\nstrategy: { kind: best, score: value.score }';
    const { value } = await ran(step, { a: { ms: 1, value: { score: 1 } }, b: { ms: 2, value: { score: 2 } } });
    assert.deepEqual(value, { score: 2 });
  });

  it('asks the next one when the first is slow', async () => {
    const step = 'call: [a.find, b.find]\nstrategy: { kind: hedge, after: 1s }';
    assert.equal((await ran(step, { a: { ms: 900 } })).asked.length, 1);
    assert.equal((await ran(step, { a: { ms: 5_000 } })).value, 'answer of b');
  });

  it('merges lists from wherever the answers hold them', async () => {
    const step = 'call: [a.find, b.find, c.find]\nmerge: { identify: [title] }';
    const { value } = await ran(step, {
      a: { ms: 1, value: { papers: [{ title: 'x' }, { title: 'y' }], total: 2 } },
      b: { ms: 2, value: { text: '{"results":[{"title":"Y","year":2020}]}', content: [] } },
      c: { ms: 3, value: { text: 'nothing was found', content: [] } },
    });
    assert.deepEqual(value, {
      items: [{ title: 'Y', year: 2020 }, { title: 'x' }],
      sources: [
        { source: 'a.find', items: 2 },
        { source: 'b.find', items: 1 },
      ],
      failures: [{ source: 'c.find', reason: 'its answer holds no list' }],
    });
  });

  it('falls back, one after another', async () => {
    const step = 'call: a.find\nfallback: { to: [b.find, c.find], after: 1s }';
    const { value, asked, cancelled } = await ran(step, { a: { ms: 9_000 }, b: { ms: 5, fails: 'broken' } });
    assert.equal(value, 'answer of c');
    assert.deepEqual([asked.length, cancelled], [3, ['a']]);
  });
});

describe('a step that routes', () => {
  const router: Router = ({ args }) =>
    Promise.resolve({
      choices: [
        { server: 'a', tool: 'find_papers', args: { q: args.query ?? null }, because: ['speaks of papers'] },
        { server: 'b', tool: 'search', args, because: ['speaks of search'] },
      ],
      refused: [],
    });

  it('asks the tools that were found, each in its own words, and keeps why', async () => {
    const step = 'route: { intent: "find ${{ \'papers\' }}", max: 2 }\nwith: { query: graphs }';
    const { asked, state, questions } = await ran(step, {}, router);
    assert.deepEqual(asked, ['a.find_papers {"q":"graphs"}', 'b.search {"query":"graphs"}']);
    assert.deepEqual([questions[0]?.intent, questions[0]?.max], ['find papers', 2]);
    assert.equal(state.steps.get('s')?.asked?.[0]?.because, 'speaks of papers');
  });

  it('fails when nothing is found, and says what stood in the way', async () => {
    const nobody: Router = () => Promise.resolve({ choices: [], refused: ['a.find: denied by rule 2 of config.yaml'] });
    const { state } = await ran('route: { intent: find papers }', {}, nobody);
    assert.match(state.steps.get('s')?.error?.message ?? '', /^no tool can find papers: a\.find: denied by rule 2/);
  });
});

describe('a file that asks in a way that makes no sense', () => {
  const cases: readonly (readonly [step: string, problem: RegExp])[] = [
    ['call: a.find\nstrategy: first', /^6: step s: a strategy is for several tools/],
    [
      'call: [a.find, b.find]\nstrategy: { kind: first, size: 2 }',
      /^6: step s: `size` goes with quorum, not with first/,
    ],
    ['call: [a.find, b.find]\nstrategy: hedge\nmerge: {}', /`merge` goes with all and quorum; hedge gives one answer/],
    ['call: [a.find, b.find]\nfallback: c.find', /`fallback` goes with one `call`/],
    ['call: [a.find, a.find]', /a\.find is asked twice/],
    ['transform: 1\nmerge: {}', /`merge` goes with `call` and `route`/],
    ['call: [a.find, nobody.find]', /^5: there is no server "nobody"/],
    ['call: [a.find, b.find]\nstrategy: { kind: best, score: "value.(" }', /^6: not an expression/],
    ['call: [a.find, b.find]\nstrategy: second', /one of all, quorum, first, best, hedge, or an object/],
  ];
  for (const [step, problem] of cases) {
    it(`is told: ${step.replaceAll('\n', '; ')}`, () => {
      const problems = planned(step);
      assert.ok(Array.isArray(problems), 'it was planned');
      assert.match((problems as readonly string[])[0] ?? '', problem);
    });
  }
});
