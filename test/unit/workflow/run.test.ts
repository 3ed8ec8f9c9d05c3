/** A run from first to last event, on virtual time. */
import assert from 'node:assert/strict';
import { abortError } from '../../../src/base/abort.ts';
import { sleep } from '../../../src/base/clock.ts';
import { ConductorError } from '../../../src/base/errors.ts';
import type { JsonObject, JsonValue } from '../../../src/base/json.ts';
import type { RunHandle, StepExecutor, StepInput, StepProgress } from '../../../src/contracts/index.ts';
import { foldAll } from '../../../src/workflow/fold.ts';
import { isIntact } from '../../../src/workflow/journal-event.ts';
import { parseWorkflow } from '../../../src/workflow/parse.ts';
import { isPlan, planWorkflow } from '../../../src/workflow/plan.ts';
import { startRun } from '../../../src/workflow/run.ts';
import { MemoryJournal } from '../../fixtures/memory-journal.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

interface Harness {
  readonly handle: RunHandle;
  readonly clock: VirtualClock;
  readonly journal: MemoryJournal;
  readonly calls: StepInput[];
  readonly progress: StepProgress[];
}

/** Runs the steps of a workflow; `answers` maps a tool to a value, a thrown error, or a duration and then a value. */
function run(
  steps: string,
  answers: Record<string, (input: StepInput, clock: VirtualClock) => Promise<JsonValue> | JsonValue> = {},
  options: { readonly inputs?: JsonObject; readonly concurrency?: number } = {},
): Harness {
  const { spec, locate, problems } = parseWorkflow(`name: Test\nversion: 1\nsteps:\n${steps}`, 'test.workflow.yaml');
  assert.ok(spec !== undefined, JSON.stringify(problems));
  const plan = planWorkflow(spec, new Map([['s', undefined]]), locate);
  assert.ok(isPlan(plan), JSON.stringify(plan));
  const clock = new VirtualClock();
  const journal = new MemoryJournal();
  const calls: StepInput[] = [];
  const progress: StepProgress[] = [];
  const call: StepExecutor = async (input) => {
    calls.push(input);
    return (await answers[input.step.tool ?? '']?.(input, clock)) ?? { ok: true };
  };
  const handle = startRun({
    runId: 'run-1',
    title: 'Test',
    plan,
    inputs: options.inputs ?? {},
    journal,
    clock,
    executors: { call, transform: ({ args }) => Promise.resolve(args) },
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    onEvent: () => undefined,
    onProgress: (entry) => progress.push(entry),
  });
  return { handle, clock, journal, calls, progress };
}

async function finish({ handle, clock }: Harness): Promise<Record<string, string>> {
  await clock.runAll();
  const state = await handle.ended;
  return Object.fromEntries([...state.steps.values()].map((step) => [step.id, step.status]));
}

const takes =
  (ms: number, value: JsonValue = {}) =>
  async ({ signal }: StepInput, clock: VirtualClock): Promise<JsonValue> => {
    await sleep(clock, ms, signal);
    return value;
  };
const fails = () => Promise.reject(new ConductorError('TOOL_ERROR', 'it broke'));

describe('a run', () => {
  it('starts a step the moment its last dependency ends, and takes no longer than the longest path', async () => {
    const harness = run(
      `  a: { call: s.slow }\n  b: { call: s.fast }\n  c: { call: s.fast, needs: [b] }\n  d: { call: s.fast, needs: [a, c] }\n`,
      { slow: takes(300), fast: takes(100) },
    );
    const startedAt = harness.clock.now();
    await finish(harness);
    assert.equal(harness.clock.now() - startedAt, 400);
    const state = harness.handle.state();
    assert.equal(state.steps.get('c')?.startedAt, state.steps.get('b')?.endedAt);
  });

  it('hands the value of a step to those that mention it', async () => {
    const harness = run(
      `  a: { call: s.find }\n  b: { call: s.use, with: { id: "\${{ steps.a.hits[0].id }}", fixed: 1 } }\n`,
      { find: () => ({ hits: [{ id: 7 }] }) },
    );
    await finish(harness);
    assert.deepEqual(harness.calls[1]?.args, { id: 7, fixed: 1 });
  });

  it('skips only what needs a failed step, and says why', async () => {
    const harness = run(
      `  a: { call: s.bad }\n  b: { call: s.ok, needs: [a] }\n  c: { call: s.ok, needs: [b] }\n  d: { call: s.ok }\n`,
      { bad: fails },
    );
    assert.deepEqual(await finish(harness), { a: 'failed', b: 'skipped', c: 'skipped', d: 'succeeded' });
    const state = harness.handle.state();
    assert.equal(state.status, 'failed');
    assert.equal(state.error?.message, 'it broke');
    assert.equal(state.steps.get('c')?.reason, 'it needs b, which was skipped');
  });

  it('goes on without the value of a step that may fail', async () => {
    const harness = run(
      `  a: { call: s.bad, onError: continue }\n  b: { call: s.ok, with: { x: "\${{ steps.a.x }}", y: 1 } }\n`,
      { bad: fails },
    );
    assert.deepEqual(await finish(harness), { a: 'failed', b: 'succeeded' });
    assert.equal(harness.handle.state().status, 'succeeded');
    assert.deepEqual(harness.calls[1]?.args, { y: 1 });
  });

  it('cancels what is under way on the wire and starts nothing more', async () => {
    const harness = run(`  a: { call: s.slow }\n  b: { call: s.slow, needs: [a] }\n`, { slow: takes(1_000) });
    await harness.clock.advance(500);
    harness.handle.cancel('enough');
    assert.deepEqual(await finish(harness), { a: 'cancelled', b: 'skipped' });
    assert.equal(harness.handle.state().status, 'cancelled');
    assert.equal(abortError(harness.calls[0]?.signal).message, 'enough');
    assert.equal(harness.calls.length, 1);
  });

  it('fails a step that passes its own time-out, and leaves no timer behind', async () => {
    const harness = run(`  a: { call: s.slow, timeout: 200ms }\n`, { slow: takes(1_000) });
    assert.deepEqual(await finish(harness), { a: 'failed' });
    assert.equal(harness.handle.state().steps.get('a')?.error?.code, 'TIMEOUT');
    assert.equal(harness.clock.pending, 0);
  });

  it('skips a step whose condition is false', async () => {
    const harness = run(
      `  a: { call: s.find }\n  b: { call: s.ok, if: "steps.a.n > 1" }\n  c: { call: s.ok, if: "\${{ steps.a.n = 1 }}" }\n`,
      { find: () => ({ n: 1 }) },
    );
    assert.deepEqual(await finish(harness), { a: 'succeeded', b: 'skipped', c: 'succeeded' });
  });

  it('runs the items of forEach in order of the list, no more at once than it says', async () => {
    let active = 0;
    let most = 0;
    const harness = run(
      `  a:\n    call: s.each\n    forEach: [3, 1, 2]\n    concurrency: 2\n    with: { n: "\${{ item }}", at: "\${{ index }}" }\n`,
      {
        each: async ({ args, signal }, clock) => {
          active += 1;
          most = Math.max(most, active);
          await sleep(clock, 10 * (args as { n: number }).n, signal);
          active -= 1;
          return args;
        },
      },
    );
    await finish(harness);
    assert.equal(most, 2);
    assert.deepEqual(harness.handle.state().steps.get('a')?.result, {
      value: [
        { n: 3, at: 0 },
        { n: 1, at: 1 },
        { n: 2, at: 2 },
      ],
    });
    assert.deepEqual(harness.progress.at(-1)?.progress, { progress: 3, total: 3 });
  });

  it('puts null where an item failed when the step may go on', async () => {
    const harness = run(`  a: { call: s.each, forEach: [1, 2], onError: continue, with: { n: "\${{ item }}" } }\n`, {
      each: ({ args }) => ((args as { n: number }).n === 1 ? fails() : 'ok'),
    });
    await finish(harness);
    assert.deepEqual(harness.handle.state().steps.get('a')?.result, { value: [null, 'ok'] });
  });

  it('starts the longest remaining path first when not everything can run at once', async () => {
    const harness = run(
      `  short: { call: s.x }\n  long1: { call: s.x }\n  long2: { call: s.x, needs: [long1] }\n`,
      {},
      { concurrency: 1 },
    );
    await finish(harness);
    assert.deepEqual(
      harness.calls.map((input) => input.step.id),
      ['long1', 'short', 'long2'],
    );
  });

  it('writes a journal that is whole and folds into the same state', async () => {
    const harness = run(`  a: { call: s.ok }\n  b: { call: s.bad, needs: [a] }\n`, { bad: fails });
    await finish(harness);
    assert.deepEqual(
      harness.journal.events.map((event) => event.type),
      ['run.created', 'step.started', 'step.succeeded', 'step.started', 'step.failed', 'run.ended'],
    );
    assert.ok(harness.journal.events.every(isIntact));
    assert.deepEqual(foldAll(harness.journal.events), harness.handle.state());
    assert.ok(harness.journal.closed);
  });

  it('keeps a large value beside the journal and still hands it on', async () => {
    const large = 'x'.repeat(100_000);
    const harness = run(`  a: { call: s.big }\n  b: { call: s.use, with: { text: "\${{ steps.a.text }}" } }\n`, {
      big: () => ({ text: large }),
    });
    await finish(harness);
    assert.ok('blob' in (harness.handle.state().steps.get('a')?.result ?? {}));
    assert.deepEqual(harness.calls[1]?.args, { text: large });
  });

  it('stops everything and says so when the journal cannot be written', async () => {
    const harness = run(`  a: { call: s.slow }\n  b: { call: s.fast, needs: [a] }\n`, { slow: takes(100) });
    await harness.clock.advance(10);
    harness.journal.failure = new Error('no space left on device');
    const ended = assert.rejects(
      harness.handle.ended,
      /journal of run run-1 cannot be written: no space left on device/,
    );
    await harness.clock.runAll();
    await ended;
    assert.equal(harness.calls.length, 1);
  });
});
