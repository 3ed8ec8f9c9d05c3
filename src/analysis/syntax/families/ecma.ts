/** JavaScript and TypeScript, with and without JSX. */
import { type Family, nodes, ROLE } from './family.ts';

export const ecma: Family = {
  named: {
    ...nodes(ROLE.function, [
      'function_declaration',
      'function_expression',
      'generator_function',
      'generator_function_declaration',
      'arrow_function',
      'method_definition',
    ]),
    ...nodes(ROLE.nesting, [
      'if_statement',
      'for_statement',
      'for_in_statement',
      'while_statement',
      'do_statement',
      'switch_statement',
      'try_statement',
    ]),
    ...nodes(ROLE.type, ['class_declaration', 'class', 'abstract_class_declaration']),
    comment: ROLE.comment,
    catch_clause: ROLE.handler,
    import_statement: ROLE.import,
    export_statement: ROLE.import,
    call_expression: ROLE.call,
    template_substitution: ROLE.opaque,
    property_identifier: ROLE.word,
    optional_chain: ROLE.question,
  },
  conditions: ['if', 'for', 'while', 'catch', 'case', '&&', '||', '&&=', '||='],
  // Words that lizard takes for branches wherever they stand, so `promise.catch(…)` is one.
  words: new Set(['if', 'for', 'while', 'catch', 'case', 'elseif']),
  questions: ['?', '?.', '??', '??='],
  questionRule: 'ecma',
  startsAt: 'ecma',
};
