/** One run as the summary channel tells it. */
import { type ReviewReport, type RunState, SEVERITIES } from '../../contracts/index.ts';
import { count, formatDuration, oneLine } from '../text.ts';

/** `Review of app succeeded in 4.2 s: 12 findings (1 critical, 3 high, 8 medium) in 96 files` */
export function summaryLine(state: RunState, report: ReviewReport): string {
  const elapsed = state.endedAt === undefined ? '' : ` in ${formatDuration(state.endedAt - state.createdAt)}`;
  const counts = [...SEVERITIES]
    .reverse()
    .map((severity) => [report.findings.filter((finding) => finding.severity === severity).length, severity] as const)
    .filter(([n]) => n > 0)
    .map(([n, severity]) => `${n} ${severity}`);
  const detail = counts.length === 0 ? '' : ` (${counts.join(', ')})`;
  const incomplete = report.complete ? '' : '; incomplete';
  const findings = count(report.findings.length, 'finding');
  return `${oneLine(state.title)} ${state.status}${elapsed}: ${findings}${detail} in ${count(report.metrics.files, 'file')}${incomplete}`;
}
