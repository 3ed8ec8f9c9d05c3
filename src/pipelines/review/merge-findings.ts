/** One list out of what several steps and rules report: each weakness once, worst first. Pure. */
import { groupBy } from '../../analysis/group-by.ts';
import { CONFIDENCES, type Finding, SEVERITIES } from '../../contracts/index.ts';

/** A finding that two steps report stands once; so does a weakness that several rules see in one place. */
export function mergeFindings(findings: readonly Finding[]): readonly Finding[] {
  const once = [
    ...new Map(findings.map((finding) => [`${finding.fingerprint} ${finding.startLine}`, finding])).values(),
  ];
  const places = groupBy(once, (finding) => weaknessOf(finding));
  return [...places.values()].flatMap(mergeRules).sort(compareFindings);
}

/** The same for two rules that mean the same; two findings of one rule are two problems wherever they stand. */
function weaknessOf({ kind, cwe, file, startLine, ruleId, fingerprint }: Finding): string {
  if (cwe === undefined) return JSON.stringify([ruleId, fingerprint, file, startLine]);
  return JSON.stringify([cwe, kind === 'dependency' ? fingerprint : '', file, startLine]);
}

/** The worst finding of each rule's speaks; with several of one rule nobody can tell which of another's it is. */
function mergeRules(group: readonly Finding[]): readonly Finding[] {
  const byRule = groupBy(group, ({ ruleId }) => ruleId);
  if (byRule.size < 2) return group;
  const [main, ...others] = [...byRule.values()].sort(([a], [b]) =>
    a === undefined || b === undefined ? 0 : compareWeight(a, b),
  );
  const alsoFrom = others.flatMap(([other]) => other?.ruleId ?? []);
  return (main ?? []).map((finding) => ({ ...finding, alsoFrom }));
}

function compareWeight(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    CONFIDENCES.indexOf(b.confidence) - CONFIDENCES.indexOf(a.confidence) ||
    Number(a.suppression !== undefined) - Number(b.suppression !== undefined) ||
    compareText(a.ruleId, b.ruleId)
  );
}

/** Worst first, then by place and rule. */
function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    compareText(a.file, b.file) ||
    a.startLine - b.startLine ||
    compareText(a.ruleId, b.ruleId) ||
    compareText(a.fingerprint, b.fingerprint)
  );
}

/** By code unit: the same order on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
