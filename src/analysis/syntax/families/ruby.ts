/** Ruby. */
import { type Family, nodes, ROLE } from './family.ts';

export const ruby: Family = {
  named: {
    ...nodes(ROLE.function, ['method', 'singleton_method']),
    ...nodes(ROLE.nesting, ['if', 'unless', 'while', 'until', 'for', 'case', 'case_match', 'begin']),
    ...nodes(ROLE.type, ['class', 'module']),
    comment: ROLE.comment,
    rescue: ROLE.handler,
  },
  conditions: ['if', 'elsif', 'until', 'for', 'while', 'rescue', 'ensure', 'when', 'and', 'or', '||', '&&', '?'],
  bodiless: true,
  plainMethods: true,
};
