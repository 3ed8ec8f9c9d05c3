/** Constructors: what a caller may leave out makes their lists of parameters long, but not hard to call. */
import type { Node } from 'web-tree-sitter';

const NAMES: ReadonlySet<string> = new Set(['__init__', '__new__', 'constructor', '__construct', 'initialize']);

export function isConstructor(node: Node, named: Node | undefined): boolean {
  return node.type === 'constructor_declaration' || (named !== undefined && NAMES.has(named.text));
}

/** Parameters that may be left out, by type of node in one grammar or another. */
const OPTIONAL: ReadonlySet<string> = new Set([
  '=',
  'default_parameter',
  'typed_default_parameter',
  'list_splat_pattern',
  'dictionary_splat_pattern',
  'optional_parameter',
  'assignment_pattern',
  'rest_pattern',
  'equals_value_clause',
]);
/** Children of a list of parameters that are none. */
const SEPARATORS: ReadonlySet<string> = new Set(['keyword_separator', 'positional_separator', 'receiver_parameter']);

/** Declared parameters without a default, `self` included. */
export function requiredParameters(node: Node): number {
  const list = node.childForFieldName('parameters');
  if (list === null) return 0;
  let count = 0;
  let here = 0;
  let isOptional = false;
  for (const child of list.children) {
    if (child.type === ',') {
      count += isOptional ? 0 : here;
      here = 0;
      isOptional = false;
    } else {
      isOptional ||= mayBeLeftOut(child);
      if (child.isNamed && !child.isExtra && !SEPARATORS.has(child.type)) here = 1;
    }
  }
  return count + (isOptional ? 0 : here);
}

function mayBeLeftOut(parameter: Node): boolean {
  return OPTIONAL.has(parameter.type) || parameter.children.some((child) => OPTIONAL.has(child.type));
}
