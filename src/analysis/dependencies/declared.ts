/** What manifests and lockfiles are read into, whatever their ecosystem. */

/** Named as OSV names them. */
export type Ecosystem =
  | 'npm'
  | 'PyPI'
  | 'Go'
  | 'crates.io'
  | 'Maven'
  | 'RubyGems'
  | 'Packagist'
  | 'NuGet'
  | 'Pub'
  | 'Hex'
  | 'CRAN'
  | 'CocoaPods'
  | 'ConanCenter'
  | 'Hackage'
  | 'Julia';

/**
 * How much freedom a declaration leaves: `exact` none; `range` some, with an upper bound; `open` no upper bound; `any`
 * every version there will ever be; `managed` the version is decided elsewhere, by a parent or a platform. `git`, `url`
 * and `path` do not come from a registry.
 */
export type Freedom = 'exact' | 'range' | 'open' | 'any' | 'managed' | 'git' | 'url' | 'path';

/** One dependency as a manifest declares it. */
export interface Declared {
  readonly name: string;
  /** The version where it is exact, else the range or address as written; empty when there is none. */
  readonly version: string;
  readonly freedom: Freedom;
  /** The version that a range names: the least it accepts, or else the greatest; absent when it names none. */
  readonly named?: string | undefined;
  /** From 1. */
  readonly line: number;
  /** Only for development, tests or documentation. */
  readonly isDevelopment: boolean;
  /** Installed only when somebody asks for it, so a lockfile may leave it out. */
  readonly isOptional?: boolean | undefined;
  /** Leaves open which code is meant, so that only a lockfile can list it; what is wrong with it is told all the same. */
  readonly isUnlisted?: boolean | undefined;
  /** Holds only on some platforms or interpreters, so another of the same name may hold on others. */
  readonly isConditional?: boolean | undefined;
  /** `git` only: true when it names a commit. */
  readonly isPinnedCommit?: boolean | undefined;
  /** `url` and `git` only: true when it comes over an unencrypted connection. */
  readonly isUnencrypted?: boolean | undefined;
}

export interface Manifest {
  readonly ecosystem: Ecosystem;
  readonly file: string;
  readonly declared: readonly Declared[];
  /** What others install: its ranges must stay wide, and its lockfile is nobody's business. */
  readonly isLibrary: boolean;
  /** True for a list in which every version is meant to be exact, such as requirements.txt. */
  readonly isPinList: boolean;
  /** Line that a remark about the whole file points to. */
  readonly line: number;
  /** Lines that name an unencrypted package index. */
  readonly unencryptedIndexes: readonly number[];
  /** SPDX expression of the project itself, when the manifest says it. */
  readonly licence?: string | undefined;
}

/** One package as a lockfile resolved it. */
export interface Locked {
  readonly name: string;
  /** Empty when it comes from somewhere that has no versions, such as a git repository. */
  readonly version: string;
  readonly licence?: string | undefined;
  readonly hasInstallScript?: boolean | undefined;
  /** Where it was downloaded from, when it was not the registry over TLS. */
  readonly source?: 'git' | 'unencrypted' | undefined;
  readonly isDevelopment?: boolean | undefined;
  /** A folder of the repository itself: nobody else knows it under this name. */
  readonly isLocal?: boolean | undefined;
  /** The text that finds its line again. */
  readonly key: string;
}

export interface Lockfile {
  readonly ecosystem: Ecosystem;
  readonly file: string;
  readonly locked: readonly Locked[];
}

/** Gives a reader the text of another file of the repository; undefined when there is none. */
export type TextOf = (path: string) => string | undefined;

export type ManifestReader = (file: string, text: string, textOf: TextOf) => Manifest;
export type LockfileReader = (file: string, text: string) => Lockfile;

/** Thrown by readers for a text that is not what its name promises; the message says where. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** The same package in several places of one lockfile is one. */
export function distinctPackages(locked: readonly Locked[]): readonly Locked[] {
  const byId = new Map<string, Locked>();
  for (const entry of locked) {
    const id = `${entry.name}\0${entry.version}`;
    if (!byId.has(id)) byId.set(id, entry);
  }
  return [...byId.values()];
}

/** `git` and `unencrypted` of an address a package was fetched from. */
export function sourceOf(address: string): Locked['source'] {
  if (/^(?:git:|git\+http:|http:)/.test(address)) return 'unencrypted';
  return /^(?:git\+|git@|ssh:|github:|gitlab:|bitbucket:|gist:)/.test(address) ? 'git' : undefined;
}
