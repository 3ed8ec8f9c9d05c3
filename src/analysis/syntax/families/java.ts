/** Java. */
import { type Family, nodes, ROLE } from './family.ts';

export const java: Family = {
  named: {
    ...nodes(ROLE.function, ['method_declaration', 'constructor_declaration']),
    ...nodes(ROLE.nesting, [
      'if_statement',
      'for_statement',
      'enhanced_for_statement',
      'while_statement',
      'do_statement',
      'switch_expression',
      'try_statement',
      'try_with_resources_statement',
      'synchronized_statement',
    ]),
    ...nodes(ROLE.type, [
      'class_declaration',
      'interface_declaration',
      'enum_declaration',
      'record_declaration',
      'annotation_type_declaration',
      'object_creation_expression',
    ]),
    ...nodes(ROLE.comment, ['line_comment', 'block_comment']),
    catch_clause: ROLE.handler,
    ...nodes(ROLE.import, ['import_declaration', 'package_declaration']),
  },
  conditions: ['if', 'for', 'while', 'catch', 'case', '&&', '||'],
  questions: ['?'],
  questionRule: 'java',
  startsAt: 'name',
  plainMethods: true,
};
