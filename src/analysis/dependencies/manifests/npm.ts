/** package.json: what is declared, with the line of each. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { LineIndex } from '../../security/findings.ts';
import { type Declared, type Freedom, type Manifest, ManifestError } from '../declared.ts';
import { comparisonFreedom, fromGit, manifest, SEMVER } from './manifest.ts';

/** Peer dependencies are a library's demand on others and meant to be wide: they are left out. */
const GROUPS: Readonly<Record<string, boolean>> = {
  dependencies: false,
  optionalDependencies: false,
  devDependencies: true,
};

/** @throws ManifestError when it is not JSON or not an object. */
export function readNpmManifest(file: string, text: string): Manifest {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const lines = new LineIndex(text);
  const error = errors[0];
  if (error !== undefined)
    throw new ManifestError(
      `not valid JSON: ${printParseErrorCode(error.error)} at line ${lines.lineAt(error.offset)}`,
    );
  if (root?.type !== 'object') throw new ManifestError('not a package.json: the top level is not an object');
  const declared: Declared[] = [];
  let line = 1;
  for (const [group, isDevelopment] of Object.entries(GROUPS)) {
    const node = findNodeAtLocation(root, [group]);
    if (node?.type !== 'object') continue;
    if (line === 1) line = lines.lineAt(node.offset);
    for (const property of node.children ?? []) declared.push(...readProperty(property, isDevelopment, lines));
  }
  const licence = findNodeAtLocation(root, ['license'])?.value;
  return manifest('npm', file, declared, {
    isLibrary: isLibrary(root),
    line,
    licence: typeof licence === 'string' ? licence : undefined,
  });
}

function readProperty(property: Node, isDevelopment: boolean, lines: LineIndex): Declared[] {
  const [key, value] = property.children ?? [];
  if (key === undefined || value?.type !== 'string') return [];
  const spec = String(getNodeValue(value)).trim();
  return [{ ...classifyNpmSpec(String(getNodeValue(key)), spec), line: lines.lineAt(key.offset), isDevelopment }];
}

/** Published for others: it has a name and a version, says what it exports, and is not private. */
function isLibrary(root: Node): boolean {
  const has = (key: string): boolean => findNodeAtLocation(root, [key]) !== undefined;
  const isPrivate = findNodeAtLocation(root, ['private'])?.value === true;
  return (
    !isPrivate &&
    has('name') &&
    has('version') &&
    (has('main') || has('exports') || has('files') || has('module') || has('bin') || has('types'))
  );
}

const GIT = /^(?:git(?:\+\w+)?:|github:|gitlab:|bitbucket:|gist:|git@)|^[\w.-]+\/[\w.-]+(?:#.*)?$|\.git(?:#.*)?$/;
const PATH = /^(?:file:|link:|portal:|workspace:|\.{0,2}\/|~\/)/;

/** `^1.2.0`, `latest`, `github:user/repo#v1`, `npm:other@1.0.0`. */
function classifyNpmSpec(name: string, spec: string): Omit<Declared, 'line' | 'isDevelopment'> {
  if (PATH.test(spec)) return { name, version: spec, freedom: 'path' };
  if (spec.startsWith('catalog:')) return { name, version: spec, freedom: 'managed' };
  if (GIT.test(spec)) return fromGit(name, spec, /#([^#]*)$/.exec(spec)?.[1] ?? '');
  if (/^https?:/.test(spec)) return { name, version: spec, freedom: 'url', isUnencrypted: spec.startsWith('http:') };
  const alias = /^npm:((?:@[^/@]+\/)?[^@]+)(?:@(.*))?$/.exec(spec);
  if (alias !== null) return classifyNpmSpec(alias[1] ?? name, alias[2] ?? '');
  if (SEMVER.test(spec.replace(/^=/, ''))) return { name, version: spec.replace(/^=?v?/, ''), freedom: 'exact' };
  return { name, version: spec, freedom: rangeFreedom(spec), named: leastVersion(spec) };
}

/** The least version that the first alternative of a range accepts: `^1.2` gives 1.2.0, `5.x` 5.0.0, `>2.0.0` 2.0.1. */
function leastVersion(range: string): string | undefined {
  const [, operator = '', version = ''] = /^(\^|~|>=|>|<=|<)?\s*v?(\d[\w.+*-]*)/.exec(range.trim()) ?? [];
  const match = /^(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*])(-[\w.-]+)?)?(?:\+[\w.-]+)?$/.exec(version);
  if (match === null || operator.startsWith('<')) return undefined;
  const [major = 0, minor = 0, patch = 0] = match.slice(1, 4).map((part) => Number.parseInt(part ?? '0', 10) || 0);
  return `${major}.${minor}.${operator === '>' && match[4] === undefined ? patch + 1 : patch}${match[4] ?? ''}`;
}

/** A word is a tag such as `latest`, which moves. */
function rangeFreedom(spec: string): Freedom {
  return /^(?:[*xX]?|[a-z][\w-]*)$/.test(spec) ? 'any' : comparisonFreedom(spec);
}
