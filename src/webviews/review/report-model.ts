/** What a report leaves out, and why: so that nothing that was not looked for reads like nothing found. Pure. */
import { type ReviewReport, SEVERITIES, type Severity } from '../../contracts/review.ts';

/** Findings of it were not asked for: how many there are is not known. */
export function isLeftOut(severity: Severity, report: Pick<ReviewReport, 'severity'>): boolean {
  return report.severity !== undefined && SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(report.severity);
}
