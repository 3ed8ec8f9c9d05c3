/** pnpm-lock.yaml, versions 5 to 9: the keys of `packages` name what is installed, each version of the format in its own way. */
import { distinctPackages, type Locked, type Lockfile, sourceOf } from '../declared.ts';
import { isTable, readYaml, type Table, table, textAt } from '../parse.ts';

const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

/** @throws ManifestError when it is not YAML or not a mapping. */
export function readPnpmLockfile(file: string, text: string): Lockfile {
  const root = readYaml(text);
  const major = Number.parseInt(textAt(root, 'lockfileVersion'), 10);
  const locked = Object.entries(table(root.packages)).flatMap(([key, entry]): readonly Locked[] => {
    const found = identify(key, table(entry), major);
    return found === undefined ? [] : [{ ...found, ...detailsOf(key, entry) }];
  });
  return { ecosystem: 'npm', file, locked: distinctPackages(locked) };
}

type Identity = Pick<Locked, 'name' | 'version'>;

/** Packages that come from no registry say their name and version themselves. */
function identify(key: string, entry: Table, major: number): Identity | undefined {
  const named = textAt(entry, 'name');
  if (named !== '') return { name: named, version: textAt(entry, 'version') || (byKey(key, major)?.version ?? '') };
  if (key.startsWith('file:') || key.startsWith('link:')) return undefined;
  const found = byKey(key, major);
  if (found === undefined) return undefined;
  const own = textAt(entry, 'version');
  return own === '' ? found : { ...found, version: own };
}

function byKey(key: string, major: number): Identity | undefined {
  return major >= 6 ? fromAt(key) : fromSlash(key);
}

/** `/name/1.0.0`, `/@scope/name/1.0.0_peer@2.0.0`, `registry.host/name/1.0.0`. */
function fromSlash(key: string): Identity | undefined {
  const match = /^[^/]*\/((?:@[^/]+\/)?[^/@]+)\/([^/_(]+)/.exec(key);
  const [, name = '', version = ''] = match ?? [];
  return VERSION.test(version) ? { name, version } : undefined;
}

/** `/name@1.0.0(peer@2.0.0)`, from version 9 on without the slash; after the `@` there may be an address. */
function fromAt(key: string): Identity | undefined {
  const plain = key.replace(/^\//, '').replace(/^[^/@]+\.[^/@]+\/(?=@|[^/]+@)/, '');
  const match = /^((?:@[^/@]+\/)?[^/@]+)@([^(]+)/.exec(plain);
  const [, name, version = ''] = match ?? [];
  if (name === undefined) return undefined;
  return { name, version: VERSION.test(version) ? version : '' };
}

function detailsOf(
  key: string,
  entry: unknown,
): Pick<Locked, 'hasInstallScript' | 'source' | 'isDevelopment' | 'isLocal' | 'key'> {
  const own = table(entry);
  const resolution = isTable(own.resolution) ? own.resolution : {};
  const tarball = textAt(resolution, 'tarball');
  const isGit = textAt(resolution, 'type') === 'git' || /^https:\/\/codeload\.github\.com\//.test(tarball);
  return {
    hasInstallScript: own.requiresBuild === 'true',
    source: isGit ? 'git' : sourceOf(tarball),
    isDevelopment: own.dev === 'true',
    isLocal: /^(?:file|link):|@(?:file|link):/.test(key),
    key,
  };
}
