/** A report about fewer findings: what to do first is thought through again for those that are left. Pure. */
import { planActions } from '../../analysis/advice/action-items.ts';
import { recommend } from '../../analysis/advice/recommendations.ts';
import { type Finding, type ReviewReport, SEVERITIES, type Severity } from '../../contracts/index.ts';

/** @param findings - those of the report's that are to stay */
export function withFindings(report: ReviewReport, findings: readonly Finding[]): ReviewReport {
  if (findings.length === report.findings.length) return { ...report, findings };
  // Where nothing was recommended, the step failed or was somebody's decision.
  if (report.recommendations.length === 0) return { ...report, findings };
  const recommendations = recommend({ findings });
  return { ...report, findings, recommendations, actionItems: planActions(recommendations) };
}

/** The findings at or over a severity; those of a report that asked for it already are all of them. */
export function atLeast(report: ReviewReport, severity: Severity): ReviewReport {
  const floor = SEVERITIES.indexOf(severity);
  if (floor <= SEVERITIES.indexOf(report.severity ?? 'low')) return report;
  const isShown = (finding: Finding): boolean => SEVERITIES.indexOf(finding.severity) >= floor;
  const narrowed = withFindings(report, report.findings.filter(isShown));
  return { ...narrowed, severity, suppressed: report.suppressed?.filter(isShown) };
}

/**
 * The findings in files that changed.
 * @param since - `staged`, or the commit, branch or tag that was named
 */
export function onlyChanged(report: ReviewReport, changed: ReadonlySet<string>, since: string): ReviewReport {
  const findings = report.findings.filter((finding) => changed.has(finding.file));
  const elsewhere = report.findings.length - findings.length;
  return { ...withFindings(report, findings), changedOnly: { since, files: changed.size, elsewhere } };
}
