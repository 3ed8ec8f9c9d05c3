/** What governed calls keep in memory: `npm run bench:memory [-- --quick]`. */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { newDefinition } from './calls/contenders.ts';
import { type FullStack, openFullStack } from './calls/full-stack.ts';
import { payloadOf } from './calls/payload.ts';
import { report } from './result.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean' } } });
/** Calls until every ring and cache is full; the largest remembers 10,000 keys. */
const FILLING = 12_000;
/** Further calls, and how often the heap is looked at meanwhile. */
const STEADY = values.quick === true ? 12_000 : 60_000;
const CHECKPOINTS = 12;
const KB = 1_024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let serial = 0;
// Compiling and what it keeps is done by then: the second stack starts with empty rings and caches.
const warm = await openStack();
await calls(warm, 3_000);
await warm.dispose();
const stack = await openStack();
await calls(stack, 50);
const before = await kept(stack);
await calls(stack, 1_000);
const perThousand = ((await kept(stack)) - before) / KB;
await calls(stack, FILLING);
const heaps = [await kept(stack)];
for (let checkpoint = 1; checkpoint <= CHECKPOINTS; checkpoint += 1) {
  await calls(stack, STEADY / CHECKPOINTS);
  heaps.push(await kept(stack));
}
await stack.dispose();
const slope = (slopeOf(heaps) / KB / (STEADY / CHECKPOINTS)) * 1_000;
report(
  'memory',
  {
    'kept per 1,000 traced calls while rings and caches fill, KB': perThousand,
    'kept per 1,000 calls at steady state, KB': slope,
    'heap at steady state, first checkpoint, KB': (heaps[0] ?? 0) / KB,
    'heap at steady state, last checkpoint, KB': (heaps.at(-1) ?? 0) / KB,
    'calls at steady state': STEADY,
  },
  [
    { what: 'kept per 1,000 traced calls while rings and caches fill, KB', value: perThousand, limit: 1_024 },
    { what: 'kept per 1,000 calls at steady state, KB', value: slope, limit: 20 },
  ],
);

async function openStack(): Promise<FullStack> {
  const { definition, inProcess } = await newDefinition('memory');
  return openFullStack({ definition, inProcess });
}

async function calls(on: FullStack, count: number): Promise<void> {
  for (let call = 0; call < count; call += 1) {
    serial += 1;
    await on.call(100, payloadOf(100, serial));
    if (call % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Bytes on the heap and outside it that are still in use, with nothing waiting to be written. */
async function kept(on: FullStack): Promise<number> {
  await on.settled();
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes per checkpoint: the least squares line through all of them. */
function slopeOf(heap: readonly number[]): number {
  const middle = (heap.length - 1) / 2;
  const mean = heap.reduce((sum, bytes) => sum + bytes, 0) / heap.length;
  const covariance = heap.reduce((sum, bytes, index) => sum + (index - middle) * (bytes - mean), 0);
  const variance = heap.reduce((sum, _, index) => sum + (index - middle) ** 2, 0);
  return covariance / variance;
}
