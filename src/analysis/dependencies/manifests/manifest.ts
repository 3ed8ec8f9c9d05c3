/** The parts that most manifests share, and the versions that ranges name. */
import type { Declared, Ecosystem, Freedom, Manifest } from '../declared.ts';

/** A manifest of an application, unless `more` says otherwise. */
export function manifest(
  ecosystem: Ecosystem,
  file: string,
  declared: readonly Declared[],
  more: Partial<Manifest> = {},
): Manifest {
  return {
    ecosystem,
    file,
    declared,
    isLibrary: false,
    isPinList: false,
    line: declared[0]?.line ?? 1,
    unencryptedIndexes: [],
    ...more,
  };
}

/** `1.2.3`, `1.2.3-beta.1+build` */
export const SEMVER = /^v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/;

/**
 * The first version that a range of carets, tildes and comparisons names; undefined when it names none.
 * `^1.2 || ^2` gives 1.2, `>=1,<2` gives 1, `1.*` nothing.
 */
export function namedVersion(range: string): string | undefined {
  const match = /(?:^|[\s,|])(?:[~^=]|~>|>=|==)?\s*v?(\d[\w.+-]*)(?![\w.*])/.exec(range);
  const version = match?.[1];
  return version === undefined || /[*xX]$/.test(version) || range.includes('*') ? undefined : version;
}

/** How much a comparison such as `>=1.0, <2.0` leaves open. */
export function comparisonFreedom(range: string): Freedom {
  const alternatives = range.split('||').map((part) => part.trim());
  if (alternatives.some((part) => part === '' || part === '*')) return 'any';
  return alternatives.some((part) => /^>=?\s*v?\d/.test(part) && !/<|\s-\s/.test(part)) ? 'open' : 'range';
}

/** What a declaration from a git repository says, whatever names the manifest gives to its parts. */
export function fromGit(name: string, address: string, commit: string): Omit<Declared, 'line' | 'isDevelopment'> {
  return {
    name,
    version: address,
    freedom: 'git',
    isPinnedCommit: /^[0-9a-f]{7,64}$/i.test(commit),
    isUnencrypted: /^(?:git\+)?(?:http|git):/.test(address),
  };
}
