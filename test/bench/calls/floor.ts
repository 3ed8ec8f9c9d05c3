/** What governing cannot do without, as the platform does it: all data both ways hashed once and looked at once. */
import { hash } from 'node:crypto';
import type { JsonValue } from '../../../src/base/json.ts';
import { median } from './measure.ts';
import { payloadOf, type Size } from './payload.ts';

const CALLS: Readonly<Record<Size, number>> = { 100: 4_000, 10240: 400, 1048576: 12 };

/** @returns microseconds for the arguments and the answer of one call */
export function floorOf(size: Size): number {
  const times: number[] = [];
  let looked = 0;
  for (let call = 0; call < CALLS[size] * 2; call += 1) {
    const payload = payloadOf(size, call);
    const startedAt = performance.now();
    looked += hash('sha256', JSON.stringify(payload)).length + look(payload);
    if (call >= CALLS[size]) times.push((performance.now() - startedAt) * 1_000);
  }
  if (looked === 0) throw new Error('nothing was looked at'); // and nothing can be optimised away
  return 2 * median(times);
}

/** Every name and every value, each text read to its end. */
function look(value: JsonValue | undefined): number {
  if (typeof value === 'string') return value.indexOf('\0');
  if (typeof value !== 'object' || value === null) return 1;
  let sum = 0;
  if (Array.isArray(value)) for (const item of value as readonly JsonValue[]) sum += look(item);
  else for (const name of Object.keys(value)) sum += name.length + look((value as Record<string, JsonValue>)[name]);
  return sum;
}
