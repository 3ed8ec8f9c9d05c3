/** The dependencies of a repository: every declared or locked package once per file, and what is wrong with them. */
import { messageOf } from '../../base/errors.ts';
import type { DependencyEntry, SkippedPlace } from '../../contracts/index.ts';
import type { FindingDraft } from '../security/findings.ts';
import { isRehearsal } from '../security/secrets/file-flavour.ts';
import { byCodeUnit } from '../walk.ts';
import type { Declared, Ecosystem, Locked, Lockfile, Manifest } from './declared.ts';
import { LOCKFILE_NAMES, lockfileReader, manifestReader } from './manifest-files.ts';
import { pinName, remarkOn, remarksOnLockfile, remarksOnManifest, type Surroundings, toDraft } from './remarks.ts';

export interface DependencyFile {
  /** Relative to the root. */
  readonly file: string;
  readonly text: string;
}

export interface DependencyScan {
  /** By ecosystem, file, name and version. */
  readonly entries: readonly DependencyEntry[];
  readonly findings: readonly FindingDraft[];
  readonly skipped: readonly SkippedPlace[];
}

/** Entries in all; what is more is told as a skipped place. */
const MAX_ENTRIES = 20_000;

/** @param paths of every lockfile of the repository, read or not: they settle what manifests leave open. */
export function scanDependencies(files: readonly DependencyFile[], paths: ReadonlySet<string>): DependencyScan {
  const skipped: SkippedPlace[] = [];
  const manifests = readAll(files, manifestReader, skipped);
  const lockfiles = readAll(files, lockfileReader, skipped);
  const locked = new Map(lockfiles.map(({ value }) => [value.file, new LockedPackages(value)]));
  const findings = lockfiles.flatMap(({ value, text }) => remarksOnLockfile(value, text));
  const entries: DependencyEntry[] = [];
  const pins = pinsByFolder(manifests.map(({ value }) => value));
  for (const { value: manifest } of manifests) {
    const around = surroundings(manifest, paths, pins);
    const lockfile = around.lockfile === undefined ? undefined : locked.get(around.lockfile);
    findings.push(...remarksOnManifest(manifest, around));
    for (const declared of manifest.declared) {
      const remark = remarkOn(declared, manifest, around);
      if (remark !== undefined) findings.push(toDraft(manifest, declared, remark));
      const problems = remark === undefined ? [] : [remark.problem];
      if (lockfile?.note(declared.name, problems) !== true) entries.push(fromDeclared(manifest, declared, problems));
    }
  }
  for (const packages of locked.values()) entries.push(...packages.entries());
  return { ...bounded(distinct(entries), skipped), findings };
}

function readAll<T>(
  files: readonly DependencyFile[],
  readerOf: (path: string) => ((file: string, text: string) => T) | undefined,
  skipped: SkippedPlace[],
): readonly { readonly value: T; readonly text: string }[] {
  return files.flatMap(({ file, text }) => {
    const read = readerOf(file);
    if (read === undefined) return [];
    try {
      return [{ value: read(file, text), text }];
    } catch (error) {
      skipped.push({ file, reason: messageOf(error) });
      return [];
    }
  });
}

/** The packages of one lockfile, with what manifests say about them. */
class LockedPackages {
  readonly #lockfile: Lockfile;
  readonly #names: ReadonlySet<string>;
  readonly #problems = new Map<string, Set<string>>();

  constructor(lockfile: Lockfile) {
    this.#lockfile = lockfile;
    this.#names = new Set(lockfile.locked.map((entry) => entry.name));
  }

  /** @returns false when the lockfile does not know the package. */
  note(name: string, problems: readonly string[]): boolean {
    if (!this.#names.has(name)) return false;
    for (const problem of problems) this.#add(name, problem);
    return true;
  }

  #add(name: string, problem: string): void {
    const known = this.#problems.get(name);
    if (known === undefined) this.#problems.set(name, new Set([problem]));
    else known.add(problem);
  }

  entries(): readonly DependencyEntry[] {
    return this.#lockfile.locked.map((entry) => ({
      name: entry.name,
      version: entry.version,
      ecosystem: this.#lockfile.ecosystem,
      file: this.#lockfile.file,
      ...(entry.licence === undefined ? {} : { licence: entry.licence }),
      problems: [...(this.#problems.get(entry.name) ?? []), ...ownProblems(entry)],
    }));
  }
}

function ownProblems(entry: Locked): readonly string[] {
  const problems: string[] = [];
  if (entry.hasInstallScript) problems.push('runs a script when it is installed');
  if (entry.source === 'unencrypted') problems.push('fetched over an unencrypted connection');
  return problems;
}

function fromDeclared(manifest: Manifest, declared: Declared, problems: readonly string[]): DependencyEntry {
  return {
    name: declared.name,
    version: declared.version,
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
  const names: readonly string[] = [
    ...LOCKFILE_NAMES[manifest.ecosystem satisfies Ecosystem],
    ...compiled(manifest.file),
  ];
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

function distinct(entries: readonly DependencyEntry[]): readonly DependencyEntry[] {
  const byId = new Map<string, DependencyEntry>();
  for (const entry of entries) {
    const id = [entry.ecosystem, entry.file, entry.name, entry.version].join('\0');
    const known = byId.get(id);
    byId.set(
      id,
      known === undefined ? entry : { ...known, problems: [...new Set([...known.problems, ...entry.problems])] },
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
