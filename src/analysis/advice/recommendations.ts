/** Recommendations: findings grouped by rule and area, ranked by severity × confidence × reach. Same input, same list. */
import { groupBy } from '../group-by.ts';
import { posix } from 'node:path';
import {
  CONFIDENCES,
  type Confidence,
  type DependencyEntry,
  type Documentation,
  type FindingKind,
  type RawFinding,
  type Recommendation,
  SEVERITIES,
  type Severity,
} from '../../contracts/review.ts';
import { ruleOf } from '../code/rules.ts';
import { fingerprint } from '../fingerprint.ts';
import { securityRuleTitle } from '../security/rule-catalog.ts';
import { byCodeUnit } from '../walk.ts';

export interface RecommendationInput {
  readonly findings: readonly RawFinding[];
  readonly documentation?: Documentation | undefined;
  readonly dependencies?: readonly DependencyEntry[] | undefined;
  /** @default 50 */
  readonly max?: number | undefined;
}

/** A leak or an injection outweighs any number of long functions. */
const SEVERITY_WEIGHT: Readonly<Record<Severity, number>> = { low: 1, medium: 3, high: 9, critical: 27 };
const CONFIDENCE_WEIGHT: Readonly<Record<Confidence, number>> = { low: 0.4, medium: 0.7, high: 1 };
/** Whoever can be attacked is helped first. */
const KIND_WEIGHT: Readonly<Record<FindingKind, number>> = {
  secret: 3,
  sast: 3,
  dependency: 2,
  pattern: 1,
  smell: 1,
  duplication: 1,
  complexity: 1,
  docs: 1,
};
const MAX_PLACES = 10;

export function recommend(input: RecommendationInput): readonly Recommendation[] {
  const open = input.findings.filter((finding) => finding.suppression === undefined);
  const groups = groupBy(open, (finding) => `${finding.ruleId}\0${areaOf(finding.file)}`);
  const fromFindings = [...groups].map(([key, findings]) => fromGroup(key, findings));
  const all = [...fromFindings, ...fromDependencies(input), ...fromDocumentation(input)];
  return all.sort((a, b) => b.score - a.score || byCodeUnit(a.id, b.id)).slice(0, input.max ?? 50);
}

/** The first two folders of a path: what one person usually looks after. */
function areaOf(file: string): string {
  const folders = posix.dirname(file).split('/');
  return folders[0] === '.' ? '.' : folders.slice(0, 2).join('/');
}

function fromGroup(key: string, findings: readonly RawFinding[]): Recommendation {
  const ranked = [...findings].sort(worstFirst);
  const [ruleId = '', area = '.'] = key.split('\0');
  const worst = ranked[0];
  if (worst === undefined) throw new RangeError('a group has at least one finding');
  const files = new Set(findings.map((finding) => finding.file));
  const where = area === '.' ? '' : ` in ${area}`;
  const rule = ruleOf(ruleId);
  const remedy = rule?.help ?? worst.help;
  return {
    id: fingerprint('recommendation', area, ruleId, 0).slice(0, 12),
    title: `${rule?.title ?? securityRuleTitle(ruleId) ?? titleOf(ruleId)}${where}`,
    kind: worst.kind,
    severity: worst.severity,
    score: score(worst, bestConfidence(findings), files.size),
    reach: files.size,
    findings: findings.length,
    reason: sentence(worst.message),
    ...(remedy === undefined ? {} : { help: remedy }),
    ruleIds: [ruleId],
    places: placesOf(ranked),
  };
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

type Weighed = Pick<RawFinding, 'severity' | 'kind'>;

/** Reach counts by its logarithm: ten files are worse than one, but not ten times. */
function score({ severity, kind }: Weighed, confidence: Confidence, reach: number): number {
  const weight = SEVERITY_WEIGHT[severity] * CONFIDENCE_WEIGHT[confidence] * KIND_WEIGHT[kind];
  const value = weight * (1 + Math.log2(Math.max(1, reach)));
  return Math.round(value * 100) / 100;
}

function bestConfidence(findings: readonly RawFinding[]): Confidence {
  return findings.reduce<Confidence>(
    (best, { confidence }) => (CONFIDENCES.indexOf(confidence) > CONFIDENCES.indexOf(best) ? confidence : best),
    'low',
  );
}

function worstFirst(a: RawFinding, b: RawFinding): number {
  return (
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    CONFIDENCES.indexOf(b.confidence) - CONFIDENCES.indexOf(a.confidence) ||
    byCodeUnit(a.file, b.file) ||
    a.startLine - b.startLine ||
    byCodeUnit(a.fingerprint, b.fingerprint)
  );
}

function placesOf(ranked: readonly RawFinding[]): Recommendation['places'] {
  const seen = new Set<string>();
  const places: { file: string; line: number; message: string }[] = [];
  for (const { file, startLine, message } of ranked) {
    const key = `${file}:${startLine}`;
    if (seen.has(key)) continue;
    seen.add(key);
    places.push({ file, line: startLine, message: sentence(message) });
    if (places.length === MAX_PLACES) break;
  }
  return places;
}

/** Dependencies with problems that no finding already speaks of, one recommendation per manifest. */
function fromDependencies({ dependencies = [], findings }: RecommendationInput): readonly Recommendation[] {
  const told = new Set(findings.filter(({ kind }) => kind === 'dependency').map(({ file }) => file));
  const troubled = dependencies.filter(({ problems, file }) => problems.length > 0 && !told.has(file));
  return [...groupBy(troubled, ({ file }) => file)].map(([file, entries]) => {
    const sorted = [...entries].sort((a, b) => byCodeUnit(a.name, b.name) || byCodeUnit(a.version, b.version));
    const first = sorted[0];
    const named = sorted
      .slice(0, 5)
      .map(({ name }) => name)
      .join(', ');
    return {
      id: fingerprint('recommendation', file, 'dependencies', 0).slice(0, 12),
      title: `Dependencies with problems in ${file}`,
      kind: 'dependency',
      severity: 'medium',
      score: score({ severity: 'medium', kind: 'dependency' }, 'medium', 1),
      reach: 1,
      findings: entries.length,
      reason: `${named}${sorted.length > 5 ? ', …' : ''}; for example ${first?.name}: ${first?.problems[0]}.`,
      ruleIds: ['dependencies'],
      places: [{ file, line: 1 }],
    };
  });
}

/** A poor README is recommended even where its finding was filtered out by severity. */
function fromDocumentation({ documentation, findings }: RecommendationInput): readonly Recommendation[] {
  if (documentation === undefined || documentation.readme.missing.length === 0) return [];
  if (findings.some(({ ruleId }) => ruleId === 'docs/readme-incomplete' || ruleId === 'docs/no-readme')) return [];
  const file = documentation.readme.file ?? 'README.md';
  const severity: Severity = documentation.readme.completeness < 0.5 ? 'medium' : 'low';
  return [
    {
      id: fingerprint('recommendation', file, 'readme', 0).slice(0, 12),
      title: `Complete the README: ${documentation.readme.missing.join(', ')}`,
      kind: 'docs',
      severity,
      score: score({ severity, kind: 'docs' }, 'medium', 1),
      reach: 1,
      findings: 0,
      reason: `It has ${documentation.readme.present.length} of the parts a newcomer looks for and lacks ${plural(documentation.readme.missing.length, 'other')}.`,
      ruleIds: ['docs/readme-incomplete'],
      places: [{ file, line: 1 }],
    },
  ];
}

/** `area/what-it-is` of a rule that is not ours, as a person would say it. */
function titleOf(ruleId: string): string {
  const name = ruleId.slice(ruleId.indexOf('/') + 1).replace(/[-_]+/g, ' ');
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
