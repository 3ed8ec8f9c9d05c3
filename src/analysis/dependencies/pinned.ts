/** The packages that a repository pins and others publish, with their places: what vulnerability databases are asked about. */
import { LineIndex } from '../security/findings.ts';
import { isRehearsal } from '../security/secrets/file-flavour.ts';
import type { Lockfile, Manifest } from './declared.ts';
import type { PinnedPackage } from './osv/vulnerabilities.ts';

/** Folders of the repository and commits of other ones are no published versions. */
export function pinnedInLockfile({ ecosystem, file, locked }: Lockfile, text: string): readonly PinnedPackage[] {
  const lines = new LineIndex(text);
  let from = 0;
  return locked
    .filter(({ version, isLocal, source }) => version !== '' && isLocal !== true && source !== 'git')
    .map(({ name, version, isDevelopment, key }): PinnedPackage => {
      // Most stand in the order of the file; the next of two with one name is further down.
      const next = text.indexOf(key, from);
      const at = next === -1 ? text.indexOf(key) : next;
      if (next !== -1) from = next + key.length;
      const line = at === -1 ? 1 : lines.lineAt(at);
      return {
        ecosystem,
        name,
        version,
        file,
        line,
        isDevelopment: isDevelopment === true,
        isRehearsal: isMadeUp(file),
      };
    });
}

/** @param isLocked whether the lockfile beside it says which version is installed */
export function pinnedInManifest(manifest: Manifest, isLocked: (name: string) => boolean): readonly PinnedPackage[] {
  const { ecosystem, file } = manifest;
  return manifest.declared
    .filter(({ name, freedom }) => freedom === 'exact' && !isLocked(name))
    .map(({ name, version, line, isDevelopment }) => {
      return { ecosystem, name, version, file, line, isDevelopment, isRehearsal: isMadeUp(file) };
    });
}

function isMadeUp(file: string): boolean {
  return isRehearsal(file.slice(0, file.lastIndexOf('/') + 1));
}
