/** Makes findings of known rules, orders them and keeps their number within bounds. */
import { type Confidence, type RawFinding, SEVERITIES, type Severity } from '../../contracts/review.ts';
import { createFingerprinter } from '../fingerprint.ts';
import { byCodeUnit } from '../walk.ts';
import { RULES, type Rule, type RuleId } from './rules.ts';

export interface FindingDraft {
  readonly ruleId: RuleId;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly message: string;
  readonly file: string;
  readonly startLine: number;
  readonly endLine: number;
  /** What identifies the problem within its file, whatever line it is on. */
  readonly context: string;
}

/** Most findings one answer carries; the least severe are left out first. */
const MAX_FINDINGS = 5_000;

/** Whole findings in their fixed order: file, line, rule. */
export function makeFindings(drafts: readonly FindingDraft[], threshold: Severity): readonly RawFinding[] {
  const fingerprintOf = createFingerprinter();
  const least = SEVERITIES.indexOf(threshold);
  const found = [...drafts]
    .sort(byPlace)
    .map((draft) => toFinding(draft, fingerprintOf(draft.ruleId, draft.file, draft.context)))
    .filter((finding) => SEVERITIES.indexOf(finding.severity) >= least);
  if (found.length <= MAX_FINDINGS) return found;
  const bySeverity = found.map((finding, index) => ({ finding, index }));
  bySeverity.sort(
    (a, b) => SEVERITIES.indexOf(b.finding.severity) - SEVERITIES.indexOf(a.finding.severity) || a.index - b.index,
  );
  return bySeverity
    .slice(0, MAX_FINDINGS)
    .map(({ finding }) => finding)
    .sort(byPlace);
}

export function byPlace(
  a: {
    readonly file: string;
    readonly startLine: number;
    readonly endLine: number;
    readonly ruleId: string;
    readonly message: string;
  },
  b: {
    readonly file: string;
    readonly startLine: number;
    readonly endLine: number;
    readonly ruleId: string;
    readonly message: string;
  },
): number {
  return (
    byCodeUnit(a.file, b.file) ||
    a.startLine - b.startLine ||
    a.endLine - b.endLine ||
    byCodeUnit(a.ruleId, b.ruleId) ||
    byCodeUnit(a.message, b.message)
  );
}

function toFinding(draft: FindingDraft, fingerprint: string): RawFinding {
  const { kind, help, cwe }: Rule = RULES[draft.ruleId];
  const { context: _, ...rest } = draft;
  return { ...rest, kind, help, ...(cwe === undefined ? {} : { cwe }), fingerprint };
}

const TEST_PATH =
  /(?:^|\/)(?:tests?|__tests__|specs?|testing|fixtures|examples?|benchmarks?)\/|[._-](?:test|spec)s?\.[^/]+$|(?:^|\/)test_[^/]+$|(?:Test|Tests|IT)\.(?:java|kt|cs|php)$/i;

/** Tests and examples are long and alike for good reasons; what is found there weighs less. */
export function isTestPath(path: string): boolean {
  return TEST_PATH.test(path);
}
