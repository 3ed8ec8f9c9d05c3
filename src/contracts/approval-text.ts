/** How a question to a person reads, the same wherever it is asked: every character of the arguments is visible. */
import type { ApprovalRequest } from './governance.ts';

/** Control, formatting, bidirectional and other characters that a screen does not show as they are. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029]|(?! )\p{Zs}/gu;

/** Text with every invisible character but newline replaced by `\u{…}`. */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, (character) =>
    character === '\n' ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** What is asked beside the summary, one thing a line. @param now - milliseconds since the epoch */
export function approvalDetail(request: ApprovalRequest, now: number): string {
  const { operation, risk, reasons, affectedSystems, destination, args, preview, requestor, run, step } = request;
  const origin = run === undefined ? '' : `, run ${run}${step === undefined ? '' : `, step ${step}`}`;
  return visibleText(
    [
      `Call: ${operation}`,
      `Risk: ${risk} (${reasons.join('; ')})`,
      `Affects: ${affectedSystems.join(', ')}`,
      ...(destination === undefined ? [] : [`Goes to: ${destination}`]),
      `Asked by: ${requestor.kind} ${requestor.id}${origin}`,
      `Time left: ${timeLeft(request.deadline - now)}`,
      `Arguments:\n${JSON.stringify(args, null, 2)}`,
      `Preview: ${preview.text}`,
      ...preview.changes.map((change) => JSON.stringify(change, null, 2)),
    ].join('\n'),
  );
}

/** @param ms - milliseconds */
function timeLeft(ms: number): string {
  if (ms <= 0) return 'none';
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  const hours = Math.floor(minutes / 60);
  return hours < 1 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}
