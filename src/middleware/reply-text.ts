/** A reply as JSON, written once for all layers that need it: to know its size, to keep it, to hash it. */
import type { CallRecord, Reply } from '../contracts/index.ts';

/** @param record - of the call that was answered, where the text is left for the layers around */
export function replyText(reply: Reply, record: CallRecord | undefined): string {
  if (record?.written?.reply === reply) return record.written.text;
  const text = JSON.stringify(reply);
  if (record !== undefined) record.written = { reply, text };
  return text;
}
