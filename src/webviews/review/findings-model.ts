/** Filtering, grouping and sorting of what a report holds: pure, so that it is tested without a browser. */
import {
  type Finding,
  type FindingKind,
  type FunctionMetric,
  SEVERITIES,
  type Severity,
} from '../../contracts/review.ts';
import type { Grouping, ViewState } from './view-state.ts';

export interface FindingGroup {
  readonly key: string;
  readonly findings: readonly Finding[];
}

/** Worst first, as people read. */
export const WORST_FIRST: readonly Severity[] = [...SEVERITIES].reverse();

export const KIND_LABELS: Readonly<Record<FindingKind, string>> = {
  complexity: 'Complexity',
  smell: 'Code smell',
  pattern: 'Pattern',
  duplication: 'Duplication',
  secret: 'Secret',
  sast: 'Dangerous code',
  dependency: 'Dependency',
  docs: 'Documentation',
};

export const SEVERITY_LABELS: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
};

export function countBySeverity(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const counts: Record<Severity, number> = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const finding of findings) counts[finding.severity] += 1;
  return counts;
}

export function filterFindings(
  findings: readonly Finding[],
  view: Pick<ViewState, 'hidden' | 'kind' | 'text'>,
): readonly Finding[] {
  const words = view.text.toLowerCase().split(/\s+/u).filter(Boolean);
  return findings.filter((finding) => {
    if (view.hidden.includes(finding.severity)) return false;
    if (view.kind !== 'all' && finding.kind !== view.kind) return false;
    const text =
      `${finding.message} ${finding.file}:${finding.startLine} ${finding.ruleId} ${finding.cwe ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Severities from the worst; files and kinds with the worst and most findings first. The order within is the report's. */
export function groupFindings(findings: readonly Finding[], grouping: Grouping): readonly FindingGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = finding[grouping];
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  const weighed = [...groups].map(([key, members]) => ({ key, findings: members, weight: weightOf(members) }));
  return weighed.sort(
    (a, b) => b.weight - a.weight || b.findings.length - a.findings.length || (a.key < b.key ? -1 : 1),
  );
}

function weightOf(findings: readonly Finding[]): number {
  return Math.max(...findings.map((finding) => SEVERITIES.indexOf(finding.severity)));
}

/** The first `limit` rows over all groups that are not collapsed. */
export function limitGroups(
  groups: readonly FindingGroup[],
  collapsed: readonly string[],
  limit: number,
): {
  readonly groups: readonly (FindingGroup & { readonly total: number; readonly open: boolean })[];
  readonly left: number;
} {
  let room = limit;
  let left = 0;
  const shown = groups.map((group) => {
    const open = !collapsed.includes(group.key);
    const findings = open ? group.findings.slice(0, Math.max(room, 0)) : [];
    if (open) {
      left += group.findings.length - findings.length;
      room -= findings.length;
    }
    return { key: group.key, findings, total: group.findings.length, open };
  });
  return { groups: shown.filter((group) => !group.open || group.findings.length > 0), left };
}

export function sortFunctions(
  functions: readonly FunctionMetric[],
  { column, ascending }: ViewState['sort'],
): readonly FunctionMetric[] {
  const sign = ascending ? 1 : -1;
  return [...functions].sort((a, b) => {
    const [x, y] = [a[column], b[column]];
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y));
    return order === 0 ? b.cyclomatic - a.cyclomatic : sign * order;
  });
}

export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

export function formatCount(n: number): string {
  return n.toLocaleString('en-US');
}
