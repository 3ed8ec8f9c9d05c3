/** What there is to say about a manifest or a lockfile: which freedoms matter, and how much. */
import type { Severity } from '../../contracts/index.ts';
import type { FindingDraft } from '../security/findings.ts';
import type { Declared, Locked, Lockfile, Manifest } from './declared.ts';

/** What is known about where a manifest stands. */
export interface Surroundings {
  /** The lockfile that covers it, in its own folder or one above. */
  readonly lockfile: string | undefined;
  /** Names, see `pinName`, that a list in the same folder pins. */
  readonly pinned: ReadonlySet<string>;
  /** True below tests, examples and documentation. */
  readonly isRehearsal: boolean;
}

interface Remark {
  readonly rule: string;
  readonly severity: Severity;
  readonly problem: string;
  readonly message: string;
  readonly help: string;
  readonly cwe?: string | undefined;
}

/** Names as PyPI compares them: case and joints do not matter (PEP 503). */
export function pinName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
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

function unencrypted(what: string): Remark {
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

function anyVersion(name: string, version: string, manifest: Manifest, around: Surroundings): Remark {
  const isSettled = around.lockfile !== undefined || manifest.isLibrary || around.pinned.has(pinName(name));
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
function shown(version: string): string {
  return version.replace(/\/\/[^/@\s]*@/, '//…@').slice(0, 100);
}

export function toDraft(manifest: Manifest, declared: Declared, remark: Remark): FindingDraft {
  return draft(manifest.file, declared.line, remark, [declared.name, remark.rule]);
}

/** Remarks about a manifest as a whole. */
export function remarksOnManifest(manifest: Manifest, around: Surroundings): readonly FindingDraft[] {
  const drafts = manifest.unencryptedIndexes.map((line) =>
    draft(manifest.file, line, unencrypted('The package index is reached over an unencrypted connection'), ['index']),
  );
  const isEmpty = !manifest.declared.some(
    (entry) => entry.freedom === 'range' || entry.freedom === 'open' || entry.freedom === 'any',
  );
  if (around.lockfile !== undefined || manifest.isPinList || isEmpty) return drafts;
  if (manifest.ecosystem === 'PyPI' && manifest.isLibrary) return drafts;
  const severity: Severity = manifest.isLibrary || around.isRehearsal ? 'low' : 'medium';
  return [...drafts, draft(manifest.file, manifest.line, missingLockfile(manifest, severity), ['lockfile'])];
}

function missingLockfile(manifest: Manifest, severity: Severity): Remark {
  const names =
    manifest.ecosystem === 'npm'
      ? 'package-lock.json, yarn.lock or pnpm-lock.yaml'
      : 'poetry.lock, uv.lock or Pipfile.lock';
  return {
    rule: 'missing-lockfile',
    severity,
    problem: 'no lockfile',
    message: `There is no lockfile for ${manifest.file}: two installs of the same commit can get different packages.`,
    help: `Commit ${names}.`,
    cwe: 'CWE-1357',
  };
}

const MAX_NAMED = 5;

/** Remarks about a lockfile: sources and scripts that run at install time. */
export function remarksOnLockfile(lockfile: Lockfile, text: string): readonly FindingDraft[] {
  const lineOf = (entry: Locked): number => {
    const at = text.indexOf(`"${entry.key}"`);
    return at === -1 ? 1 : text.slice(0, at).split('\n').length;
  };
  const unsafe = lockfile.locked.filter((entry) => entry.source === 'unencrypted').slice(0, 100);
  const drafts = unsafe.map((entry) =>
    draft(lockfile.file, lineOf(entry), unencrypted(`${entry.name} was locked to an unencrypted address`), [
      entry.name,
      'unencrypted',
    ]),
  );
  const scripted = lockfile.locked.filter((entry) => entry.hasInstallScript);
  const first = scripted[0];
  return first === undefined
    ? drafts
    : [...drafts, draft(lockfile.file, lineOf(first), installScripts(scripted), ['install-scripts'])];
}

function installScripts(scripted: readonly Locked[]): Remark {
  const names = scripted
    .slice(0, MAX_NAMED)
    .map((entry) => entry.name)
    .join(', ');
  const more = scripted.length > MAX_NAMED ? ` and ${scripted.length - MAX_NAMED} more` : '';
  return {
    rule: 'install-scripts',
    severity: 'low',
    problem: 'runs a script when it is installed',
    message: `Packages that run a script when they are installed: ${names}${more}.`,
    help: 'Install with --ignore-scripts where these are not needed.',
    cwe: 'CWE-829',
  };
}

function draft(file: string, line: number, remark: Remark, identity: readonly string[]): FindingDraft {
  return {
    ruleId: `dependency/${remark.rule}`,
    kind: 'dependency',
    severity: remark.severity,
    confidence: 'high',
    message: remark.message,
    file,
    startLine: line,
    endLine: line,
    cwe: remark.cwe,
    help: remark.help,
    identity,
  };
}
