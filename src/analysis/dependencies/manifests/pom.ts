/** pom.xml: dependencies with properties filled in, and versions managed by the parents that are in the repository. */
import type { Declared, Manifest, TextOf } from '../declared.ts';
import { LineFinder } from '../line-finder.ts';
import { childText, elementsAt, readXml, type XmlElement } from '../parse-xml.ts';
import { mavenVersion } from './gradle-catalog.ts';
import { manifest } from './manifest.ts';

const MAX_PARENTS = 10;
const MAX_SUBSTITUTIONS = 20;

/** A project with its parents, nearest first. */
type Lineage = readonly XmlElement[];

/** @throws ManifestError when it is not XML; a parent that is not is as if it were not there. */
export function readPom(file: string, text: string, textOf: TextOf): Manifest {
  const lineage: Lineage = [readXml(text), ...parentsOf(file, readXml(text), textOf, MAX_PARENTS)];
  const finder = new LineFinder(text);
  const managed = byName(lineage, ['dependencyManagement', 'dependencies', 'dependency']);
  const own = byName(lineage, ['dependencies', 'dependency']);
  const declared = [...own].map(([name, dependency]): Declared => {
    const version = valueOf(lineage, dependency, 'version') || valueOf(lineage, managed.get(name), 'version');
    const scope = valueOf(lineage, dependency, 'scope') || valueOf(lineage, managed.get(name), 'scope');
    const line = finder.text(`<artifactId>${childText(dependency, 'artifactId')}<`);
    return { name, ...mavenVersion(version.includes('${') ? '' : version), line, isDevelopment: scope === 'test' };
  });
  return manifest('Maven', file, declared);
}

function parentsOf(file: string, project: XmlElement, textOf: TextOf, depth: number): Lineage {
  const [parent] = elementsAt(project, 'parent');
  if (parent === undefined || depth === 0) return [];
  const [element] = elementsAt(parent, 'relativePath');
  const path = joined(file, element === undefined ? '../pom.xml' : element.text);
  const text = path === undefined ? undefined : textOf(path);
  if (path === undefined || text === undefined) return [];
  try {
    const found = readXml(text);
    return childText(found, 'artifactId') === childText(parent, 'artifactId')
      ? [found, ...parentsOf(path, found, textOf, depth - 1)]
      : [];
  } catch {
    // It is reported where it is read for itself.
    return [];
  }
}

/** A path from the folder of `file`; that of a folder means the `pom.xml` in it. Undefined outside the repository. */
function joined(file: string, relative: string): string | undefined {
  if (relative === '') return undefined;
  const parts = file.split('/').slice(0, -1);
  for (const part of (/\.xml$/.test(relative) ? relative : `${relative}/pom.xml`).split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** Dependencies by `group:artifact`: of two the later counts, and a child's before its parent's. */
function byName(lineage: Lineage, path: readonly string[]): ReadonlyMap<string, XmlElement> {
  const found = new Map<string, XmlElement>();
  for (const project of [...lineage].reverse()) {
    const profiles = elementsAt(project, 'profiles', 'profile').filter(isActive);
    for (const place of [project, ...profiles]) {
      for (const dependency of elementsAt(place, ...path)) {
        const name = `${valueOf(lineage, dependency, 'groupId')}:${valueOf(lineage, dependency, 'artifactId')}`;
        if (/^[^:]+:[^:]+$/.test(name)) found.set(name, dependency);
      }
    }
  }
  return found;
}

function isActive(profile: XmlElement): boolean {
  return elementsAt(profile, 'activation', 'activeByDefault').some((element) => element.text === 'true');
}

function valueOf(lineage: Lineage, element: XmlElement | undefined, child: string): string {
  let value = childText(element, child);
  for (let step = 0; step < MAX_SUBSTITUTIONS && value.includes('${'); step += 1) {
    const next = value.replace(/\$\{([^{}]+)\}/, (whole, name: string) => property(lineage, name) ?? whole);
    if (next === value) break;
    value = next.slice(0, 500);
  }
  return value;
}

/** Of the nearest project that has it; `project.version` and the like come from the project or its parent. */
function property(lineage: Lineage, name: string): string | undefined {
  const [, field = ''] = /^(?:project|pom)\.(?:parent\.)?(version|groupId|artifactId)$/.exec(name) ?? [];
  const [project] = lineage;
  if (field !== '') {
    const [parent] = elementsAt(project, 'parent');
    return (name.includes('.parent.') ? '' : childText(project, field)) || childText(parent, field) || undefined;
  }
  for (const one of lineage) {
    const active = elementsAt(one, 'profiles', 'profile').filter(isActive);
    const found = [...active, one].flatMap((place) => elementsAt(place, 'properties', name))[0];
    if (found !== undefined) return found.text;
  }
  return undefined;
}
