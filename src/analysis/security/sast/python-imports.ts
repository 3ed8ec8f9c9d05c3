/** Python's imports: what each local name is called in full. */
import { type Lowering, span } from './lowering.ts';
import { childOf, childrenOf, type SyntaxNode } from './syntax.ts';

export function importPython(node: SyntaxNode, l: Lowering): void {
  for (const child of childrenOf(node, 'name')) {
    const name = childOf(child, 'name');
    const alias = childOf(child, 'alias');
    l.imported.push({ path: l.text(name ?? child), at: span(child) });
    if (name !== undefined && alias !== undefined) l.imports.set(l.text(alias), l.text(name));
    else importTop(l.text(child), l);
  }
}

/** `import os.path` binds `os`. */
function importTop(path: string, l: Lowering): void {
  const first = path.split('.', 1)[0] ?? path;
  l.imports.set(first, first);
}

export function importFromPython(node: SyntaxNode, l: Lowering): void {
  const moduleNode = childOf(node, 'module_name');
  if (moduleNode === undefined) return;
  const module = l.text(moduleNode);
  for (const child of childrenOf(node, 'name')) {
    const name = childOf(child, 'name') ?? child;
    const local = childOf(child, 'alias') ?? name;
    const path = `${module}.${l.text(name)}`;
    l.imported.push({ path, at: span(child) });
    l.imports.set(l.text(local), path);
  }
}
