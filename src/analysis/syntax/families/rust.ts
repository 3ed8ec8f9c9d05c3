/** Rust. */
import { type Family, nodes, ROLE } from './family.ts';

export const rust: Family = {
  named: {
    ...nodes(ROLE.function, ['function_item']),
    ...nodes(ROLE.nesting, [
      'if_expression',
      'for_expression',
      'while_expression',
      'loop_expression',
      'match_expression',
    ]),
    ...nodes(ROLE.comment, ['line_comment', 'block_comment']),
    ...nodes(ROLE.type, ['impl_item', 'trait_item']),
    closure_parameters: ROLE.word,
    token_tree: ROLE.tokens,
  },
  conditions: ['if', 'for', 'while', 'match', 'where', '&&', '||', '?'],
  // A closure without parameters begins with what looks like an operator.
  words: new Set(['||']),
};
