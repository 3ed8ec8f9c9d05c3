/** gradle.lockfile and gradle/verification-metadata.xml. */
import { distinctPackages, type Locked, type Lockfile } from '../declared.ts';
import { elementsAt, readXml } from '../parse-xml.ts';

/** `group:name:version=configuration,…` line by line. */
export function readGradleLockfile(file: string, text: string): Lockfile {
  const locked = text.split(/\r?\n/).flatMap((line): readonly Locked[] => {
    const [, group, name, version = ''] = /^([^\s:=#]+):([^\s:=]+):([^\s:=]+)=/.exec(line.trim()) ?? [];
    return group === undefined ? [] : [{ name: `${group}:${name}`, version, key: line.trim() }];
  });
  return { ecosystem: 'Maven', file, locked: distinctPackages(locked) };
}

/** Every component whose files are verified; several versions of one may be. @throws ManifestError */
export function readGradleVerification(file: string, text: string): Lockfile {
  const components = elementsAt(readXml(text), 'components', 'component');
  const locked = components.flatMap(({ attributes }): readonly Locked[] => {
    const { group = '', name = '', version = '' } = attributes;
    if (group === '' || name === '' || version === '') return [];
    return [{ name: `${group}:${name}`, version, key: `name="${name}"` }];
  });
  return { ecosystem: 'Maven', file, locked: distinctPackages(locked) };
}
