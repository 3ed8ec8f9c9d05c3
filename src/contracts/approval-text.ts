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

/** What is asked beside the summary, one thing a line. */
export function approvalDetail(request: ApprovalRequest): string {
  const { operation, risk, reasons, affectedSystems, args, preview, run, step } = request;
  const origin = run === undefined ? '' : `\nRun: ${run}${step === undefined ? '' : `, step ${step}`}`;
  return visibleText(
    [
      `Call: ${operation}`,
      `Risk: ${risk} (${reasons.join('; ')})`,
      `Affects: ${affectedSystems.join(', ')}${origin}`,
      `Arguments:\n${JSON.stringify(args, null, 2)}`,
      `Preview: ${preview.text}`,
      ...preview.changes.map((change) => JSON.stringify(change, null, 2)),
    ].join('\n'),
  );
}
