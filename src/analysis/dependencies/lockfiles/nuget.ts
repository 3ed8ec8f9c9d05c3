/** packages.lock.json of NuGet, paket.lock, and the dependency list that a .NET build leaves behind. */
import { distinctPackages, type Locked, type Lockfile } from '../declared.ts';
import { readJson, table, textAt } from '../parse.ts';

/** Per target framework; references to projects of the same solution have no version. @throws ManifestError */
export function readNugetLockfile(file: string, text: string): Lockfile {
  const frameworks = Object.values(table(readJson(text).dependencies));
  const locked = frameworks.flatMap((framework) =>
    Object.entries(table(framework)).flatMap(([name, entry]): readonly Locked[] => {
      const version = textAt(table(entry), 'resolved');
      return version === '' || name === '' ? [] : [{ name, version, key: `"${name}"` }];
    }),
  );
  return { ecosystem: 'NuGet', file, locked: distinctPackages(locked) };
}

/** Four blanks begin a package, six what it needs. */
export function readPaketLockfile(file: string, text: string): Lockfile {
  const locked = text.split(/\r?\n/).flatMap((line): readonly Locked[] => {
    const [, name, version = ''] = /^ {4}([^\s()]+) \(([^)\s]+)\)/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, version, key: line.trim() }];
  });
  return { ecosystem: 'NuGet', file, locked: distinctPackages(locked) };
}

/** `*.deps.json`: what a build was made of, as `name/version`. @throws ManifestError */
export function readDotnetDependencies(file: string, text: string): Lockfile {
  const locked = Object.keys(table(readJson(text).libraries)).flatMap((key): readonly Locked[] => {
    const [name = '', version = ''] = key.split('/', 2);
    return name === '' ? [] : [{ name, version, key: `"${key}"` }];
  });
  return { ecosystem: 'NuGet', file, locked: distinctPackages(locked) };
}
