/** Names and parameters of functions as a reader of the source would give them. */
import type { Node } from 'web-tree-sitter';

/** Longest name that is reported, in characters. */
const MAX_NAME = 120;

const ANONYMOUS = '(anonymous)';

/** Where the name of what a function is assigned to stands, by type of node. */
const ASSIGNMENTS: Readonly<Record<string, string>> = {
  variable_declarator: 'name',
  assignment_expression: 'left',
  pair: 'key',
  field_definition: 'property',
  public_field_definition: 'name',
};

export function isAssignment(type: string | undefined): boolean {
  return type !== undefined && Object.hasOwn(ASSIGNMENTS, type);
}

/** A function's own name, else the variable, property or member it is assigned to. */
export function functionName(node: Node, owner: string | undefined, assignment: () => Node | undefined): string {
  const own = node.childForFieldName('name');
  if (own !== null) {
    const name = shorten(own.text);
    const qualified = node.type === 'method_declaration' || node.type === 'constructor_declaration';
    return qualified && owner !== undefined ? `${owner}::${name}` : name;
  }
  const parent = assignment();
  const target = parent?.childForFieldName(ASSIGNMENTS[parent.type] ?? '');
  return target === null || target === undefined ? ANONYMOUS : shorten(target.text);
}

/** The name of a class-like declaration; anonymous classes of Java have none of their own. */
export function typeName(node: Node): string {
  const name = node.childForFieldName('name');
  return name === null ? ANONYMOUS : shorten(name.text);
}

const SEPARATORS: ReadonlySet<string> = new Set(['keyword_separator', 'positional_separator', 'receiver_parameter']);

/** Declared parameters, `self` included. */
export function parameterCount(node: Node): number {
  if (node.childForFieldName('parameter') !== null) return 1;
  const list = node.childForFieldName('parameters');
  if (list === null) return 0;
  return list.namedChildren.filter((child) => !child.isExtra && !SEPARATORS.has(child.type)).length;
}

function shorten(name: string): string {
  const flat = name.replace(/\s+/g, ' ').replace(/^["'`]|["'`]$/g, '');
  return flat.length <= MAX_NAME ? flat : `${flat.slice(0, MAX_NAME - 1)}…`;
}
