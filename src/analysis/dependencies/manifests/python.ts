/** pyproject.toml (PEP 621, PEP 735, Poetry, PDM, uv) and Pipfile: what is declared, with the line of each. */
import type { Declared, Manifest } from '../declared.ts';
import { LineFinder } from '../line-finder.ts';
import { readToml, table, textAt } from '../parse.ts';
import { fromGit, manifest } from './manifest.ts';
import { classifyPoetry, type Requirement, readRequirement } from './pip-requirement.ts';

/** @throws ManifestError when it is not TOML. */
export function readPyproject(file: string, text: string): Manifest {
  const root = readToml(text);
  const finder = new LineFinder(text);
  const project = table(root.project);
  const poetry = table(table(root.tool).poetry);
  const pdm = table(table(root.tool).pdm);
  const uv = table(table(root.tool).uv);
  const declared = [
    ...requirements(project.dependencies, false, finder),
    ...groups(project['optional-dependencies'], false, finder).map((one) => ({ ...one, isOptional: true })),
    ...groups(root['dependency-groups'], true, finder),
    ...groups(pdm['dev-dependencies'], true, finder),
    ...requirements(uv['dev-dependencies'], true, finder),
    ...poetryTable(poetry.dependencies, false, finder),
    ...poetryTable(poetry['dev-dependencies'], true, finder),
    ...Object.values(table(poetry.group)).flatMap((group) => poetryTable(table(group).dependencies, true, finder)),
  ];
  // What can be built can be installed by others.
  const isLibrary = root['build-system'] !== undefined && poetry['package-mode'] !== false;
  const licence = typeof project.license === 'string' ? project.license : textAt(poetry, 'license');
  return manifest('PyPI', file, declared, { isLibrary, licence: licence || undefined });
}

/** @throws ManifestError when it is not TOML. */
export function readPipfile(file: string, text: string): Manifest {
  const root = readToml(text);
  const finder = new LineFinder(text);
  const declared = [...poetryTable(root.packages, false, finder), ...poetryTable(root['dev-packages'], true, finder)];
  return manifest('PyPI', file, declared);
}

function groups(value: unknown, isDevelopment: boolean, finder: LineFinder): Declared[] {
  return Object.values(table(value)).flatMap((group) => requirements(group, isDevelopment, finder));
}

function requirements(value: unknown, isDevelopment: boolean, finder: LineFinder): Declared[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown): Declared[] => {
    const requirement = typeof item === 'string' ? readRequirement(item) : undefined;
    return requirement === undefined ? [] : [{ ...requirement, line: finder.quoted(String(item)), isDevelopment }];
  });
}

/** `name = "^1.0"`, `name = {version = "^1.0", extras = […]}`, `name = {git = "…", rev = "…"}`. */
function poetryTable(value: unknown, isDevelopment: boolean, finder: LineFinder): Declared[] {
  return Object.entries(table(value)).flatMap(([name, spec]): Declared[] => {
    if (name === 'python') return [];
    const requirement = poetryRequirement(name, Array.isArray(spec) ? spec[0] : spec);
    return requirement === undefined ? [] : [{ ...requirement, line: finder.key(name), isDevelopment }];
  });
}

function poetryRequirement(name: string, spec: unknown): Requirement | undefined {
  if (typeof spec === 'string') return { name, ...classifyPoetry(spec) };
  const { version, git, url, path, rev } = table(spec);
  if (typeof git === 'string') return fromGit(name, git, typeof rev === 'string' ? rev : '');
  if (typeof url === 'string') return { name, version: url, freedom: 'url', isUnencrypted: url.startsWith('http:') };
  if (typeof path === 'string') return { name, version: path, freedom: 'path' };
  return { name, ...classifyPoetry(typeof version === 'string' ? version : '*') };
}
