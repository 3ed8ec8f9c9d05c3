/** What a report leaves out, and why: so that nothing that was not looked for reads like nothing found. Pure. */
import { type ReviewReport, type ReviewStep, SEVERITIES, type Severity } from '../../contracts/review.ts';
import type { TabId } from './view-state.ts';

/** Findings of it were not asked for: how many there are is not known. */
export function isLeftOut(severity: Severity, report: Pick<ReviewReport, 'severity'>): boolean {
  return report.severity !== undefined && SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(report.severity);
}

/** The steps of the review pipeline that fill a part of the report, and how much there is in it. */
const PARTS: Readonly<Record<Exclude<TabId, 'steps'>, readonly [steps: readonly string[], size: Size]>> = {
  findings: [['static', 'security', 'dependencies', 'documentation'], (report) => report.findings.length],
  actions: [['actions'], (report) => report.actionItems.length],
  recommendations: [['recommendations'], (report) => report.recommendations.length],
  metrics: [['retrieve', 'static'], ({ metrics }) => metrics.files + metrics.functions.length],
  dependencies: [['dependencies'], (report) => report.dependencies.length],
  documentation: [['documentation'], (report) => (report.documentation === null ? 0 : 1)],
};
type Size = (report: ReviewReport) => number;

export type Missing = Exclude<ReviewStep['status'], 'succeeded'>;

/** How the steps of a tab ended when it has nothing to show and none of them succeeded: it is no result then. */
export function missingPart(tab: TabId, report: ReviewReport): Missing | undefined {
  if (tab === 'steps') return undefined;
  const [steps, size] = PARTS[tab];
  if (size(report) > 0) return undefined;
  const statuses = report.steps.filter(({ id }) => steps.includes(id)).map(({ status }) => status);
  if (statuses.includes('succeeded')) return undefined;
  return statuses.find((status): status is Missing => status !== 'succeeded');
}
