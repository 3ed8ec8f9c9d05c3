/** JavaScript's imports and patterns: what each local name is called in full. */
import { type Lowering, span } from './lowering.ts';
import type { Expression } from './program.ts';
import { childOf, childrenOf, namedChildren, type SyntaxNode } from './syntax.ts';

export function importJavaScript(node: SyntaxNode, l: Lowering): void {
  const source = childOf(node, 'source');
  if (source === undefined) return;
  const module = moduleName(l.text(source).slice(1, -1));
  l.imported.push({ path: module, at: span(node) });
  for (const clause of node.children.filter((child) => child.type === 'import_clause')) importClause(clause, module, l);
}

function importClause(clause: SyntaxNode, module: string, l: Lowering): void {
  for (const child of namedChildren(clause)) {
    if (child.type === 'identifier') l.imports.set(l.text(child), module);
    if (child.type === 'namespace_import') l.imports.set(l.text(namedChildren(child)[0] ?? child), module);
    for (const specifier of child.type === 'named_imports' ? namedChildren(child) : []) {
      const name = childOf(specifier, 'name');
      if (name === undefined) continue;
      const local = childrenOf(specifier, 'alias')[0] ?? name;
      l.imports.set(l.text(local), `${module}.${l.text(name)}`);
    }
  }
}

/** `const x = require('y')`, `const {a} = require('y')`. */
export function bindImport(target: SyntaxNode, module: string, l: Lowering): void {
  if (target.type === 'identifier') l.imports.set(l.text(target), module);
  if (target.type !== 'object_pattern') return;
  for (const [key, local] of patternNames(target, l)) l.imports.set(local, `${module}.${key}`);
}

/** Key and local name of each part of `{a, b: c, d = 1}`. */
export function patternNames(pattern: SyntaxNode, l: Lowering): readonly (readonly [string, string])[] {
  return namedChildren(pattern).flatMap((child): (readonly [string, string])[] => {
    if (child.type === 'shorthand_property_identifier_pattern') return [[l.text(child), l.text(child)]];
    if (child.type === 'object_assignment_pattern') {
      const name = childOf(child, 'left');
      return name === undefined ? [] : [[l.text(name), l.text(name)]];
    }
    if (child.type !== 'pair_pattern') return [];
    const key = childOf(child, 'key');
    const value = childOf(child, 'value');
    return key === undefined || value === undefined ? [] : [[l.text(key), l.text(value)]];
  });
}

/** `require('x')`, and `require('x').y`. */
export function requiredModule(value: Expression): string | undefined {
  if (value.kind === 'member') {
    const module = requiredModule(value.object);
    return module === undefined ? undefined : `${module}.${value.property}`;
  }
  if (value.kind !== 'call' || value.callee.kind !== 'name' || value.callee.name !== 'require') return undefined;
  const name = value.args[0];
  return name?.kind === 'literal' && name.isString ? moduleName(name.text) : undefined;
}

function moduleName(specifier: string): string {
  return specifier.replace(/^node:/, '');
}
