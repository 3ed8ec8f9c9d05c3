/**
 * Writes protocol buffers (protobuf.dev/programming-guides/encoding) from the JSON form of a message and a table of its
 * fields, so that one value serves both encodings of OTLP. Only what OTLP's requests need: no reading, no varints over
 * 53 bits but in texts.
 */

/** Wire types: how the reader finds the end of a field. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** `hex`: bytes that OTLP's JSON spells in hexadecimal. 64-bit numbers are texts of digits in JSON. */
export type FieldType =
  | 'string'
  | 'hex'
  | 'bool'
  | 'enum'
  | 'uint32'
  | 'int64'
  | 'fixed32'
  | 'fixed64'
  | 'double'
  | Message;

/** By the field's name in JSON: its number and its type. */
export interface Message {
  readonly [name: string]: readonly [number: number, type: FieldType];
}

/** @returns the encoded message; fields that the table does not know are left out */
export function encodeMessage(table: Message, value: object): Buffer {
  const parts: Buffer[] = [];
  for (const [name, field] of Object.entries(value) as [string, unknown][]) {
    const known = table[name];
    if (known === undefined || field === undefined || field === null) continue;
    const [number, type] = known;
    if (!Array.isArray(field)) parts.push(one(number, type, field));
    else if (isPacked(type)) parts.push(packed(number, type, field as readonly unknown[]));
    else for (const item of field as readonly unknown[]) parts.push(one(number, type, item));
  }
  return Buffer.concat(parts);
}

const isPacked = (type: FieldType): boolean => type === 'fixed64' || type === 'double';

function one(number: number, type: FieldType, value: unknown): Buffer {
  if (typeof type === 'object') return delimited(number, encodeMessage(type, value as object));
  if (type === 'string') return delimited(number, Buffer.from(String(value), 'utf8'));
  if (type === 'hex') return delimited(number, Buffer.from(String(value), 'hex'));
  return Buffer.concat([tag(number, wireType(type)), scalar(type, value)]);
}

function packed(number: number, type: FieldType, values: readonly unknown[]): Buffer {
  return delimited(number, Buffer.concat(values.map((value) => scalar(type, value))));
}

function wireType(type: FieldType): number {
  if (type === 'fixed32') return FIXED32;
  return type === 'fixed64' || type === 'double' ? FIXED64 : VARINT;
}

function scalar(type: FieldType, value: unknown): Buffer {
  if (type === 'bool') return varint(value === true ? 1n : 0n);
  if (type === 'double') {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(Number(value));
    return bytes;
  }
  if (type === 'fixed32') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(Number(value));
    return bytes;
  }
  if (type === 'fixed64') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value as string | number));
    return bytes;
  }
  return varint(BigInt.asUintN(64, BigInt(value as string | number)));
}

function delimited(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([tag(number, LENGTH), varint(BigInt(bytes.length)), bytes]);
}

function tag(number: number, wire: number): Buffer {
  return varint(BigInt((number << 3) | wire));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left > 0n ? low | 0x80 : low);
  } while (left > 0n);
  return Buffer.from(bytes);
}
