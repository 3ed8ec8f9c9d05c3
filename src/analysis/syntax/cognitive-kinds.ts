/** What each kind of node is to cognitive complexity; names of nodes agree well enough over the grammars for one table. */
import type { Language } from 'web-tree-sitter';
import type { ParsedLanguage } from '../languages.ts';

export const KIND = {
  /** An `if`: one, plus its depth; one level deeper inside. */
  if: 1,
  /** A loop, a switch, a handler of exceptions: as an `if`, but its head is inside as well. */
  structure: 2,
  /** The conditional operator: as an `if`. */
  ternary: 3,
  /** One level deeper inside, and nothing else. */
  lambda: 4,
  /** An expression of two sides, or of several. */
  binary: 5,
  /** Brackets: a sequence of operators goes through them. */
  brackets: 6,
  /** The token that begins another branch of an `if`. */
  else: 7,
  /** Leaves by a label, if it has one. */
  jump: 8,
  goto: 9,
  call: 10,
  and: 11,
  or: 12,
  xor: 13,
  /** An operator that is not logical. */
  operator: 14,
  /** The branches of an `if` as a node of their own. */
  branch: 15,
} as const;

const NAMED: Readonly<Record<number, readonly string[]>> = {
  [KIND.if]: ['if_statement', 'if_expression', 'if', 'unless', 'if_modifier', 'unless_modifier'],
  [KIND.structure]: [
    'for_statement',
    'for_in_statement',
    'for_range_loop',
    'enhanced_for_statement',
    'foreach_statement',
    'for_expression',
    'for',
    'while_statement',
    'while_expression',
    'while',
    'until',
    'while_modifier',
    'until_modifier',
    'do_statement',
    'do_while_statement',
    'loop_expression',
    'switch_statement',
    'switch_expression',
    'expression_switch_statement',
    'type_switch_statement',
    'select_statement',
    'match_expression',
    'match_statement',
    'when_expression',
    'case',
    'case_match',
    'catch_clause',
    'except_clause',
    'except_group_clause',
    'catch_block',
    'rescue',
    'rescue_modifier',
    'seh_except_clause',
    'preproc_if',
    'preproc_ifdef',
  ],
  [KIND.ternary]: ['ternary_expression', 'conditional_expression', 'conditional'],
  [KIND.lambda]: [
    'lambda_expression',
    'lambda',
    'closure_expression',
    'lambda_literal',
    'anonymous_method_expression',
    'anonymous_function',
    'arrow_function',
    'do_block',
  ],
  [KIND.binary]: ['binary_expression', 'boolean_operator', 'binary', 'let_chain'],
  [KIND.brackets]: ['parenthesized_expression', 'parenthesized_statements'],
  [KIND.jump]: [
    'break_statement',
    'continue_statement',
    'break_expression',
    'continue_expression',
    'labeled_expression',
  ],
  [KIND.goto]: ['goto_statement'],
  [KIND.call]: [
    'call_expression',
    'call',
    'method_invocation',
    'invocation_expression',
    'function_call_expression',
    'member_call_expression',
    'scoped_call_expression',
  ],
  [KIND.branch]: ['else_clause', 'elif_clause', 'else_if_clause', 'elsif', 'else', 'preproc_else', 'preproc_elif'],
};

const TOKENS: Readonly<Record<string, number>> = {
  else: KIND.else,
  elif: KIND.else,
  elsif: KIND.else,
  elseif: KIND.else,
  '#else': KIND.else,
  '#elif': KIND.else,
  '&&': KIND.and,
  and: KIND.and,
  '||': KIND.or,
  or: KIND.or,
  xor: KIND.xor,
};

const OPERATOR = /^(?:[-+*/%&|^<>=!~.?:]+|in|is|not|instanceof|!in|!is)$/;

/** Kinds by node type id; 0 for what does not matter. */
export function kindsOf(language: Language, parsed: ParsedLanguage): Uint8Array {
  const kinds = new Uint8Array(65_536);
  const byName = new Map(Object.entries(NAMED).flatMap(([kind, names]) => names.map((name) => [name, Number(kind)])));
  // In Ruby a block is what is handed to a method, elsewhere a list of statements.
  if (parsed === 'ruby') byName.set('block', KIND.lambda);
  for (let id = 0; id < language.nodeTypeCount; id += 1) {
    const name = language.nodeTypeForId(id) ?? '';
    kinds[id] = language.nodeTypeIsNamed(id) ? (byName.get(name) ?? 0) : tokenKind(name);
  }
  return kinds;
}

function tokenKind(token: string): number {
  return TOKENS[token] ?? (OPERATOR.test(token) ? KIND.operator : 0);
}
