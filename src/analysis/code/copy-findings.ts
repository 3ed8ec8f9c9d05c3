/** From copied blocks to findings: both places are told, and what is a copied function is told once. */
import type { BlockCopy } from './block-copies.ts';
import { type FindingDraft, isTestPath } from './make-finding.ts';

/** Lines from which on a copy weighs more. */
const LONG = 40;
/** Tests are alike for good reasons: shorter copies in them are not told. */
const LEAST_IN_TESTS = 30;
/** Share of a block's lines that a copied function has to hold to have said it all. */
const COVERED = 0.7;

/** @param functions what was found of copied functions */
export function blockFindings(
  copies: readonly BlockCopy[],
  functions: readonly FindingDraft[],
): readonly FindingDraft[] {
  const told = new Map<string, FindingDraft[]>();
  for (const draft of functions) told.set(draft.file, [...(told.get(draft.file) ?? []), draft]);
  return copies
    .filter(({ first, copy }) => linesOf(copy) >= LEAST_IN_TESTS || !(isTestPath(copy.file) || isTestPath(first.file)))
    .filter(({ copy }) => !isCovered(copy, told.get(copy.file) ?? []))
    .map(toDraft);
}

function isCovered(copy: BlockCopy['copy'], functions: readonly FindingDraft[]): boolean {
  const covered = functions.reduce((sum, { startLine, endLine }) => {
    const common = Math.min(endLine, copy.endLine) - Math.max(startLine, copy.startLine) + 1;
    return sum + Math.max(0, common);
  }, 0);
  return covered >= linesOf(copy) * COVERED;
}

function linesOf({ startLine, endLine }: BlockCopy['copy']): number {
  return endLine - startLine + 1;
}

function toDraft({ first, copy }: BlockCopy): FindingDraft {
  const lines = linesOf(copy);
  const inTest = isTestPath(copy.file) || isTestPath(first.file);
  return {
    ruleId: 'duplication/block',
    severity: lines < LONG || inTest ? 'low' : 'medium',
    confidence: inTest ? 'medium' : 'high',
    message: `these ${lines} lines also stand in ${first.file}:${first.startLine}-${first.endLine}; a fix in one will be missed in the other`,
    file: copy.file,
    startLine: copy.startLine,
    endLine: copy.endLine,
    // Which tokens the copy begins with changes with the formatting: what counts is where it is from.
    context: first.file,
  };
}
