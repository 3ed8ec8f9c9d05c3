/** gradle/libs.versions.toml: the libraries of a version catalog; plugins and bundles are none. */
import type { Declared, Freedom, Manifest } from '../declared.ts';
import { LineFinder } from '../line-finder.ts';
import { isTable, readToml, type Table, table, textAt } from '../parse.ts';
import { manifest } from './manifest.ts';

/** @throws ManifestError when it is not TOML. */
export function readGradleCatalog(file: string, text: string): Manifest {
  const root = readToml(text);
  const finder = new LineFinder(text);
  const declared = Object.entries(table(root.libraries)).flatMap(([key, spec]): readonly Declared[] => {
    const library = toLibrary(spec, table(root.versions));
    return library === undefined ? [] : [{ ...library, line: finder.key(key), isDevelopment: false }];
  });
  return manifest('Maven', file, declared);
}

type Library = Pick<Declared, 'name' | 'version' | 'freedom' | 'named'>;

function toLibrary(spec: unknown, versions: Table): Library | undefined {
  if (typeof spec === 'string') {
    const [group, name, version = ''] = spec.split(':');
    return group === undefined || name === undefined
      ? undefined
      : { name: `${group}:${name}`, ...mavenVersion(version) };
  }
  const entry = table(spec);
  const module = textAt(entry, 'module') || `${textAt(entry, 'group')}:${textAt(entry, 'name')}`;
  if (!/^[^:]+:[^:]+$/.test(module)) return undefined;
  return { name: module, ...mavenVersion(versionOf(entry.version, versions)) };
}

/** A version is a text, a reference to `[versions]`, or a rich one: what it insists on comes first. */
function versionOf(version: unknown, versions: Table): string {
  if (typeof version === 'string') return version;
  if (!isTable(version)) return '';
  const reference = textAt(version, 'ref');
  if (reference !== '') return versionOf(versions[reference], {});
  return textAt(version, 'strictly') || textAt(version, 'require') || textAt(version, 'prefer');
}

/** `1.0` is exact; `[1.0,2.0)` names 1.0; `1.+` and `latest.release` name nothing; no version is decided elsewhere. */
export function mavenVersion(version: string): {
  readonly version: string;
  readonly freedom: Freedom;
  readonly named?: string | undefined;
} {
  if (version === '') return { version: '', freedom: 'managed' };
  if (/^(?:LATEST|RELEASE|latest\.\w+|\+)$/.test(version)) return { version, freedom: 'any' };
  if (version.endsWith('+')) return { version, freedom: 'range' };
  const [, lower = '', separator, upper = ''] =
    /^[[(\]]\s*([^,\])]*?)\s*(?:(,)\s*([^,\])]*?)\s*)?[\])[]/.exec(version) ?? [];
  if (lower === '' && upper === '' && separator === undefined) return { version, freedom: 'exact' };
  if (separator === undefined) return { version: lower, freedom: 'exact' };
  return { version, freedom: upper === '' ? 'open' : 'range', named: lower || upper };
}
