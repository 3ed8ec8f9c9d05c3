/** What there is to say about a lockfile: by itself, and beside the manifest that it settles. */
import { groupBy } from '../group-by.ts';
import type { FindingDraft } from '../security/findings.ts';
import type { Declared, Locked, Lockfile, Manifest } from './declared.ts';
import { conflicts } from './licences.ts';
import { draft, nameKey, type Remark, unencrypted } from './remarks.ts';

/** Packages that one remark names. */
const MAX_NAMED = 5;
/** Remarks of one kind about one lockfile. */
const MAX_REMARKS = 100;

/** Sources, scripts that run at install time, and packages that are there several times. */
export function remarksOnLockfile(lockfile: Lockfile, text: string): readonly FindingDraft[] {
  const lineOf = (entry: Locked): number => {
    const at = text.indexOf(entry.key);
    return at === -1 ? 1 : text.slice(0, at).split('\n').length;
  };
  const about = (entry: Locked, remark: Remark, identity: readonly string[]): FindingDraft =>
    draft(lockfile.file, lineOf(entry), remark, identity);
  const drafts = lockfile.locked
    .filter((entry) => entry.source === 'unencrypted')
    .slice(0, MAX_REMARKS)
    .map((entry) =>
      about(entry, unencrypted(`${entry.name} was locked to an unencrypted address`), [entry.name, 'unencrypted']),
    );
  const scripted = lockfile.locked.filter((entry) => entry.hasInstallScript === true);
  if (scripted[0] !== undefined) drafts.push(about(scripted[0], installScripts(scripted), ['install-scripts']));
  const several = severalVersions(lockfile.locked);
  if (several[0] !== undefined) drafts.push(about(several[0].first, duplicates(several), ['duplicate-packages']));
  return drafts;
}

function installScripts(scripted: readonly Locked[]): Remark {
  return {
    rule: 'install-scripts',
    severity: 'low',
    problem: 'runs a script when it is installed',
    message: `Packages that run a script when they are installed: ${listed(scripted.map((entry) => entry.name))}.`,
    help: 'Install with --ignore-scripts where these are not needed.',
    cwe: 'CWE-829',
  };
}

interface Several {
  readonly first: Locked;
  readonly versions: readonly string[];
}

/** Packages of which several versions are installed beside each other, most first. */
function severalVersions(locked: readonly Locked[]): readonly Several[] {
  const byName = groupBy(
    locked.filter((entry) => entry.version !== '' && entry.isLocal !== true),
    (entry) => entry.name,
  );
  return [...byName.values()]
    .map((entries) => ({ first: entries[0] as Locked, versions: entries.map((entry) => entry.version) }))
    .filter(({ versions }) => versions.length > 1)
    .sort((a, b) => b.versions.length - a.versions.length || (a.first.name < b.first.name ? -1 : 1));
}

function duplicates(several: readonly Several[]): Remark {
  const names = several.map(({ first, versions }) => `${first.name} (${versions.slice(0, 4).join(', ')})`);
  return {
    rule: 'duplicate-packages',
    severity: 'low',
    problem: 'locked in several versions',
    message: `Packages that are installed in several versions: ${listed(names)}. Each makes the program bigger, and objects of one are not those of the other.`,
    help: 'Bring the ranges together, or let the package manager dedupe.',
  };
}

function listed(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
}

/** What a manifest asks for and the lockfile beside it does not have: whoever installs from the lockfile fails or gets another one. */
export function remarksOnStale(manifest: Manifest, lockfile: Lockfile): readonly FindingDraft[] {
  const locked = groupBy(lockfile.locked, (entry) => nameKey(lockfile.ecosystem, entry.name));
  const stale = manifest.declared.filter((declared) => {
    if (declared.isOptional === true || !isFromRegistry(declared)) return false;
    const found = locked.get(nameKey(manifest.ecosystem, declared.name));
    if (found === undefined) return true;
    return declared.freedom === 'exact' && !found.some((entry) => sameVersion(entry.version, declared.version));
  });
  const [first] = stale;
  // A lockfile that knows nothing of it belongs to something else.
  if (first === undefined || stale.length === manifest.declared.filter(isFromRegistry).length) return [];
  return [draft(manifest.file, first.line, staleLockfile(lockfile.file, stale), ['stale-lockfile'])];
}

function isFromRegistry({ freedom }: Declared): boolean {
  return freedom === 'exact' || freedom === 'range' || freedom === 'open' || freedom === 'any';
}

/** `v1.0` and `1.0.0+build` are 1.0.0. */
function sameVersion(a: string, b: string): boolean {
  const plain = (version: string): string =>
    version
      .replace(/^v/, '')
      .replace(/\+.*$/, '')
      .replace(/(?:\.0)+$/, '');
  return a === '' || plain(a) === plain(b);
}

function staleLockfile(file: string, stale: readonly Declared[]): Remark {
  return {
    rule: 'stale-lockfile',
    severity: 'medium',
    confidence: 'medium',
    problem: 'not in the lockfile as declared',
    message: `${file} does not have what is declared here: ${listed(stale.map((entry) => entry.name))}. An install from it fails, or gets something else than was tested.`,
    help: 'Install again and commit the lockfile.',
    cwe: 'CWE-1357',
  };
}

/** Packages whose licence asks of the whole program what the project's own licence does not grant. */
export function remarksOnLicences(manifest: Manifest, lockfile: Lockfile, text: string): readonly FindingDraft[] {
  const own = manifest.licence;
  if (own === undefined) return [];
  return lockfile.locked
    .filter((entry) => entry.isDevelopment !== true && entry.licence !== undefined && conflicts(own, entry.licence))
    .slice(0, MAX_REMARKS)
    .map((entry) => {
      const at = text.indexOf(entry.key);
      const line = at === -1 ? 1 : text.slice(0, at).split('\n').length;
      return draft(lockfile.file, line, licenceConflict(entry, own), [entry.name, 'licence-conflict']);
    });
}

function licenceConflict(entry: Locked, own: string): Remark {
  return {
    rule: 'licence-conflict',
    severity: 'medium',
    confidence: 'medium',
    problem: "its licence does not go with the project's",
    message: `${entry.name} is under ${entry.licence ?? ''}, the project under ${own.slice(0, 100)}: passing both on together puts the whole under terms that the project does not grant.`,
    help: 'Replace the package, keep it out of what is passed on, or have the licences looked at.',
  };
}
