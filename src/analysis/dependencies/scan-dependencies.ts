/** The dependencies of a repository: every declared or locked package once per file, and what is wrong with them. */
import { groupBy } from '../group-by.ts';
import { messageOf } from '../../base/errors.ts';
import type { DependencyEntry, SkippedPlace } from '../../contracts/index.ts';
import type { FindingDraft } from '../security/findings.ts';
import { isRehearsal } from '../security/secrets/file-flavour.ts';
import { byCodeUnit } from '../walk.ts';
import type { Declared, Locked, Lockfile, Manifest } from './declared.ts';
import { remarksOnLicences, remarksOnLockfile, remarksOnStale } from './lockfile-remarks.ts';
import { installedKey } from './installed.ts';
import type { PinnedPackage } from './osv/vulnerabilities.ts';
import { pinnedInLockfile, pinnedInManifest } from './pinned.ts';
import { LOCKFILE_NAMES, lockfileReader, manifestReader } from './manifest-files.ts';
import {
  nameKey,
  pinName,
  type Remark,
  remarkOn,
  remarksOnManifest,
  type Surroundings,
  shown,
  toDraft,
} from './remarks.ts';

export interface DependencyFile {
  /** Relative to the root. */
  readonly file: string;
  readonly text: string;
}

export interface DependencyScan {
  /** By ecosystem, file, name and version. */
  readonly entries: readonly DependencyEntry[];
  readonly findings: readonly FindingDraft[];
  /** What has a version and comes from a registry: what others may know something about. */
  readonly pinned: readonly PinnedPackage[];
  readonly skipped: readonly SkippedPlace[];
}

/** Entries in all; what is more is told as a skipped place. */
const MAX_ENTRIES = 20_000;

/**
 * @param paths of every lockfile of the repository, read or not: they settle what manifests leave open
 * @param installed licences by `installedKey`, for lockfiles that do not name them
 */
export function scanDependencies(
  files: readonly DependencyFile[],
  paths: ReadonlySet<string>,
  installed: ReadonlyMap<string, string> = new Map(),
): DependencyScan {
  const skipped: SkippedPlace[] = [];
  const texts = new Map(files.map(({ file, text }) => [file, text.replace(/^\uFEFF/, '')]));
  const textOf = (path: string): string | undefined => texts.get(path);
  const manifests = readAll(texts, skipped, (file, text) => manifestReader(file)?.(file, text, textOf));
  const lockfiles = readAll(texts, skipped, (file, text) => lockfileReader(file)?.(file, text)).map((lockfile) =>
    withLicences(lockfile, installed),
  );
  const locked = new Map(lockfiles.map((lockfile) => [lockfile.file, new LockedPackages(lockfile)]));
  const findings = lockfiles.flatMap((lockfile) => remarksOnLockfile(lockfile, textOf(lockfile.file) ?? ''));
  const pins = pinsByFolder(manifests);
  const isLockedIn = (manifest: Manifest, name: string): boolean =>
    locked.get(surroundings(manifest, paths, pins).lockfile ?? '')?.knows(name) === true;
  const entries: DependencyEntry[] = [];
  for (const manifest of manifests) {
    const around = surroundings(manifest, paths, pins);
    const packages = around.lockfile === undefined ? undefined : locked.get(around.lockfile);
    findings.push(...remarksOnManifest(manifest, around), ...remarksOnPair(manifest, packages?.lockfile, textOf));
    const remarks = manifest.declared.map((declared) => ({ declared, remark: remarkOn(declared, manifest, around) }));
    findings.push(...remarks.flatMap(({ declared, remark }) => (remark ? [toDraft(manifest, declared, remark)] : [])));
    entries.push(...remarks.flatMap(({ declared, remark }) => entryOf(manifest, declared, remark, packages)));
  }
  for (const packages of locked.values()) entries.push(...packages.entries());
  const pinned = [
    ...lockfiles.flatMap((lockfile) => pinnedInLockfile(lockfile, textOf(lockfile.file) ?? '')),
    ...manifests.flatMap((manifest) => pinnedInManifest(manifest, (name) => isLockedIn(manifest, name))),
  ];
  return { ...bounded(distinct(entries), skipped), findings, pinned };
}

function withLicences(lockfile: Lockfile, installed: ReadonlyMap<string, string>): Lockfile {
  if (installed.size === 0) return lockfile;
  const { file, locked } = lockfile;
  return {
    ...lockfile,
    locked: locked.map((entry) => ({
      ...entry,
      licence: entry.licence ?? installed.get(installedKey(file, entry.name, entry.version)),
    })),
  };
}

/** A manifest and the lockfile in its own folder; one further up may be another project's. */
function remarksOnPair(
  manifest: Manifest,
  lockfile: Lockfile | undefined,
  textOf: (path: string) => string | undefined,
): readonly FindingDraft[] {
  if (lockfile === undefined || folderOf(lockfile.file) !== folderOf(manifest.file)) return [];
  return [...remarksOnStale(manifest, lockfile), ...remarksOnLicences(manifest, lockfile, textOf(lockfile.file) ?? '')];
}

function readAll<T>(
  texts: ReadonlyMap<string, string>,
  skipped: SkippedPlace[],
  read: (file: string, text: string) => T | undefined,
): readonly T[] {
  return [...texts].flatMap(([file, text]) => {
    try {
      const value = read(file, text);
      return value === undefined ? [] : [value];
    } catch (error) {
      skipped.push({ file, reason: messageOf(error) });
      return [];
    }
  });
}

/** The packages of one lockfile, with what manifests say about them. */
class LockedPackages {
  readonly lockfile: Lockfile;
  readonly #versions: ReadonlyMap<string, readonly Locked[]>;
  readonly #problems = new Map<string, Set<string>>();

  constructor(lockfile: Lockfile) {
    this.lockfile = lockfile;
    this.#versions = groupBy(lockfile.locked, (entry) => nameKey(lockfile.ecosystem, entry.name));
  }

  knows(name: string): boolean {
    return this.#versions.has(nameKey(this.lockfile.ecosystem, name));
  }

  /** @returns false when the lockfile does not know the package. */
  note(name: string, problems: readonly string[]): boolean {
    const key = nameKey(this.lockfile.ecosystem, name);
    if (!this.knows(name)) return false;
    this.#problems.set(key, new Set([...(this.#problems.get(key) ?? []), ...problems]));
    return true;
  }

  entries(): readonly DependencyEntry[] {
    const { ecosystem, file, locked } = this.lockfile;
    return locked.map((entry) => {
      const key = nameKey(ecosystem, entry.name);
      return {
        name: entry.name,
        version: entry.version,
        ecosystem,
        file,
        ...(entry.licence === undefined ? {} : { licence: entry.licence }),
        problems: [...(this.#problems.get(key) ?? []), ...ownProblems(entry, this.#versions.get(key)?.length ?? 1)],
      };
    });
  }
}

function ownProblems(entry: Locked, versions: number): readonly string[] {
  const problems: string[] = [];
  if (entry.hasInstallScript === true) problems.push('runs a script when it is installed');
  if (entry.source === 'unencrypted') problems.push('fetched over an unencrypted connection');
  if (entry.source === 'git') problems.push('from a git repository, not from a registry');
  if (versions > 1) problems.push('locked in several versions');
  return problems;
}

/** Nothing for what the lockfile lists. */
function entryOf(
  manifest: Manifest,
  declared: Declared,
  remark: Remark | undefined,
  packages: LockedPackages | undefined,
): readonly DependencyEntry[] {
  const problems = remark === undefined ? [] : [remark.problem];
  const isLocked = packages?.note(declared.name, problems) === true;
  return isLocked || declared.isUnlisted === true ? [] : [fromDeclared(manifest, declared, problems)];
}

function fromDeclared(manifest: Manifest, declared: Declared, problems: readonly string[]): DependencyEntry {
  const isExact = declared.freedom === 'exact';
  return {
    name: declared.name,
    version: isExact ? declared.version : (declared.named ?? ''),
    ...(isExact || declared.version === '' ? {} : { requirement: shown(declared.version) }),
    ecosystem: manifest.ecosystem,
    file: manifest.file,
    problems,
  };
}

function surroundings(
  manifest: Manifest,
  paths: ReadonlySet<string>,
  pins: ReadonlyMap<string, ReadonlySet<string>>,
): Surroundings {
  return {
    lockfile: coveringLockfile(manifest, paths),
    pinned: pins.get(`${manifest.ecosystem} ${folderOf(manifest.file)}`) ?? new Set(),
    isRehearsal: isRehearsal(`${folderOf(manifest.file)}/`),
  };
}

/** Names that some list of a folder pins: loose lists beside it are what the pins are made from. */
function pinsByFolder(manifests: readonly Manifest[]): ReadonlyMap<string, ReadonlySet<string>> {
  const pins = new Map<string, Set<string>>();
  for (const manifest of manifests.filter((one) => one.isPinList)) {
    const key = `${manifest.ecosystem} ${folderOf(manifest.file)}`;
    const names = pins.get(key) ?? new Set<string>();
    pins.set(key, names);
    for (const declared of manifest.declared) if (declared.freedom === 'exact') names.add(pinName(declared.name));
  }
  return pins;
}

/** Workspaces keep one lockfile at their top: folders above count as well. */
function coveringLockfile(manifest: Manifest, paths: ReadonlySet<string>): string | undefined {
  const names: readonly string[] = [...(LOCKFILE_NAMES[manifest.ecosystem] ?? []), ...compiled(manifest.file)];
  for (let folder = folderOf(manifest.file); ; folder = folderOf(folder)) {
    const found = names.map((name) => (folder === '' ? name : `${folder}/${name}`)).find((path) => paths.has(path));
    if (found !== undefined) return found;
    if (folder === '') return undefined;
  }
}

/** What pip-tools makes of `x.in`. */
function compiled(file: string): readonly string[] {
  return file.endsWith('.in') ? [`${file.slice(file.lastIndexOf('/') + 1, -3)}.txt`] : [];
}

function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at === -1 ? '' : path.slice(0, at);
}

/** A package that is asked for with a version and, elsewhere in the same file, without, is one. */
function distinct(entries: readonly DependencyEntry[]): readonly DependencyEntry[] {
  const placeOf = (entry: DependencyEntry): string => [entry.ecosystem, entry.file, entry.name].join('\0');
  const versions = new Map(
    entries.filter((entry) => entry.version !== '').map((entry) => [placeOf(entry), entry.version]),
  );
  const byId = new Map<string, DependencyEntry>();
  for (const given of entries) {
    const isAny = given.version === '' && given.requirement === undefined;
    const entry = isAny ? { ...given, version: versions.get(placeOf(given)) ?? '' } : given;
    const id = `${placeOf(entry)}\0${entry.version}`;
    const known = byId.get(id);
    byId.set(
      id,
      known === undefined
        ? entry
        : { ...entry, ...known, problems: [...new Set([...known.problems, ...entry.problems])] },
    );
  }
  return [...byId].sort(([a], [b]) => byCodeUnit(a, b)).map(([, entry]) => entry);
}

function bounded(
  entries: readonly DependencyEntry[],
  skipped: readonly SkippedPlace[],
): { readonly entries: readonly DependencyEntry[]; readonly skipped: readonly SkippedPlace[] } {
  if (entries.length <= MAX_ENTRIES) return { entries, skipped };
  const reason = `${entries.length} dependencies; the last ${entries.length - MAX_ENTRIES} are left out`;
  return { entries: entries.slice(0, MAX_ENTRIES), skipped: [...skipped, { file: '.', reason }] };
}
