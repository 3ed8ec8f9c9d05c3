/** Findings on their way: what a detector says about a place, before it gets a fingerprint and joins the sorted list. */
import { SEVERITIES, type Confidence, type RawFinding, type Severity } from '../../contracts/index.ts';
import { byCodeUnit } from '../walk.ts';

/** A finding without its fingerprint. */
export interface FindingDraft extends Omit<RawFinding, 'fingerprint'> {
  /** What makes it this finding and no other: no line numbers and never a secret's value. */
  readonly identity: readonly string[];
  /** Offset in the text, where it is known: what tells two equal problems of one line apart. */
  readonly at?: number | undefined;
}

const CONFIDENCE_RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };

export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** One step down per level of doubt; never below `low`. */
export function lowered(severity: Severity, steps = 1): Severity {
  return SEVERITIES[Math.max(0, severityRank(severity) - steps)] ?? 'low';
}

export function atLeast(severity: Severity, threshold: Severity): boolean {
  return severityRank(severity) >= severityRank(threshold);
}

/** Worse first, then surer first, then by rule, so that ties never depend on the order of detection. */
export function byWeight(a: FindingDraft, b: FindingDraft): number {
  return (
    severityRank(b.severity) - severityRank(a.severity) ||
    CONFIDENCE_RANK[b.confidence] - CONFIDENCE_RANK[a.confidence] ||
    byCodeUnit(a.ruleId, b.ruleId)
  );
}

/** Turns offsets of one text into line numbers from 1, by binary search. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  lineAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }
}
