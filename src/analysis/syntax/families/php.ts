/** PHP. */
import { type Family, nodes, ROLE } from './family.ts';

export const php: Family = {
  named: {
    ...nodes(ROLE.function, ['function_definition', 'method_declaration', 'anonymous_function']),
    ...nodes(ROLE.nesting, [
      'if_statement',
      'for_statement',
      'foreach_statement',
      'while_statement',
      'do_statement',
      'switch_statement',
      'match_expression',
      'try_statement',
    ]),
    ...nodes(ROLE.type, ['class_declaration', 'trait_declaration', 'interface_declaration', 'enum_declaration']),
    comment: ROLE.comment,
    catch_clause: ROLE.handler,
  },
  conditions: ['if', 'elseif', 'for', 'foreach', 'while', 'catch', 'match', 'case', '&&', '||'],
  questions: ['?'],
  questionRule: 'php',
  startsAt: 'name',
  bodiless: true,
  // lizard sees no functions inside others.
  flat: true,
};
