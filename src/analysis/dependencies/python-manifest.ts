/** pyproject.toml (PEP 621, PEP 735, Poetry, PDM, uv) and Pipfile: what is declared, with the line of each. */
import { parse } from 'smol-toml';
import { messageOf } from '../../base/errors.ts';
import { LineIndex } from '../security/findings.ts';
import { type Declared, type Manifest, ManifestError } from './declared.ts';
import { classifyPoetry, readRequirement, type Requirement } from './pip-requirement.ts';

type Table = Readonly<Record<string, unknown>>;

/** @throws ManifestError when it is not TOML. */
export function readPyproject(file: string, text: string): Manifest {
  const root = parseToml(text);
  const finder = new LineFinder(text);
  const project = table(root.project);
  const poetry = table(table(root.tool).poetry);
  const pdm = table(table(root.tool).pdm);
  const uv = table(table(root.tool).uv);
  const declared = [
    ...requirements(project.dependencies, false, finder),
    ...groups(project['optional-dependencies'], false, finder),
    ...groups(root['dependency-groups'], true, finder),
    ...groups(pdm['dev-dependencies'], true, finder),
    ...requirements(uv['dev-dependencies'], true, finder),
    ...poetryTable(poetry.dependencies, false, finder),
    ...poetryTable(poetry['dev-dependencies'], true, finder),
    ...Object.values(table(poetry.group)).flatMap((group) => poetryTable(table(group).dependencies, true, finder)),
  ];
  // What can be built can be installed by others.
  const isLibrary = root['build-system'] !== undefined && poetry['package-mode'] !== false;
  return {
    ecosystem: 'PyPI',
    file,
    declared,
    isLibrary,
    isPinList: false,
    line: declared[0]?.line ?? 1,
    unencryptedIndexes: [],
  };
}

/** @throws ManifestError when it is not TOML. */
export function readPipfile(file: string, text: string): Manifest {
  const root = parseToml(text);
  const finder = new LineFinder(text);
  const declared = [...poetryTable(root.packages, false, finder), ...poetryTable(root['dev-packages'], true, finder)];
  return {
    ecosystem: 'PyPI',
    file,
    declared,
    isLibrary: false,
    isPinList: false,
    line: declared[0]?.line ?? 1,
    unencryptedIndexes: [],
  };
}

function parseToml(text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    throw new ManifestError(`not valid TOML: ${messageOf(error).split('\n', 1)[0] ?? ''}`);
  }
}

function table(value: unknown): Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

function groups(value: unknown, isDevelopment: boolean, finder: LineFinder): Declared[] {
  return Object.values(table(value)).flatMap((group) => requirements(group, isDevelopment, finder));
}

function requirements(value: unknown, isDevelopment: boolean, finder: LineFinder): Declared[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown): Declared[] => {
    const requirement = typeof item === 'string' ? readRequirement(item) : undefined;
    return requirement === undefined ? [] : [{ ...requirement, line: finder.next(String(item)), isDevelopment }];
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
  if (typeof git === 'string') {
    return {
      name,
      version: git,
      freedom: 'git',
      isPinnedCommit: typeof rev === 'string' && /^[0-9a-f]{7,64}$/i.test(rev),
      isUnencrypted: /^(?:http|git):/.test(git),
    };
  }
  if (typeof url === 'string') return { name, version: url, freedom: 'url', isUnencrypted: url.startsWith('http:') };
  if (typeof path === 'string') return { name, version: path, freedom: 'path' };
  return { name, ...classifyPoetry(typeof version === 'string' ? version : '*') };
}

/** Finds strings again in the text they were parsed from, each one after the last. */
class LineFinder {
  readonly #text: string;
  readonly #lines: LineIndex;
  readonly #next = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineIndex(text);
  }

  /** The line of the next string with this content, in the order of asking. */
  next(content: string): number {
    const from = this.#next.get(content) ?? 0;
    const at = [`"${content}"`, `'${content}'`]
      .map((quoted) => this.#text.indexOf(quoted, from))
      .filter((found) => found !== -1);
    const found = at.length === 0 ? -1 : Math.min(...at);
    if (found === -1) return 1;
    this.#next.set(content, found + 1);
    return this.#lines.lineAt(found);
  }

  /** The line of the next key with this name. */
  key(name: string): number {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const pattern = new RegExp(`^[ \\t]*(["']?)${escaped}\\1[ \\t]*=|^\\[[^\\]\\n]*\\.["']?${escaped}["']?\\]`, 'gm');
    pattern.lastIndex = this.#next.get(`=${name}`) ?? 0;
    const match = pattern.exec(this.#text);
    if (match === null) return 1;
    this.#next.set(`=${name}`, pattern.lastIndex);
    return this.#lines.lineAt(match.index);
  }
}
