/** Kotlin. */
import { type Family, nodes, ROLE } from './family.ts';

export const kotlin: Family = {
  named: {
    ...nodes(ROLE.function, [
      'function_declaration',
      'anonymous_function',
      'secondary_constructor',
      'getter',
      'setter',
    ]),
    ...nodes(ROLE.nesting, [
      'if_expression',
      'for_statement',
      'while_statement',
      'do_while_statement',
      'when_expression',
      'try_expression',
    ]),
    ...nodes(ROLE.type, ['class_declaration', 'object_declaration', 'companion_object']),
    ...nodes(ROLE.comment, ['line_comment', 'block_comment']),
    catch_block: ROLE.handler,
  },
  conditions: ['if', 'for', 'while', 'catch', '&&', '||', '?:'],
  startsAt: 'name',
  // Of the branches of a `when` the first is free, as lizard has it.
  weights: { when_entry: 1, when_expression: -1 },
  plainMethods: true,
};
