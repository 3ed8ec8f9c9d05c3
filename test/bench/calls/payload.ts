/** Nested data of a wanted size, different from call to call, as both sides of the benchmark send it. */
import type { JsonObject } from '../../../src/base/json.ts';

/** Bytes of a payload as JSON. */
export const SIZES = [100, 10_240, 1_048_576] as const;
export type Size = (typeof SIZES)[number];

/** One tool for each size of answer. */
export const toolOf = (size: Size): string => `exchange_${size}`;

/** Payloads of one size that differ in every record; a serial number makes each use of one distinct. */
const DISTINCT: Readonly<Record<Size, number>> = { 100: 512, 10240: 64, 1048576: 4 };

const ready = new Map<Size, readonly JsonObject[]>();

/** @param serial the number of the call; no two calls of a run get the same */
export function payloadOf(size: Size, serial: number): JsonObject {
  const made = ready.get(size) ?? prepare(size);
  const base = made[serial % made.length] as JsonObject & { readonly order: JsonObject };
  return { ...base, order: { ...base.order, serial: 1_000_000 + serial } };
}

function prepare(size: Size): readonly JsonObject[] {
  const made = Array.from({ length: DISTINCT[size] }, (_, seed) => grow(size, seed));
  ready.set(size, made);
  return made;
}

/** Small ones are an order with one line; larger ones get as many customers as fit. */
function grow(size: Size, seed: number): JsonObject {
  const order = { serial: 1_000_000, ssn: '078-05-1120', line: { sku: `a-${seed % 10}`, qty: 1 + (seed % 9) } };
  const head = { order, kind: 'sale' };
  const customers: JsonObject[] = [];
  let bytes = JSON.stringify(head).length + 16;
  for (let index = 0; ; index += 1) {
    const customer = customerOf(seed * 10_007 + index);
    bytes += JSON.stringify(customer).length + 1;
    if (bytes > size) break;
    customers.push(customer);
  }
  return customers.length === 0 ? head : { ...head, customers };
}

function customerOf(seed: number): JsonObject {
  return {
    id: `c-${seed}`,
    name: `Customer number ${seed}`,
    address: { street: `${seed % 200} Long Street`, city: 'Springfield', zip: String(10_000 + (seed % 89_999)) },
    active: seed % 3 === 0,
    balance: seed / 8,
    tags: ['wholesale', `region ${seed % 12}`],
    note: `Ordered ${seed % 40} times; wants the invoice by letter, not by mail.`,
  };
}

/** Of arguments and of answers alike: detailed enough that checking them is work. */
export const PAYLOAD_SCHEMA = {
  type: 'object',
  properties: {
    order: {
      type: 'object',
      properties: {
        serial: { type: 'integer' },
        ssn: { type: 'string' },
        line: { type: 'object', properties: { sku: { type: 'string' }, qty: { type: 'integer' } } },
      },
      required: ['serial'],
    },
    kind: { type: 'string' },
    customers: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          name: { type: 'string' },
          address: { type: 'object' },
          active: { type: 'boolean' },
          balance: { type: 'number' },
          tags: { type: 'array', items: { type: 'string' } },
          note: { type: 'string' },
        },
        required: ['id', 'name'],
      },
    },
  },
  required: ['order'],
} as const;
