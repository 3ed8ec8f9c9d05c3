/** C#. */
import { type Family, nodes, ROLE } from './family.ts';

export const csharp: Family = {
  named: {
    ...nodes(ROLE.function, [
      'method_declaration',
      'constructor_declaration',
      'destructor_declaration',
      'operator_declaration',
      'conversion_operator_declaration',
      'local_function_statement',
    ]),
    ...nodes(ROLE.nesting, [
      'if_statement',
      'for_statement',
      'foreach_statement',
      'while_statement',
      'do_statement',
      'switch_statement',
      'switch_expression',
      'try_statement',
      'lock_statement',
      'using_statement',
    ]),
    ...nodes(ROLE.type, [
      'class_declaration',
      'struct_declaration',
      'interface_declaration',
      'record_declaration',
      'enum_declaration',
    ]),
    comment: ROLE.comment,
    catch_clause: ROLE.handler,
    ...nodes(ROLE.body, ['block', 'arrow_expression_clause']),
  },
  conditions: ['if', 'for', 'while', 'catch', 'case', '&&', '||', '?', '??', '??=', '#if', '#elif'],
  startsAt: 'name',
  countsInBody: true,
  plainMethods: true,
};
