/** Which other modules a file asks for when it is loaded. */
import type { Node } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';

export interface ImportStatement {
  /** As written: `./a.js`, `pkg.mod`, `..mod`, `com.example.Thing`. */
  readonly specifier: string;
  /** Python only: what is imported from it, which may be modules themselves. */
  readonly names: readonly string[];
  readonly line: number;
}

/** Names one statement can bring in, at most. */
const MAX_NAMES = 200;

/** The import a node makes; undefined for types, which are erased, and for what has no literal name. */
export function readImport(node: Node, language: ParsedLanguage): ImportStatement | undefined {
  if (language === 'python') return readPython(node);
  if (language === 'java') return readJava(node);
  return node.type === 'call_expression' ? readRequire(node) : readEcma(node);
}

function readEcma(node: Node): ImportStatement | undefined {
  const source = node.childForFieldName('source');
  // `import type` and `export type` leave nothing behind at run time.
  if (source === null || node.children.some((child) => child.type === 'type')) return undefined;
  return make(unquote(source.text), [], node);
}

function readRequire(node: Node): ImportStatement | undefined {
  if (node.childForFieldName('function')?.text !== 'require') return undefined;
  const argument = node.childForFieldName('arguments')?.firstNamedChild;
  return argument?.type === 'string' ? make(unquote(argument.text), [], node) : undefined;
}

function readPython(node: Node): ImportStatement | undefined {
  const names = node
    .childrenForFieldName('name')
    .slice(0, MAX_NAMES)
    .map((child) => (child.type === 'aliased_import' ? child.childForFieldName('name')?.text : child.text) ?? '');
  if (node.type === 'import_statement') return make('', names, node);
  const from = node.childForFieldName('module_name');
  return from === null ? undefined : make(from.text.replace(/\s+/g, ''), names, node);
}

function readJava(node: Node): ImportStatement | undefined {
  const name = node.namedChildren.find((child) => child.type === 'scoped_identifier' || child.type === 'identifier');
  if (name === undefined) return undefined;
  const star = node.namedChildren.some((child) => child.type === 'asterisk');
  const isStatic = node.children.some((child) => child.type === 'static');
  const marks = [...(star ? ['*'] : []), ...(isStatic ? ['static'] : [])];
  return make(name.text.replace(/\s+/g, ''), node.type === 'package_declaration' ? ['package'] : marks, node);
}

function make(specifier: string, names: readonly string[], node: Node): ImportStatement {
  return { specifier, names, line: node.startPosition.row + 1 };
}

function unquote(text: string): string {
  return text.slice(1, -1);
}
