/** The baseline: findings that a team knows of and lives with for now, so that a review shows what is new. Pure. */
import { z } from 'zod';
import {
  type BaselineEntry,
  type Finding,
  type ReviewReport,
  SEVERITIES,
  type Severity,
} from '../../contracts/index.ts';
import { withFindings } from './narrow.ts';

/** Where a repository keeps its baseline, unless another file is named. */
export const BASELINE_FILE = '.mcp-conductor/baseline.json';

const baselineShape = z.object({
  version: z.literal(1, { error: 'is not 1, the version that this release reads' }),
  severity: z.enum(SEVERITIES),
  findings: z.array(z.object({ fingerprint: z.string(), ruleId: z.string(), file: z.string() })).max(100_000),
});

export interface Baseline {
  readonly version: 1;
  /** Findings below it were not looked for when the baseline was made. */
  readonly severity: Severity;
  readonly findings: readonly BaselineEntry[];
}

/** @throws RangeError that says what is wrong with the text */
export function parseBaseline(text: string): Baseline {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError('it is not JSON');
  }
  const parsed = baselineShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RangeError(`${issue?.path.map(String).join('.') || 'it'}: ${issue?.message ?? 'is not a baseline'}`);
}

/** Every finding of a review, in a fixed order and a line each, so that a change of the file reads well. */
export function baselineText(report: ReviewReport): string {
  const lines = report.findings
    .map(({ fingerprint, ruleId, file }): BaselineEntry => ({ fingerprint, ruleId, file }))
    .sort((a, b) => byText(a.file, b.file) || byText(a.ruleId, b.ruleId) || byText(a.fingerprint, b.fingerprint))
    .map((entry) => `    ${JSON.stringify(entry)}`);
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  return `{\n  "version": 1,\n  "severity": "${report.severity ?? 'low'}",\n  "findings": ${list}\n}\n`;
}

export interface ComparisonOptions {
  /** How the report names the baseline. */
  readonly file: string;
  /** True to keep what is known on the list, marked. */
  readonly all: boolean;
}

/** The report with what is new; what is known is counted and, with `all`, stays on the list. */
export function compareWithBaseline(
  report: ReviewReport,
  baseline: Baseline,
  options: ComparisonOptions,
): ReviewReport {
  const known = new Set(baseline.findings.map((entry) => entry.fingerprint));
  const marked = report.findings.map(
    (finding): Finding => ({
      ...finding,
      state: known.has(finding.fingerprint) ? 'known' : 'new',
    }),
  );
  const shown = options.all ? marked : marked.filter((finding) => finding.state === 'new');
  const comparison = {
    file: options.file,
    known: marked.filter((finding) => finding.state === 'known').length,
    fixed: fixedOf(report, baseline),
  };
  return { ...withFindings(report, shown), baseline: comparison };
}

/** What was not looked for, or could not be, is not known to be gone. */
function fixedOf(report: ReviewReport, baseline: Baseline): readonly BaselineEntry[] {
  const isNarrower = SEVERITIES.indexOf(report.severity ?? 'low') > SEVERITIES.indexOf(baseline.severity);
  if (!report.complete || isNarrower) return [];
  const there = new Set([...report.findings, ...(report.suppressed ?? [])].map((finding) => finding.fingerprint));
  return baseline.findings.filter((entry) => !there.has(entry.fingerprint));
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
