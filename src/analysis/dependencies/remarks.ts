/** What there is to say about a manifest: which freedoms matter, and how much. */
import { groupBy } from '../group-by.ts';
import type { Confidence, Severity } from '../../contracts/index.ts';
import { hideCredentials } from '../hide-credentials.ts';
import type { FindingDraft } from '../security/findings.ts';
import type { Declared, Ecosystem, Manifest } from './declared.ts';
import { lookalikeOf } from './lookalikes.ts';
import { LOCKFILE_NAMES } from './manifest-files.ts';

/** What is known about where a manifest stands. */
export interface Surroundings {
  /** The lockfile that covers it, in its own folder or one above. */
  readonly lockfile: string | undefined;
  /** Names, see `pinName`, that a list in the same folder pins. */
  readonly pinned: ReadonlySet<string>;
  /** True below tests, examples and documentation. */
  readonly isRehearsal: boolean;
}

export interface Remark {
  readonly rule: string;
  readonly severity: Severity;
  /** @default 'high' */
  readonly confidence?: Confidence | undefined;
  readonly problem: string;
  readonly message: string;
  readonly help: string;
  readonly cwe?: string | undefined;
}

/** Names as PyPI compares them: case and joints do not matter (PEP 503). */
export function pinName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

/** Names as their ecosystem compares them. */
export function nameKey(ecosystem: Ecosystem, name: string): string {
  if (ecosystem === 'PyPI') return pinName(name);
  if (ecosystem === 'crates.io') return name.replaceAll('_', '-');
  return ecosystem === 'NuGet' || ecosystem === 'Packagist' ? name.toLowerCase() : name;
}

/** The remark a declaration deserves, if any; a lockfile settles most of them. */
export function remarkOn(declared: Declared, manifest: Manifest, around: Surroundings): Remark | undefined {
  const remark = rawRemark(declared, manifest, around);
  if (remark === undefined) return undefined;
  const isLight = around.isRehearsal || (declared.isDevelopment && remark.rule !== 'unencrypted-source');
  return isLight ? { ...remark, severity: 'low' } : remark;
}

function rawRemark(declared: Declared, manifest: Manifest, around: Surroundings): Remark | undefined {
  const { name, version, freedom } = declared;
  if (declared.isUnencrypted === true)
    return unencrypted(`${name} is fetched over an unencrypted connection (${shown(version)})`);
  if (freedom === 'git') return declared.isPinnedCommit === true ? undefined : fromGit(name, version, around);
  if (freedom === 'url') return undefined;
  if (freedom === 'any') return anyVersion(name, version, manifest, around);
  const isSettled = around.lockfile !== undefined || manifest.isLibrary || around.pinned.has(pinName(name));
  return freedom === 'open' && !isSettled ? openRange(name, version) : undefined;
}

export function unencrypted(what: string): Remark {
  return {
    rule: 'unencrypted-source',
    severity: 'high',
    problem: 'fetched over an unencrypted connection',
    message: `${what}: anyone on the way can replace it.`,
    help: 'Use https, or a registry.',
    cwe: 'CWE-494',
  };
}

function fromGit(name: string, version: string, around: Surroundings): Remark {
  return {
    rule: 'moving-git-source',
    severity: around.lockfile === undefined ? 'medium' : 'low',
    problem: 'from a git branch or tag that can move',
    message: `${name} comes from a git branch or tag (${shown(version)}) that can move: the next install may get other code.`,
    help: 'Name the commit, or use a released version.',
    cwe: 'CWE-829',
  };
}

function anyVersion(name: string, version: string, manifest: Manifest, around: Surroundings): Remark | undefined {
  const isSettled = around.lockfile !== undefined || manifest.isLibrary || around.pinned.has(pinName(name));
  // A Gemfile names gems; the versions are the lockfile's.
  if (isSettled && manifest.ecosystem === 'RubyGems') return undefined;
  return {
    rule: 'unpinned',
    severity: isSettled ? 'low' : 'medium',
    problem: 'any version is accepted',
    message: `${name} has no version${version === '' ? '' : ` (${shown(version)})`}: every install may get another one, a broken or a hijacked one too.`,
    help: manifest.isPinList
      ? `Write ${name}== and the version you tested with.`
      : 'Give a range with an upper bound, and keep a lockfile.',
    cwe: 'CWE-1357',
  };
}

function openRange(name: string, version: string): Remark {
  return {
    rule: 'no-upper-bound',
    severity: 'low',
    problem: 'no upper bound and no lockfile',
    message: `${name} ${shown(version)} has no upper bound and no lockfile settles it: an incompatible release is installed as soon as it is out.`,
    help: 'Add an upper bound or commit a lockfile.',
  };
}

/** Addresses can hold credentials and be as long as one likes. */
export function shown(version: string): string {
  return hideCredentials(version).slice(0, 100);
}

export function toDraft(manifest: Manifest, declared: Declared, remark: Remark): FindingDraft {
  return draft(manifest.file, declared.line, remark, [declared.name, remark.rule]);
}

/** Remarks about a manifest as a whole. */
export function remarksOnManifest(manifest: Manifest, around: Surroundings): readonly FindingDraft[] {
  const drafts: FindingDraft[] = manifest.unencryptedIndexes.map((line) =>
    draft(manifest.file, line, unencrypted('The package index is reached over an unencrypted connection'), ['index']),
  );
  drafts.push(...twice(manifest), ...lookalikes(manifest, around));
  const names = LOCKFILE_NAMES[manifest.ecosystem] ?? [];
  if (around.lockfile !== undefined || manifest.isPinList || names.length === 0 || !hasOpenVersions(manifest))
    return drafts;
  if ((manifest.ecosystem === 'PyPI' && manifest.isLibrary) || manifest.ecosystem === 'NuGet') return drafts;
  const severity: Severity = manifest.isLibrary || around.isRehearsal ? 'low' : 'medium';
  return [...drafts, draft(manifest.file, manifest.line, missingLockfile(manifest, names, severity), ['lockfile'])];
}

/** Go's versions are exact, and yet only go.sum says that what is downloaded is what was. */
function hasOpenVersions({ ecosystem, declared }: Manifest): boolean {
  if (ecosystem === 'Go') return declared.some((entry) => entry.name !== 'stdlib');
  return declared.some(({ freedom }) => freedom === 'range' || freedom === 'open' || freedom === 'any');
}

function missingLockfile(manifest: Manifest, names: readonly string[], severity: Severity): Remark {
  const best = names
    .slice(0, 3)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');
  return {
    rule: 'missing-lockfile',
    severity,
    problem: 'no lockfile',
    message: `There is no lockfile for ${manifest.file}: two installs of the same commit can get different packages.`,
    help: `Commit ${best}.`,
    cwe: 'CWE-1357',
  };
}

/** A package that one manifest asks for in two ways; which one counts is the package manager's secret. */
function twice(manifest: Manifest): readonly FindingDraft[] {
  const byName = groupBy(manifest.declared, (entry) => nameKey(manifest.ecosystem, entry.name));
  return [...byName.values()].flatMap((entries) => {
    const versions = new Set(entries.map((entry) => entry.version));
    const last = entries.at(-1);
    if (versions.size < 2 || last === undefined || entries.some((entry) => entry.isOptional === true)) return [];
    // Markers, targets and groups may ask for different versions on purpose; a plain list has none of them.
    if (!manifest.isPinList || entries.some((entry) => entry.isConditional === true)) return [];
    return [draft(manifest.file, last.line, declaredTwice(last, [...versions]), [last.name, 'declared-twice'])];
  });
}

function declaredTwice({ name }: Declared, versions: readonly string[]): Remark {
  const all = versions.map((version) => (version === '' ? 'any' : shown(version))).join(' and ');
  return {
    rule: 'declared-twice',
    severity: 'medium',
    problem: 'declared twice with different versions',
    message: `${name} is asked for several times, with different versions: ${all}.`,
    help: 'Keep one of them.',
  };
}

function lookalikes(manifest: Manifest, around: Surroundings): readonly FindingDraft[] {
  return manifest.declared.flatMap((declared) => {
    const isForeign = declared.freedom !== 'path' && declared.freedom !== 'git' && declared.freedom !== 'url';
    const popular = isForeign ? lookalikeOf(manifest.ecosystem, declared.name) : undefined;
    if (popular === undefined) return [];
    const remark = lookalike(declared.name, popular, around);
    return [draft(manifest.file, declared.line, remark, [declared.name, 'lookalike'])];
  });
}

function lookalike(name: string, popular: string, around: Surroundings): Remark {
  return {
    rule: 'lookalike-name',
    severity: around.isRehearsal ? 'low' : 'medium',
    confidence: 'low',
    problem: `its name is close to that of ${popular}`,
    message: `${name} is one slip away from the much-used ${popular}: malicious packages take such names.`,
    help: `Make sure that ${name} is meant, and not ${popular}.`,
    cwe: 'CWE-1357',
  };
}

export function draft(file: string, line: number, remark: Remark, identity: readonly string[]): FindingDraft {
  return {
    ruleId: `dependency/${remark.rule}`,
    kind: 'dependency',
    severity: remark.severity,
    confidence: remark.confidence ?? 'high',
    message: remark.message,
    file,
    startLine: line,
    endLine: line,
    cwe: remark.cwe,
    help: remark.help,
    identity,
  };
}
