/** Project files of .NET, Directory.Packages.props, packages.config and paket.dependencies. */
import type { Declared, Manifest } from '../declared.ts';
import { LineFinder } from '../line-finder.ts';
import { childText, elementsAt, readXml, type XmlElement } from '../parse-xml.ts';
import { mavenVersion } from './gradle-catalog.ts';
import { manifest, namedVersion } from './manifest.ts';

/** References without a version get it from Directory.Packages.props. @throws ManifestError when it is not XML. */
export function readDotnetProject(file: string, text: string): Manifest {
  const root = readXml(text);
  const finder = new LineFinder(text);
  const items = elementsAt(root, 'ItemGroup').flatMap((group) => group.children);
  const declared = items
    .filter(({ name }) => name === 'PackageReference' || name === 'PackageVersion' || name === 'GlobalPackageReference')
    .flatMap((item): readonly Declared[] => {
      const name = item.attributes.Include ?? item.attributes.Update ?? '';
      if (name === '') return [];
      return [{ name, ...versionOf(root, item), line: finder.quoted(name), isDevelopment: isPrivate(item) }];
    });
  return manifest('NuGet', file, declared);
}

/** Analyzers and build tools say so. */
function isPrivate(item: XmlElement): boolean {
  return (item.attributes.PrivateAssets ?? childText(item, 'PrivateAssets')).toLowerCase() === 'all';
}

function versionOf(root: XmlElement, item: XmlElement): Pick<Declared, 'version' | 'freedom' | 'named'> {
  const { Version, VersionOverride } = item.attributes;
  const written = Version ?? VersionOverride ?? (childText(item, 'Version') || childText(item, 'VersionOverride'));
  const version = written.replace(
    /\$\(([\w.]+)\)/g,
    (whole, name: string) => elementsAt(root, 'PropertyGroup', name)[0]?.text ?? whole,
  );
  if (version.includes('$(')) return { version: '', freedom: 'managed' };
  if (version === '*') return { version, freedom: 'any' };
  return /\*/.test(version) ? { version, freedom: 'range' } : mavenVersion(version.trim());
}

/** @throws ManifestError when it is not XML. */
export function readPackagesConfig(file: string, text: string): Manifest {
  const root = readXml(text);
  const finder = new LineFinder(text);
  const declared = elementsAt(root, 'package').flatMap(({ attributes }): readonly Declared[] => {
    const { id = '', version = '', developmentDependency } = attributes;
    if (id === '' || version === '') return [];
    const isDevelopment = developmentDependency === 'true';
    return [{ name: id, version, freedom: 'exact', line: finder.quoted(id), isDevelopment }];
  });
  return manifest('NuGet', file, declared, { isPinList: true });
}

/** `nuget Name ~> 1.0 option: value // comment`, `github owner/repository:version file`. */
export function readPaketDependencies(file: string, text: string): Manifest {
  const declared: Declared[] = [];
  const unencryptedIndexes: number[] = [];
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/(^|\s|(?<!:))(?:\/\/|#).*$/, '').trim();
    if (/^source\s+http:/.test(line)) unencryptedIndexes.push(at + 1);
    const [, kind, name, rest = ''] = /^(nuget|clitool|github)\s+([^\s:]+(?:\/[^\s:]+)?)(.*)$/.exec(line) ?? [];
    if (kind === undefined || name === undefined) continue;
    const read = kind === 'github' ? fromGithub(name, rest) : fromPaket(name, rest);
    declared.push({ ...read, line: at + 1, isDevelopment: false });
  }
  return manifest('NuGet', file, declared, { unencryptedIndexes });
}

function fromPaket(name: string, rest: string): Omit<Declared, 'line' | 'isDevelopment'> {
  const range = rest.replace(/\s+\w+:\s.*$/, '').trim();
  const exact = /^={0,2}\s*(\d\S*)$/.exec(range)?.[1];
  if (exact !== undefined) return { name, version: exact, freedom: 'exact' };
  const freedom = range === '' ? 'any' : /^>=/.test(range) && !range.includes('<') ? 'open' : 'range';
  return { name, version: range, freedom, named: namedVersion(range) };
}

/** A commit is no version. */
function fromGithub(name: string, rest: string): Omit<Declared, 'line' | 'isDevelopment'> {
  const reference = /^:(\S+)/.exec(rest)?.[1] ?? '';
  const isCommit = /^[0-9a-f]{7,64}$/i.test(reference) && !/^\d+$/.test(reference);
  const named = /^v?\d+(?:\.\d+)+/.test(reference) ? reference : undefined;
  return { name, version: `https://github.com/${name}`, freedom: 'git', isPinnedCommit: isCommit, named };
}
