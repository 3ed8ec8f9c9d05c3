/** From import statements to edges between the repository's own modules. */
import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { languageOfPath } from '../languages.ts';
import type { ImportStatement } from '../syntax/imports.ts';
import type { AnalyzedFile } from './function-findings.ts';

export interface ImportEdge {
  readonly from: string;
  readonly to: string;
  readonly line: number;
}

export interface ImportGraph {
  /** What depends on what: files, and for Java packages. */
  readonly edges: readonly ImportEdge[];
  /** A file to point at for a node that is not one. */
  readonly fileOf: (node: string) => string;
}

/** Files handled before the thread is free for others. */
const TURN = 500;

const ECMA_SUFFIXES = [
  '',
  '.ts',
  '.tsx',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.mts',
  '.cts',
  '/index.ts',
  '/index.tsx',
  '/index.js',
  '/index.mjs',
  '/index.cjs',
];
/** TypeScript sources are imported under the name their output will have. */
const OUTPUT_SUFFIX: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.js$/, ['.ts', '.tsx']],
  [/\.jsx$/, ['.tsx']],
  [/\.mjs$/, ['.mts']],
  [/\.cjs$/, ['.cts']],
];

interface Index {
  readonly paths: ReadonlySet<string>;
  readonly python: PythonModules;
  readonly java: JavaPackages;
}

/** Edges from the files that were parsed to files that exist, in order of file and line. */
export async function resolveImports(files: readonly AnalyzedFile[]): Promise<ImportGraph> {
  const paths = new Set(files.map((file) => file.path));
  const index: Index = { paths, python: pythonModules(paths), java: javaPackages(files) };
  const edges: ImportEdge[] = [];
  for (const [number, file] of files.entries()) {
    if (number % TURN === TURN - 1) await setImmediate();
    const language = languageOfPath(file.path);
    for (const statement of file.facts.imports) {
      if (language === 'java') addJava(edges, file.path, statement, index.java);
      else if (language === 'python')
        add(edges, file.path, pythonTargets(file.path, statement, index.python), statement);
      else add(edges, file.path, ecmaTargets(file.path, statement, paths), statement);
    }
  }
  const fileOf = (node: string): string =>
    node.startsWith('package ') ? (index.java.firstFile.get(node.slice(8)) ?? node) : node;
  return { edges, fileOf };
}

function addJava(edges: ImportEdge[], file: string, statement: ImportStatement, packages: JavaPackages): void {
  const from = packages.packageOf.get(file);
  const to = javaTarget(statement, packages.firstFile);
  if (from !== undefined && to !== undefined) add(edges, `package ${from}`, [`package ${to}`], statement);
}

function add(edges: ImportEdge[], from: string, targets: readonly string[], { line }: ImportStatement): void {
  for (const to of targets) {
    if (from !== to) edges.push({ from, to, line });
  }
}

function ecmaTargets(file: string, { specifier }: ImportStatement, paths: ReadonlySet<string>): readonly string[] {
  if (!/^\.\.?(?:\/|$)/.test(specifier)) return [];
  const base = posix.join(posix.dirname(file), specifier).replace(/\/$/, '');
  const swapped = OUTPUT_SUFFIX.flatMap(([output, sources]) =>
    output.test(base) ? sources.map((source) => base.replace(output, source)) : [],
  );
  const found = [...ECMA_SUFFIXES.map((suffix) => posix.normalize(base + suffix)), ...swapped].find((path) =>
    paths.has(path),
  );
  return found === undefined ? [] : [found];
}

interface PythonModules {
  readonly byName: ReadonlyMap<string, string>;
  readonly nameOf: ReadonlyMap<string, string>;
}

/** Dotted module names and their files, counted from the folder above the outermost package. */
function pythonModules(paths: ReadonlySet<string>): PythonModules {
  const byName = new Map<string, string>();
  const nameOf = new Map<string, string>();
  for (const path of paths) {
    if (!path.endsWith('.py')) continue;
    const top = packageTop(path, paths);
    const inside = path.slice(top.length).replace(/\.py$/, '');
    const name = inside
      .replace(/(?:^|\/)__init__$/, '')
      .split('/')
      .join('.');
    nameOf.set(path, name);
    if (name !== '' && !byName.has(name)) byName.set(name, path);
  }
  return { byName, nameOf };
}

/** The folder above the outermost package a file is in, with its slash. */
function packageTop(path: string, paths: ReadonlySet<string>): string {
  let folder = posix.dirname(path);
  while (folder !== '.' && paths.has(`${folder}/__init__.py`)) folder = posix.dirname(folder);
  return folder === '.' ? '' : `${folder}/`;
}

function pythonTargets(file: string, statement: ImportStatement, modules: PythonModules): readonly string[] {
  const base = pythonBase(file, statement.specifier, modules);
  if (base === undefined) return [];
  const names = statement.names.length === 0 ? [''] : statement.names;
  const full = names.map((name) => [base, name].filter((part) => part !== '').join('.'));
  const found = full.map((name) => modules.byName.get(name) ?? modules.byName.get(base));
  return [...new Set(found.filter((path) => path !== undefined))];
}

/** The module that the names of a `from` import are taken from; its leading dots count from the importing module. */
function pythonBase(file: string, specifier: string, modules: PythonModules): string | undefined {
  const dots = /^\.*/.exec(specifier)?.[0].length ?? 0;
  if (dots === 0) return specifier;
  const parts = (modules.nameOf.get(file) ?? '').split('.');
  const up = file.endsWith('/__init__.py') ? dots - 1 : dots;
  if (up > parts.length) return undefined;
  const rest = specifier.slice(dots);
  return [...parts.slice(0, parts.length - up), ...(rest === '' ? [] : [rest])].join('.');
}

interface JavaPackages {
  readonly packageOf: ReadonlyMap<string, string>;
  readonly firstFile: ReadonlyMap<string, string>;
}

function javaPackages(files: readonly AnalyzedFile[]): JavaPackages {
  const packageOf = new Map<string, string>();
  const firstFile = new Map<string, string>();
  for (const { path, facts } of files) {
    const name = facts.imports.find((statement) => statement.names.includes('package'))?.specifier;
    if (name === undefined) continue;
    packageOf.set(path, name);
    if (!firstFile.has(name)) firstFile.set(name, path);
  }
  return { packageOf, firstFile };
}

/** The package an import takes something from: its longest prefix that is one of ours. */
function javaTarget(statement: ImportStatement, packages: ReadonlyMap<string, string>): string | undefined {
  if (statement.names.includes('package')) return undefined;
  const parts = statement.specifier.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const name = parts.slice(0, length).join('.');
    if (packages.has(name)) return name;
  }
  return undefined;
}
