/** The envelope of a journal line: numbering, checksum, and the text that is written. */
import { crc32 } from 'node:zlib';
import { canonicalJson } from '../base/json.ts';
import type { RunEvent, RunEventData, RunEventType, RunId } from '../contracts/index.ts';

export function makeEvent<T extends RunEventType>(
  runId: RunId,
  seq: number,
  at: number,
  type: T,
  data: RunEventData[T],
): RunEvent {
  const envelope = { v: 1 as const, seq, at, runId, type, data: withoutUndefined(data) };
  return { ...envelope, crc: checksum(envelope) } as RunEvent;
}

/** True when the event is the one its checksum was taken of. */
export function isIntact(event: RunEvent): boolean {
  const { crc, ...envelope } = event;
  return crc === checksum(envelope);
}

/** CRC-32 of the canonical JSON, eight hex digits. */
function checksum(envelope: object): string {
  return crc32(canonicalJson(envelope)).toString(16).padStart(8, '0');
}

/** What is written is what was folded: JSON drops undefined, so it is dropped before. */
function withoutUndefined<T>(data: T): T {
  return JSON.parse(JSON.stringify(data)) as T;
}
