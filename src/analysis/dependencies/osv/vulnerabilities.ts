/** Known vulnerabilities of the packages of a repository as findings: one per package, version and weakness. */
import { groupBy } from '../../group-by.ts';
import { type FindingDraft, lowered } from '../../security/findings.ts';
import type { Confidence, Severity } from '../../../contracts/index.ts';
import { draft } from '../remarks.ts';
import { askOsv, type OsvOptions, type OsvPackage, osvKey } from './client.ts';
import { severityOf } from './severity.ts';
import type { OsvAffected, OsvVulnerability } from './shapes.ts';
import { compareVersions } from './versions.ts';

/** A package that a manifest or lockfile pins, and where. */
export interface PinnedPackage extends OsvPackage {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly isDevelopment: boolean;
  /** Below tests, examples and documentation. */
  readonly isRehearsal: boolean;
}

export interface VulnerabilityReport {
  readonly findings: readonly FindingDraft[];
  /** Names of the vulnerabilities by `osvKey`. */
  readonly byPackage: ReadonlyMap<string, readonly string[]>;
  /** How many packages were asked about. */
  readonly asked: number;
  readonly problems: readonly string[];
}

/** Ecosystems that OSV knows; of others it refuses whole batches. */
const KNOWN_ECOSYSTEMS: ReadonlySet<string> = new Set([
  'npm',
  'PyPI',
  'Go',
  'crates.io',
  'Maven',
  'RubyGems',
  'Packagist',
  'NuGet',
  'Pub',
  'Hex',
  'CRAN',
  'ConanCenter',
  'Hackage',
]);
/** Addresses, paths and templates are no names, and nobody's business. */
const NAME = /^@?\w[\w.+~-]*(?:[:/][\w.+~-]+)*$/;
const VERSION = /^[\w][\w.+!~:-]{0,100}$/;

/** Sends names and versions of packages to OSV, and nothing else. @throws ConductorError CANCELLED, VALIDATION_FAILED */
export async function findVulnerabilities(
  packages: readonly PinnedPackage[],
  options: OsvOptions,
): Promise<VulnerabilityReport> {
  const asked = packages.filter(isAskable);
  const { vulnerabilities, problems } = await askOsv(asked, options);
  const byPackage = new Map<string, readonly string[]>();
  const findings: FindingDraft[] = [];
  for (const one of asked) {
    const found = weaknesses(vulnerabilities.get(osvKey(one)) ?? []);
    if (found.length === 0) continue;
    byPackage.set(
      osvKey(one),
      found.map((weakness) => weakness.name),
    );
    findings.push(...found.map((weakness) => toDraft(one, weakness)));
  }
  return { findings, byPackage, asked: new Set(asked.map(osvKey)).size, problems };
}

function isAskable({ ecosystem, name, version }: PinnedPackage): boolean {
  return KNOWN_ECOSYSTEMS.has(ecosystem) && name.length <= 200 && NAME.test(name) && VERSION.test(version);
}

interface Weakness {
  /** The CVE where there is one: every database knows it. */
  readonly name: string;
  readonly others: readonly string[];
  readonly vulnerability: OsvVulnerability;
  readonly severity: Severity | undefined;
}

/** Reports of several databases about one weakness name each other as aliases: they are one. */
function weaknesses(vulnerabilities: readonly OsvVulnerability[]): readonly Weakness[] {
  const groups = new Groups();
  for (const { id, aliases } of vulnerabilities) groups.join([id, ...aliases]);
  return [...groupBy(vulnerabilities, ({ id }) => groups.of(id)).values()].map(merged);
}

function merged(reports: readonly OsvVulnerability[]): Weakness {
  const rated = reports.map((vulnerability) => ({ vulnerability, severity: severityOf(vulnerability) }));
  // GitHub's are reviewed by people and say what would be right.
  const [best] = [...rated].sort(
    (a, b) =>
      Number(b.severity !== undefined) - Number(a.severity !== undefined) ||
      Number(b.vulnerability.id.startsWith('GHSA-')) - Number(a.vulnerability.id.startsWith('GHSA-')) ||
      (a.vulnerability.id < b.vulnerability.id ? -1 : 1),
  );
  if (best === undefined) throw new RangeError('a group of reports is never empty');
  const ids = [...new Set(reports.flatMap(({ id, aliases }) => [id, ...aliases]))].sort();
  const name = ids.find((id) => id.startsWith('CVE-')) ?? best.vulnerability.id;
  return { name, others: ids.filter((id) => id !== name), ...best };
}

/** Which ids are names of the same. */
class Groups {
  readonly #parents = new Map<string, string>();

  join(ids: readonly string[]): void {
    const [first, ...rest] = ids.map((id) => this.of(id));
    for (const id of rest) if (first !== undefined && id !== first) this.#parents.set(this.of(id), this.of(first));
  }

  of(id: string): string {
    let root = id;
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root)) root = parent;
    return root;
  }
}

function toDraft(one: PinnedPackage, { name, others, vulnerability, severity }: Weakness): FindingDraft {
  const rated = severity ?? 'medium';
  const confidence: Confidence = severity === undefined ? 'medium' : 'high';
  const isLight = one.isDevelopment || one.isRehearsal;
  const also = others.length === 0 ? '' : ` (${others.slice(0, 3).join(', ')})`;
  const fixed = fixedIn(vulnerability, one);
  const remark = {
    rule: 'known-vulnerability',
    severity: isLight ? lowered(rated) : rated,
    confidence,
    problem: name,
    message: `${one.name} ${one.version} is vulnerable: ${name}${also}${saying(vulnerability)}.${isLight ? ' It is used in development only.' : ''}`,
    help:
      fixed === undefined
        ? `No fixed version of ${one.name} is known: replace it, or make sure that the weakness cannot be reached.`
        : `Update ${one.name} to ${fixed} or later.`,
    cwe: weaknessOf(vulnerability),
  };
  return draft(one.file, one.line, remark, [one.ecosystem, one.name, name]);
}

function saying({ summary, details }: OsvVulnerability): string {
  const text = (summary || (details.split(/\n|\. /, 1)[0] ?? '')).replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return text === '' ? '' : `: ${text.length > 160 ? `${text.slice(0, 159)}…` : text}`;
}

function weaknessOf({ database_specific }: OsvVulnerability): string {
  const ids: unknown = database_specific?.cwe_ids;
  const first: unknown = Array.isArray(ids) ? ids[0] : undefined;
  return typeof first === 'string' && /^CWE-\d{1,5}$/.test(first) ? first : 'CWE-1395';
}

/** The first fixed version after the one in use, of the ranges that speak of this package. */
function fixedIn({ affected }: OsvVulnerability, one: OsvPackage): string | undefined {
  const about = affected.filter((each) => isAbout(each, one));
  const fixed = about.flatMap(({ ranges }) =>
    ranges.filter(({ type }) => type !== 'GIT').flatMap(({ events }) => events.flatMap((event) => event.fixed ?? [])),
  );
  return fixed
    .filter((version) => compareVersions(version, one.version) > 0)
    .sort(compareVersions)
    .at(0);
}

function isAbout({ package: about }: OsvAffected, { ecosystem, name }: OsvPackage): boolean {
  if (about === undefined) return false;
  const plain = (text: string): string => text.toLowerCase().replace(/[-_.]+/g, '-');
  return about.ecosystem.split(':', 1)[0] === ecosystem && plain(about.name) === plain(name);
}
