/** Names, bodies and parameters of functions as a reader of the source would give them. */
import type { Node } from 'web-tree-sitter';
import { ecmaStart } from './ecma-functions.ts';
import type { Family } from './families/family.ts';

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

export interface FunctionParts {
  /** Where the name stands, if it has one of its own. */
  readonly named: Node | undefined;
  /** Where it starts, when that is not where the name is. */
  readonly start?: Node | undefined;
  readonly body: Node;
  readonly parameters: number;
}

/** The parts of a function; undefined for a signature, in which there is nothing to measure. */
export function functionParts(node: Node, family: Family): FunctionParts | undefined {
  if (node.type === 'function_definition' && node.childForFieldName('declarator') !== null)
    return declaratorParts(node);
  const body = node.childForFieldName('body') ?? bodyChild(node) ?? (family.bodiless === true ? node : undefined);
  if (body === undefined) return undefined;
  return { named: node.childForFieldName('name') ?? undefined, body, parameters: parameterCount(node) };
}

/** The node on whose line a function starts. */
export function startOf(node: Node, { start, named }: FunctionParts, name: string, family: Family): Node {
  if (family.startsAt === 'ecma') return ecmaStart(node, /^[\p{L}_$#]/u.test(name));
  if (family.startsAt !== 'name') return node;
  return start ?? doubledAnnotation(node) ?? named ?? node;
}

/** As lizard has it, an annotation with arguments that stands right behind one without begins the method. */
function doubledAnnotation(node: Node): Node | undefined {
  const modifiers = node.firstNamedChild;
  if (modifiers === null || modifiers.type !== 'modifiers') return undefined;
  const children = modifiers.namedChildren.filter((child) => !child.isExtra);
  const index = children.findIndex(
    (child, at) => child.type === 'annotation' && children[at - 1]?.type === 'marker_annotation',
  );
  return index < 0 ? undefined : children[index];
}

/** Kotlin's grammar gives bodies no field name. */
function bodyChild(node: Node): Node | undefined {
  return node.namedChildren.find((child) => child.type === 'function_body' || child.type === 'block');
}

/** In C and C++ name and parameters are at the end of a chain of declarators. */
function declaratorParts(node: Node): FunctionParts | undefined {
  const body = node.childForFieldName('body');
  if (body === null) return undefined;
  let at = node.childForFieldName('declarator');
  let list: Node | null = null;
  let macros: readonly Node[] = [];
  for (let depth = 0; at !== null && depth < 20; depth += 1) {
    list = at.childForFieldName('parameters') ?? list;
    if (at.type === 'function_declarator')
      macros = at.namedChildren.filter((child) => child.type === 'call_expression');
    const inner = at.childForFieldName('declarator') ?? innerDeclarator(at);
    if (inner === null) break;
    at = inner;
  }
  const own = { named: at ?? undefined, body, parameters: list === null ? 0 : countParameters(list) };
  return macros.length === 0 ? own : { ...own, ...amongMacros(own.named, macros) };
}

/** `ATTRIBUTE(1) name(list)` and `name(list) ATTRIBUTE(1)` parse alike; lizard starts at the last of them. */
function amongMacros(first: Node | undefined, calls: readonly Node[]): Partial<FunctionParts> {
  const start = calls.at(-1);
  const isMacro = (node: Node | undefined): boolean => node === undefined || /^[A-Z_0-9]+$/.test(node.text);
  const name = (call: Node): Node | undefined => call.childForFieldName('function') ?? undefined;
  const call = isMacro(first) ? calls.findLast((one) => !isMacro(name(one))) : undefined;
  const list = call?.childForFieldName('arguments') ?? null;
  if (call === undefined || list === null) return { start };
  return { start, named: name(call), parameters: countParameters(list) };
}

function innerDeclarator(node: Node): Node | null {
  if (node.type !== 'reference_declarator' && node.type !== 'parenthesized_declarator') return null;
  return node.namedChildren.find((child) => child.type.endsWith('declarator')) ?? null;
}

/** A function's own name, else the variable, property or member it is assigned to. */
export function functionName(
  node: Node,
  named: Node | undefined,
  owner: string | undefined,
  assignment: () => Node | undefined,
): string {
  if (named !== undefined) {
    const name = shorten(named.text);
    return owner !== undefined && QUALIFIED.has(node.type) ? `${owner}::${name}` : name;
  }
  if (node.type === 'getter' || node.type === 'setter') return node.type.slice(0, 3);
  const parent = assignment();
  const target = parent?.childForFieldName(ASSIGNMENTS[parent.type] ?? '');
  return target === null || target === undefined ? ANONYMOUS : shorten(target.text);
}

/** Members that are named together with their class. */
const QUALIFIED: ReadonlySet<string> = new Set([
  'method_declaration',
  'constructor_declaration',
  'destructor_declaration',
]);

/** A Python decorator: the function inside is all that is there, and is returned. */
export function onlyReturnsFunction(body: Node): boolean {
  const statements = body.namedChildren.filter((child) => !child.isExtra && child.firstNamedChild?.type !== 'string');
  const [inner, last] = statements;
  const isFunction = inner?.type === 'function_definition' || inner?.type === 'decorated_definition';
  return statements.length === 2 && isFunction && last?.type === 'return_statement';
}

/** The name of a class-like declaration; anonymous classes of Java have none of their own. */
export function typeName(node: Node): string {
  const name = node.childForFieldName(node.type === 'impl_item' ? 'type' : 'name');
  return name === null ? ANONYMOUS : shorten(name.text);
}

/** Children of a list of parameters that are none, or that the receiver is. */
const SEPARATORS: ReadonlySet<string> = new Set([
  'keyword_separator',
  'positional_separator',
  'receiver_parameter',
  'attribute_item',
]);

/** Declared parameters, `self` included. */
function parameterCount(node: Node): number {
  if (node.childForFieldName('parameter') !== null) return 1;
  const list =
    node.childForFieldName('parameters') ??
    node.namedChildren.find((child) => child.type === 'function_value_parameters');
  return list === null || list === undefined ? 0 : countParameters(list);
}

/** By commas: some grammars give a parameter's type and default value as children of the list. */
function countParameters(list: Node): number {
  let count = 0;
  let here = 0;
  for (const child of list.children) {
    if (child.type === ',') {
      count += here;
      here = 0;
    } else if (child.isNamed && !child.isExtra && !SEPARATORS.has(child.type) && !isVoid(child)) {
      // Go: `a, b int` declares two.
      const names = child.type === 'parameter_declaration' ? child.childrenForFieldName('name').length : 1;
      here = Math.max(here, names, 1);
    }
  }
  return count + here;
}

/** `f(void)` of C. */
function isVoid(parameter: Node): boolean {
  return parameter.type === 'parameter_declaration' && parameter.text === 'void';
}

function shorten(name: string): string {
  const flat = name.replace(/\s+/g, ' ').replace(/^["'`]|["'`]$/g, '');
  return flat.length <= MAX_NAME ? flat : `${flat.slice(0, MAX_NAME - 1)}…`;
}
