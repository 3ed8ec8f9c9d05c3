/** One call as the trace channel shows it. */
import type { TraceEntry } from '../../contracts/index.ts';
import { formatDuration, oneLine } from '../text.ts';

/** One call on one line; the arguments were redacted by the trace middleware. */
export function traceLine(entry: TraceEntry): string {
  const parts = [
    `${entry.server}.${entry.tool}`,
    entry.status,
    formatDuration(entry.endTime - entry.startTime),
    ...(entry.resultSize === undefined ? [] : [`${entry.resultSize} B`]),
    ...(entry.error === undefined ? [] : [`${entry.error.code}: ${entry.error.message}`]),
    ...(entry.run === undefined ? [] : [`run ${entry.run}`]),
    ...(entry.step === undefined ? [] : [`step ${entry.step}`]),
    `trace ${entry.traceId}`,
    JSON.stringify(entry.args),
  ];
  return oneLine(parts.join(' · '), 2000);
}
