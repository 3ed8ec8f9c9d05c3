/** Python 3. */
import { type Family, nodes, ROLE } from './family.ts';

export const python: Family = {
  named: {
    ...nodes(ROLE.function, ['function_definition']),
    ...nodes(ROLE.nesting, [
      'if_statement',
      'for_statement',
      'while_statement',
      'try_statement',
      'with_statement',
      'match_statement',
    ]),
    ...nodes(ROLE.type, ['class_definition']),
    comment: ROLE.comment,
    ...nodes(ROLE.handler, ['except_clause', 'except_group_clause']),
    ...nodes(ROLE.import, ['import_statement', 'import_from_statement']),
  },
  conditions: ['if', 'elif', 'for', 'while', 'except', 'except*', 'finally', 'and', 'or', 'case'],
};
