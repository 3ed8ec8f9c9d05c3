/** C, and what C++ shares with it. */
import { type Family, nodes, ROLE } from './family.ts';

export const c: Family = {
  named: {
    ...nodes(ROLE.function, ['function_definition']),
    ...nodes(ROLE.nesting, [
      'if_statement',
      'for_statement',
      'while_statement',
      'do_statement',
      'switch_statement',
      'seh_try_statement',
    ]),
    comment: ROLE.comment,
    compound_statement: ROLE.body,
    ...nodes(ROLE.directive, ['binary_expression', 'unary_expression', 'parenthesized_expression', 'call_expression']),
  },
  conditions: ['if', 'for', 'while', 'case', '&&', '||', '?', '#if', '#ifdef', '#elif'],
  countsInBody: true,
  references: true,
  startsAt: 'name',
};

export const cpp: Family = {
  ...c,
  named: {
    ...c.named,
    ...nodes(ROLE.nesting, ['for_range_loop', 'try_statement']),
    ...nodes(ROLE.type, ['class_specifier', 'struct_specifier', 'union_specifier', 'namespace_definition']),
    catch_clause: ROLE.handler,
  },
  conditions: [...c.conditions, 'catch'],
  plainMethods: true,
};
