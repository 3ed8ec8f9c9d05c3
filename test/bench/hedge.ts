/**
 * `npm run bench:hedge [-- --quick] [-- --spread 0.5]`: what a second copy does to the slowest calls, and what it costs.
 *
 * One real server over stdio with two processes, as hedging starts it: 20,000 calls with hedging and as many without at
 * the same time through the same directory, each of 60 callers making them in turn. How long an answer takes is drawn from a log-normal distribution
 * with a median of 50 ms, by each process for itself; 1 % and then 6 % of the answers take 20 times as long. The spread matters where more calls are
 * slow than the budget pays for: with `--spread 0` all slow calls are equally slow, and the 1 % of them that is left over
 * keeps p99.9 where it was, by arithmetic.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import type { Invoke, ServerDefinition } from '../../src/contracts/index.ts';
import { composeStack } from '../../src/middleware/compose.ts';
import { hedge } from '../../src/middleware/hedge.ts';
import { timeout } from '../../src/middleware/timeout.ts';
import { callTo, createTestDirectory, type TestDirectory } from '../fixtures/fake-server/directory.ts';
import { report } from './result.ts';

const MEDIAN_MS = 50;
const SLOWDOWN = 20;
const CALLERS = 60;
const WARM_UP = 1_000;
/** Far above the slowest answer: what a time-out would cut off is what is measured. */
const LIMIT_MS = 120_000;
const MAX_EXTRA = 0.05;

interface Arm {
  readonly invoke: Invoke;
  readonly tookMs: number[];
  copies: number;
}

interface Outcome {
  readonly p50: number;
  readonly p999: number;
  readonly extra: number;
}

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, spread: { type: 'string', default: '0.5' } },
});
const calls = values.quick ? 3_000 : 20_000;
const figures: Record<string, number> = { calls, spread: Number(values.spread) };
const few = await compare(0.01);
const many = await compare(0.06);
report('hedge', figures, [
  { what: 'p99.9 with 1 % slow calls, hedged to unhedged', value: few.p999, limit: 0.15 },
  { what: 'p50 with 1 % slow calls, hedged to unhedged', value: few.p50, limit: 1.03 },
  { what: 'extra calls with 1 % slow calls', value: few.extra, limit: MAX_EXTRA },
  { what: 'p99.9 with 6 % slow calls, hedged to unhedged', value: many.p999, limit: 0.6 },
  { what: 'extra calls with 6 % slow calls', value: many.extra, limit: MAX_EXTRA },
]);

/** @returns ratios of hedged to unhedged, and extra calls per call */
async function compare(slowShare: number): Promise<Outcome> {
  const definition: ServerDefinition = {
    id: 'varying',
    label: 'varying',
    origin: { kind: 'bundled' },
    launch: {
      type: 'stdio',
      command: process.execPath,
      args: [fileURLToPath(new URL('hedge/server.ts', import.meta.url)), `${MEDIAN_MS}`, values.spread, `${SLOWDOWN}`],
      env: {},
    },
    inputs: [],
  };
  const fake = { definition, calls: () => [], rewrite: () => undefined, dispose: () => Promise.resolve() };
  const directory = createTestDirectory([fake]);
  try {
    const hedged = arm(directory, true);
    const bare = arm(directory, false);
    await run(WARM_UP, slowShare, hedged, bare);
    for (const one of [hedged, bare]) one.tookMs.length = 0;
    await run(calls, slowShare, hedged, bare);
    return summary(slowShare, hedged, bare);
  } finally {
    await directory.dispose();
  }
}

function arm({ servers }: TestDirectory, isHedged: boolean): Arm {
  const clock = systemClock;
  const counted: Invoke = (call) => {
    if (call.leg === 1) made.copies += 1;
    return servers.invoke(call);
  };
  const always = (): boolean => true;
  const invoke = composeStack(counted, {
    ...(isHedged ? { hedge: hedge({ clock, isEnabled: always, isIdempotent: always }) } : {}),
    timeout: timeout({ clock, servers, initialMs: LIMIT_MS, minMs: LIMIT_MS }),
  });
  const made: Arm = { invoke, tookMs: [], copies: 0 };
  return made;
}

/** `count` calls of each arm: what disturbs one disturbs the other. */
async function run(count: number, slowShare: number, hedged: Arm, bare: Arm): Promise<void> {
  let left = count;
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const order = left % 2 === 0 ? [hedged, bare] : [bare, hedged];
      for (const { invoke, tookMs } of order) {
        const startedAt = performance.now();
        await invoke(callTo('varying', { kind: 'tool', tool: 'work', args: { slowShare } }));
        tookMs.push(performance.now() - startedAt);
      }
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

function summary(slowShare: number, hedged: Arm, bare: Arm): Outcome {
  const name = `${slowShare * 100} % slow`;
  const shown = [
    ['p50', 0.5],
    ['p95', 0.95],
    ['p99', 0.99],
    ['p99.9', 0.999],
  ] as const;
  for (const [label, share] of shown) {
    figures[`${name}: ${label} unhedged, ms`] = percentile(bare.tookMs, share);
    figures[`${name}: ${label} hedged, ms`] = percentile(hedged.tookMs, share);
  }
  // What the warm-up earned may be spent later, so that its calls count here.
  const extra = hedged.copies / (hedged.tookMs.length + WARM_UP);
  figures[`${name}: extra calls per call`] = extra;
  const ratio = (share: number): number => percentile(hedged.tookMs, share) / percentile(bare.tookMs, share);
  return { p50: ratio(0.5), p999: ratio(0.999), extra };
}

/** Nearest rank. */
function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
