/** How bad a vulnerability is: by the base score of CVSS 3 or 2, by what its database says, or by the impact of CVSS 4. */
import { SEVERITIES, type Severity } from '../../../contracts/index.ts';
import type { OsvVulnerability } from './shapes.ts';

interface Scored {
  readonly type: string;
  readonly score: string;
}

/** @returns undefined when nobody has rated it */
export function severityOf(vulnerability: OsvVulnerability): Severity | undefined {
  const scored: readonly Scored[] = [
    ...vulnerability.severity,
    ...vulnerability.affected.flatMap((affected) => affected.severity),
  ];
  const by = (type: string, read: (vector: string) => Severity | undefined): Severity | undefined =>
    worst(scored.filter((one) => one.type === type).map((one) => read(one.score)));
  return (
    by('CVSS_V3', (vector) => fromScore(cvss3(vector))) ??
    fromDatabase(vulnerability) ??
    by('CVSS_V4', cvss4) ??
    by('CVSS_V2', (vector) => fromScore(cvss2(vector)))
  );
}

function worst(severities: readonly (Severity | undefined)[]): Severity | undefined {
  const ranks = severities.flatMap((severity) => (severity === undefined ? [] : [SEVERITIES.indexOf(severity)]));
  return ranks.length === 0 ? undefined : SEVERITIES[Math.max(...ranks)];
}

/** The bounds of FIRST's qualitative scale; nothing below `low` is worth a rank of its own here. */
function fromScore(score: number | undefined): Severity | undefined {
  if (score === undefined) return undefined;
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'medium' : 'low';
}

const WORDS: Readonly<Record<string, Severity>> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MODERATE: 'medium',
  MEDIUM: 'medium',
  LOW: 'low',
};

function fromDatabase({ database_specific, affected }: OsvVulnerability): Severity | undefined {
  const said = [
    database_specific?.severity,
    ...affected.flatMap((one) => [one.database_specific?.severity, one.ecosystem_specific?.severity]),
  ];
  return worst(said.map((word) => (typeof word === 'string' ? WORDS[word.toUpperCase()] : undefined)));
}

function metricsOf(vector: string): ReadonlyMap<string, string> {
  return new Map(
    vector.split('/').flatMap((part): readonly (readonly [string, string])[] => {
      const [name, value] = part.split(':');
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

type Weights = Readonly<Record<string, Readonly<Record<string, number>>>>;

const V3: Weights = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  PR: { N: 0.85, L: 0.62, H: 0.27 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};
/** Privileges weigh less where the scope changes. */
const PRIVILEGES_CHANGED: Readonly<Record<string, number>> = { N: 0.85, L: 0.68, H: 0.5 };

/** Base score of CVSS 3.0 and 3.1, 0 to 10 (FIRST, CVSS v3.1 specification, section 7.1); undefined for no such vector. */
export function cvss3(vector: string): number | undefined {
  const metrics = metricsOf(vector);
  const isChanged = metrics.get('S') === 'C';
  const weight = (name: string): number =>
    (name === 'PR' && isChanged ? PRIVILEGES_CHANGED : V3[name])?.[metrics.get(name) ?? ''] ?? Number.NaN;
  const base = 1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A'));
  const impact = isChanged ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base;
  const exploitability = 8.22 * weight('AV') * weight('AC') * weight('PR') * weight('UI');
  if (Number.isNaN(impact + exploitability)) return undefined;
  if (impact <= 0) return 0;
  return roundUp(Math.min((isChanged ? 1.08 : 1) * (impact + exploitability), 10));
}

/** To one decimal, as the specification does it to get the same on every machine. */
function roundUp(value: number): number {
  const whole = Math.round(value * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}

const V2: Weights = {
  AV: { N: 1, A: 0.646, L: 0.395 },
  AC: { L: 0.71, M: 0.61, H: 0.35 },
  Au: { N: 0.704, S: 0.56, M: 0.45 },
  C: { C: 0.66, P: 0.275, N: 0 },
  I: { C: 0.66, P: 0.275, N: 0 },
  A: { C: 0.66, P: 0.275, N: 0 },
};

/** Base score of CVSS 2. */
function cvss2(vector: string): number | undefined {
  const metrics = metricsOf(vector);
  const weight = (name: string): number => V2[name]?.[metrics.get(name) ?? ''] ?? Number.NaN;
  const impact = 10.41 * (1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A')));
  const exploitability = 20 * weight('AV') * weight('AC') * weight('Au');
  const score = (0.6 * impact + 0.4 * exploitability - 1.5) * (impact === 0 ? 0 : 1.176);
  return Number.isNaN(score) ? undefined : Math.round(score * 10) / 10;
}

/** CVSS 4 scores by a table of comparisons; of a vector alone this tells roughly where it lies. */
function cvss4(vector: string): Severity | undefined {
  const metrics = metricsOf(vector);
  const impacts = ['VC', 'VI', 'VA'].map((name) => metrics.get(name));
  if (impacts.includes(undefined)) return undefined;
  const isOpen = metrics.get('AV') === 'N' && metrics.get('PR') === 'N' && metrics.get('UI') === 'N';
  const high = impacts.filter((impact) => impact === 'H').length;
  if (high === 0) return impacts.includes('L') && isOpen ? 'medium' : 'low';
  if (!isOpen) return high === 3 ? 'high' : 'medium';
  return high >= 2 && metrics.get('AC') === 'L' && metrics.get('AT') !== 'P' ? 'critical' : 'high';
}
