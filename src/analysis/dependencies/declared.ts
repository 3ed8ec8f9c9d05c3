/** What manifests and lockfiles are read into, whatever their ecosystem. */

export type Ecosystem = 'npm' | 'PyPI';

/**
 * How much freedom a declaration leaves: `exact` none; `range` some, with an upper bound; `open` no upper bound; `any`
 * every version there will ever be. `git`, `url` and `path` do not come from a registry.
 */
export type Freedom = 'exact' | 'range' | 'open' | 'any' | 'git' | 'url' | 'path';

/** One dependency as a manifest declares it. */
export interface Declared {
  readonly name: string;
  /** The version where it is exact, else the range as written; empty when there is none. */
  readonly version: string;
  readonly freedom: Freedom;
  /** From 1. */
  readonly line: number;
  /** Only for development, tests or documentation. */
  readonly isDevelopment: boolean;
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
}

/** One package as a lockfile resolved it. */
export interface Locked {
  readonly name: string;
  readonly version: string;
  readonly licence?: string | undefined;
  readonly hasInstallScript: boolean;
  /** Where it was downloaded from, when it was not the registry over TLS. */
  readonly source?: 'git' | 'unencrypted' | undefined;
  /** The key that finds its line again. */
  readonly key: string;
}

export interface Lockfile {
  readonly ecosystem: Ecosystem;
  readonly file: string;
  readonly locked: readonly Locked[];
}

/** Thrown by readers for a text that is not what its name promises; the message says where. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}
