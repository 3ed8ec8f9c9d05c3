/** Planning: every mistake is found before anything runs, with its line and column. */
import assert from 'node:assert/strict';
import type { Plan, Problem, ServerCatalog } from '../../../src/contracts/index.ts';
import { parseWorkflow } from '../../../src/workflow/parse.ts';
import { isPlan, planWorkflow } from '../../../src/workflow/plan.ts';

const catalog = {
  tools: [{ name: 'find' }, { name: 'save' }],
  resources: [],
  prompts: [],
  warnings: [],
} as unknown as ServerCatalog;
const servers = new Map<string, ServerCatalog | undefined>([
  ['store', catalog],
  ['unseen', undefined],
]);

function plan(text: string, bindings = {}): Plan | readonly Problem[] {
  const { spec, problems, locate } = parseWorkflow(text, 'test.workflow.yaml');
  return spec === undefined ? problems : planWorkflow(spec, servers, locate, bindings);
}

function problemsOf(text: string): string[] {
  const result = plan(text);
  assert.ok(!isPlan(result), 'expected problems, got a plan');
  return result.map(({ message, range }) => `${range?.line}:${range?.column} ${message}`);
}

const head = 'name: Test\nversion: 1\nsteps:\n';

describe('planWorkflow', () => {
  it('takes dependencies from expressions and from needs, in the order of the file', () => {
    const result = plan(
      `${head}  a: { call: store.find }\n  b: { call: store.find }\n  c:\n    call: store.save\n    needs: [b]\n    with: { x: "\${{ steps.a.y }}" }\n`,
    );
    assert.ok(isPlan(result));
    assert.deepEqual(
      result.steps.map(({ id, needs }) => [id, needs]),
      [
        ['a', []],
        ['b', []],
        ['c', ['a', 'b']],
      ],
    );
  });

  it('reads how often a step is tried again, as a number or in full', () => {
    const result = plan(
      `${head}  a: { call: store.find, retry: 5 }\n  b: { call: store.find, retry: { retries: 1, base: 200ms, maxWait: 2s } }\n`,
    );
    assert.ok(isPlan(result));
    const [a, b] = result.steps.map(({ retry }) => JSON.parse(JSON.stringify(retry)) as unknown);
    assert.deepEqual([a, b], [{ retries: 5 }, { retries: 1, baseMs: 200, maxWaitMs: 2_000 }]);
  });

  it('says what a retry is written like', () => {
    assert.match(
      problemsOf(`${head}  a: { call: store.find, retry: often }\n`)[0] ?? '',
      /^4:\d+ .*such as \{ retries: 5/,
    );
  });

  it('points at a step that does not exist', () => {
    assert.deepEqual(
      problemsOf(
        `${head}  a: { call: store.find }\n  b:\n    call: store.save\n    with:\n      x: "\${{ steps.z.y }}"\n`,
      ),
      ['8:15 there is no step "z"; there are a, b'],
    );
  });

  it('shows the circle', () => {
    assert.deepEqual(
      problemsOf(`${head}  a: { call: store.find, needs: [b] }\n  b: { call: store.find, needs: [a] }\n`),
      ['4:6 the steps a → b → a need each other in a circle'],
    );
  });

  it('points at a server and at a tool that do not exist', () => {
    assert.deepEqual(problemsOf(`${head}  a: { call: shop.find }\n  b: { call: store.buy }\n`), [
      '4:14 there is no server "shop"; there are store, unseen',
      '5:14 server "store" has no tool "buy"; it has find, save',
    ]);
  });

  it('does not judge the tools of a server that was never seen', () => {
    assert.ok(isPlan(plan(`${head}  a: { call: unseen.anything }\n`)));
  });

  it('points into an expression that is none', () => {
    assert.match(
      problemsOf(`${head}  a: { call: store.find, with: { x: "\${{ 1 + }}" } }\n`)[0] ?? '',
      /^4:\d+ not an expression: Unexpected end of expression/,
    );
  });

  it('says that a kind of step is not available yet', () => {
    assert.deepEqual(problemsOf(`${head}  a: { agent: { goal: think } }\n`), [
      '4:15 step a: `agent` steps are not available yet; `call`, `route` and `transform` are',
    ]);
  });

  it("points a step at the server of the user's choice", () => {
    const result = plan(`${head}  a: { call: store.find }\n`, { a: 'unseen.other' });
    assert.ok(isPlan(result));
    assert.deepEqual([result.steps[0]?.server, result.steps[0]?.tool], ['unseen', 'other']);
  });
});

describe('parseWorkflow', () => {
  it('reports broken YAML at its line', () => {
    assert.match(problemsOf('name: Test\nversion: 1\nsteps: [\n')[0] ?? '', /^\d+:\d+ .*/);
  });

  it('reports an unknown key, a wrong value and a missing one', () => {
    const found = problemsOf(`name: Test\nversion: 2\nsteps:\n  a: { call: nodot, colour: red }\n`).join('\n');
    assert.match(found, /2:10 version: /);
    assert.match(found, /4:14 steps\.a\.call: a call is `server\.tool`/);
    assert.match(found, /steps\.a: Unrecognized key: "colour"/);
  });

  it('reports a step of two kinds', () => {
    assert.match(
      problemsOf(`${head}  a: { call: store.find, transform: 1 }\n`).join('\n'),
      /exactly one of call, route.*this one has call, transform/,
    );
  });

  it('reads durations with their unit', () => {
    const result = plan(`${head}  a: { call: store.find, timeout: 1.5m }\n`);
    assert.ok(isPlan(result));
    assert.equal(result.steps[0]?.timeoutMs, 90_000);
  });
});
