/** What the nodes of Go, PHP, Ruby and C# are called. */
import type { CodeLanguage } from './program.ts';

/** What a node is, whatever its language calls it. */
export type Kind =
  | 'name'
  | 'number'
  | 'text'
  | 'through'
  | 'member'
  | 'index'
  | 'call'
  | 'new'
  | 'binary'
  | 'plain'
  | 'choice'
  | 'assign'
  | 'declare'
  | 'list'
  | 'object'
  | 'function'
  | 'class'
  | 'return'
  | 'if'
  | 'block'
  | 'each'
  | 'cast'
  | 'import'
  | 'skip';

export interface LanguageTable {
  readonly language: CodeLanguage;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Statements that act like a call of this name: `echo`, `include`, a command in back-ticks. */
  readonly calls: ReadonlyMap<string, string>;
  /** Operators that join texts, and nothing else. */
  readonly joins: RegExp;
  /** True for a function that a web framework calls, by its source up to the body. */
  readonly isRoute: (head: string) => boolean;
  /** Name of a parameter, variable or member as the program writes it elsewhere. */
  readonly bare: (text: string) => string;
}

/** `name a b` lines to a map: each kind with the types of nodes that are one. */
function kindsOf(lines: Readonly<Partial<Record<Kind, string>>>): ReadonlyMap<string, Kind> {
  return new Map(
    Object.entries(lines).flatMap(([kind, types]) => types.split(' ').map((type) => [type, kind as Kind] as const)),
  );
}

const NO_CALLS: ReadonlyMap<string, string> = new Map();
const NEVER = /(?!)/;
const same = (text: string): string => text;

export const GO: LanguageTable = {
  language: 'go',
  joins: NEVER,
  calls: NO_CALLS,
  isRoute: () => false,
  bare: same,
  kinds: kindsOf({
    name: 'identifier field_identifier package_identifier type_identifier',
    number: 'int_literal float_literal rune_literal true false nil iota',
    text: 'interpreted_string_literal raw_string_literal',
    through:
      'parenthesized_expression expression_statement literal_element type_assertion_expression go_statement defer_statement',
    member: 'selector_expression qualified_type',
    index: 'index_expression slice_expression',
    call: 'call_expression type_conversion_expression',
    binary: 'binary_expression',
    assign: 'short_var_declaration assignment_statement range_clause',
    declare: 'var_spec const_spec',
    object: 'literal_value',
    function: 'function_declaration method_declaration func_literal',
    return: 'return_statement',
    if: 'if_statement',
    block: 'block',
    import: 'import_spec',
    skip: 'comment type_declaration package_clause',
  }),
};

export const PHP: LanguageTable = {
  language: 'php',
  joins: /^\.$/,
  calls: new Map([
    ['echo_statement', 'echo'],
    ['print_intrinsic', 'echo'],
    ['include_expression', 'include'],
    ['include_once_expression', 'include'],
    ['require_expression', 'include'],
    ['require_once_expression', 'include'],
    ['shell_command_expression', 'shell_exec'],
    ['exit_statement', 'exit'],
  ]),
  isRoute: () => false,
  bare: (text) => text.replace(/^[$\\]+/, ''),
  kinds: kindsOf({
    name: 'variable_name name qualified_name relative_scope',
    number: 'integer float boolean null',
    text: 'string encapsed_string heredoc nowdoc',
    through: 'parenthesized_expression expression_statement argument error_suppression_expression clone_expression',
    member:
      'member_access_expression nullsafe_member_access_expression scoped_property_access_expression class_constant_access_expression',
    index: 'subscript_expression',
    call: 'function_call_expression member_call_expression nullsafe_member_call_expression scoped_call_expression',
    new: 'object_creation_expression',
    binary: 'binary_expression',
    plain: 'unary_op_expression',
    choice: 'conditional_expression',
    assign: 'assignment_expression augmented_assignment_expression reference_assignment_expression',
    object: 'array_creation_expression',
    function:
      'function_definition method_declaration anonymous_function arrow_function anonymous_function_creation_expression',
    class: 'class_declaration trait_declaration',
    return: 'return_statement',
    if: 'if_statement else_if_clause',
    block: 'compound_statement else_clause colon_block',
    each: 'foreach_statement',
    cast: 'cast_expression',
    skip: 'comment text_interpolation php_tag namespace_definition namespace_use_declaration',
  }),
};

export const RUBY: LanguageTable = {
  language: 'ruby',
  joins: /^(%|<<)$/,
  calls: new Map([['subshell', 'shell']]),
  isRoute: () => false,
  bare: (text) => text.replace(/^@+/, '@'),
  kinds: kindsOf({
    name: 'identifier constant instance_variable class_variable global_variable self',
    number: 'integer float true false nil',
    text: 'string heredoc_body simple_symbol delimited_symbol',
    through: 'parenthesized_statements interpolation argument block_argument',
    member: 'scope_resolution',
    index: 'element_reference',
    call: 'call',
    binary: 'binary',
    plain: 'unary',
    choice: 'conditional',
    assign: 'assignment operator_assignment',
    list: 'array string_array symbol_array',
    object: 'hash',
    function: 'method singleton_method lambda',
    class: 'class module',
    return: 'return',
    if: 'if unless if_modifier unless_modifier elsif',
    block: 'body_statement block_body then else do_block block begin',
    skip: 'comment',
  }),
};

export const CSHARP: LanguageTable = {
  language: 'csharp',
  joins: NEVER,
  calls: NO_CALLS,
  isRoute: (head) =>
    /\b(\w*ActionResult|IResult|JsonResult|HttpResponseMessage|ContentResult)\b|\[Http(Get|Post|Put|Delete)/.test(head),
  bare: same,
  kinds: kindsOf({
    name: 'identifier qualified_name this_expression predefined_type generic_name',
    number: 'integer_literal real_literal boolean_literal null_literal character_literal',
    text: 'string_literal verbatim_string_literal raw_string_literal interpolated_string_expression interpolated_verbatim_string_expression',
    through:
      'parenthesized_expression expression_statement await_expression argument interpolation checked_expression conditional_access_expression',
    member: 'member_access_expression member_binding_expression',
    index: 'element_access_expression',
    call: 'invocation_expression',
    new: 'object_creation_expression',
    binary: 'binary_expression',
    plain: 'prefix_unary_expression postfix_unary_expression is_expression is_pattern_expression typeof_expression',
    choice: 'conditional_expression',
    assign: 'assignment_expression',
    declare: 'variable_declarator property_declaration',
    list: 'initializer_expression array_creation_expression implicit_array_creation_expression',
    function:
      'method_declaration constructor_declaration local_function_statement lambda_expression anonymous_method_expression',
    class: 'class_declaration record_declaration struct_declaration',
    return: 'return_statement arrow_expression_clause',
    if: 'if_statement',
    block: 'block',
    each: 'foreach_statement',
    cast: 'cast_expression',
    skip: 'comment using_directive attribute_list modifier',
  }),
};
