/** Go. */
import { type Family, nodes, ROLE } from './family.ts';

export const go: Family = {
  named: {
    ...nodes(ROLE.function, ['function_declaration', 'method_declaration', 'func_literal']),
    ...nodes(ROLE.nesting, [
      'if_statement',
      'for_statement',
      'expression_switch_statement',
      'type_switch_statement',
      'select_statement',
    ]),
    comment: ROLE.comment,
  },
  conditions: ['if', 'for', 'case', '&&', '||'],
};
