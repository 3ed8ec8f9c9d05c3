/** Interleaved measuring: arms take turns in blocks, in another order each time, so that drift hits all of them alike. */
import type { JsonObject } from '../../../src/base/json.ts';
import type { Contender } from './contenders.ts';

export interface Arm {
  readonly name: string;
  readonly call: (args: JsonObject) => Promise<unknown>;
}

export interface Plan {
  /** Calls in a row by one arm. */
  readonly block: number;
  /** Turns of each arm. */
  readonly rounds: number;
  /** Calls of each arm before anything is measured. */
  readonly warmUp: number;
}

/** What the calls of each arm took, in microseconds. */
export type Samples = ReadonlyMap<string, Float64Array>;

/** @param args the arguments of the next call; made before the clock starts */
export async function measure(arms: readonly Arm[], plan: Plan, args: () => JsonObject): Promise<Samples> {
  const samples = new Map(arms.map(({ name }) => [name, new Float64Array(plan.block * plan.rounds)]));
  for (const arm of arms) await turn(arm, new Float64Array(plan.warmUp), 0, plan.warmUp, args);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (let place = 0; place < arms.length; place += 1) {
      const arm = arms[(round + place * stride(round, arms.length)) % arms.length] as Arm;
      await turn(arm, samples.get(arm.name) as Float64Array, round * plan.block, plan.block, args);
    }
  }
  return samples;
}

/** A step that visits every arm once, upwards or downwards. */
function stride(round: number, arms: number): number {
  return Math.floor(round / arms) % 2 === 0 ? 1 : arms - 1;
}

async function turn(arm: Arm, into: Float64Array, from: number, count: number, args: () => JsonObject): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const given = args();
    const startedAt = performance.now();
    await arm.call(given);
    into[from + index] = (performance.now() - startedAt) * 1_000;
  }
  await timersTurn();
}

/** Microseconds per call over many calls, with everything that was put off: the median round of each. */
export async function sustained(
  contenders: readonly Contender[],
  plan: { readonly calls: number; readonly rounds: number },
  args: () => JsonObject,
): Promise<readonly number[]> {
  const rounds: number[][] = contenders.map(() => []);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const given = Array.from({ length: plan.calls }, args);
      const startedAt = performance.now();
      for (const [place, each] of given.entries()) {
        await contender.call(100, each);
        if (place % TURN === 0) await timersTurn();
      }
      await contender.settled();
      rounds[index]?.push(((performance.now() - startedAt) * 1_000) / plan.calls);
    }
  }
  return rounds.map(median);
}

/** Calls between two turns of timers and writes. */
const TURN = 20;

/** Calls in memory are microtasks alone: without this nothing else would happen. */
function timersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
