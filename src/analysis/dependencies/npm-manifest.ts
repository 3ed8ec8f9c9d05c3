/** package.json: what is declared, with the line of each. */
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { LineIndex } from '../security/findings.ts';
import { type Declared, type Freedom, type Manifest, ManifestError } from './declared.ts';

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
  return {
    ecosystem: 'npm',
    file,
    declared,
    isLibrary: isLibrary(root),
    isPinList: false,
    line,
    unencryptedIndexes: [],
  };
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

const EXACT = /^=?v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/;
const GIT = /^(?:git(?:\+\w+)?:|github:|gitlab:|bitbucket:|gist:|git@)|^[\w.-]+\/[\w.-]+(?:#.*)?$|\.git(?:#.*)?$/;
const PATH = /^(?:file:|link:|portal:|workspace:|catalog:|\.{0,2}\/|~\/)/;

/** `^1.2.0`, `latest`, `github:user/repo#v1`, `npm:other@1.0.0`. */
function classifyNpmSpec(name: string, spec: string): Omit<Declared, 'line' | 'isDevelopment'> {
  if (PATH.test(spec)) return { name, version: spec, freedom: 'path' };
  if (GIT.test(spec)) {
    return {
      name,
      version: spec,
      freedom: 'git',
      isPinnedCommit: /#[0-9a-f]{7,64}$/i.test(spec),
      isUnencrypted: /^(?:git|git\+http|http):/.test(spec),
    };
  }
  if (/^https?:/.test(spec)) return { name, version: spec, freedom: 'url', isUnencrypted: spec.startsWith('http:') };
  const alias = /^npm:((?:@[^/@]+\/)?[^@]+)(?:@(.*))?$/.exec(spec);
  if (alias !== null) return classifyNpmSpec(alias[1] ?? name, alias[2] ?? '');
  return { name, version: EXACT.test(spec) ? spec.replace(/^=?v?/, '') : spec, freedom: rangeFreedom(spec) };
}

function rangeFreedom(spec: string): Freedom {
  if (EXACT.test(spec)) return 'exact';
  if (/^(?:[*xX]?|[a-z][\w-]*)$/.test(spec)) return 'any';
  const alternatives = spec.split('||').map((part) => part.trim());
  if (alternatives.some((part) => part === '' || part === '*')) return 'any';
  return alternatives.some((part) => /^>=?\s*v?\d/.test(part) && !/[<]|\s-\s/.test(part)) ? 'open' : 'range';
}
