/** Every rule of the code-analysis server: what it looks for and what would be right. */
import type { FindingKind } from '../../contracts/review.ts';

export const ANALYSIS_TYPES = ['complexity', 'patterns', 'smells'] as const;
export type AnalysisType = (typeof ANALYSIS_TYPES)[number];

export interface Rule {
  readonly kind: FindingKind;
  readonly title: string;
  readonly help: string;
  readonly cwe?: string | undefined;
}

export const RULES = {
  'complexity/cyclomatic': {
    kind: 'complexity',
    title: 'High cyclomatic complexity',
    help: 'Move groups of branches into functions with names of their own, or replace them with a table.',
  },
  'complexity/cognitive': {
    kind: 'complexity',
    title: 'High cognitive complexity',
    help: 'Take the inner blocks out into functions, return early, and give conditions names.',
  },
  'complexity/long-function': {
    kind: 'complexity',
    title: 'Long function',
    help: 'Split it where the subject changes, so that each part fits on a screen.',
  },
  'complexity/deep-nesting': {
    kind: 'complexity',
    title: 'Deep nesting',
    help: 'Return early for the special cases, or move the inner blocks into functions.',
  },
  'complexity/many-parameters': {
    kind: 'complexity',
    title: 'Long parameter list',
    help: 'Group the parameters that belong together into one object.',
  },
  'smell/empty-handler': {
    kind: 'smell',
    title: 'Error swallowed',
    help: 'Handle the error, pass it on, or say in a comment why it may be ignored.',
    cwe: 'CWE-390',
  },
  'smell/debt-comment': {
    kind: 'smell',
    title: 'Work left open in a comment',
    help: 'Do it, or move it to where work is planned and name the place in the comment.',
  },
  'smell/god-class': {
    kind: 'smell',
    title: 'Class that does too much',
    help: 'Find the groups of methods that use the same fields, and give each group a class of its own.',
  },
  'smell/commented-code': {
    kind: 'smell',
    title: 'Code in a comment',
    help: 'Delete it: the history of the repository keeps it.',
  },
  'smell/unreachable-code': {
    kind: 'smell',
    title: 'Code that is never run',
    help: 'Delete it, or correct the condition under which the statement before it leaves.',
    cwe: 'CWE-561',
  },
  'duplication/block': {
    kind: 'duplication',
    title: 'Block copied',
    help: 'Move it into a function that both places call.',
  },
  'duplication/function-body': {
    kind: 'duplication',
    title: 'Function copied',
    help: 'Keep one of the copies and call it from the others.',
  },
  'pattern/import-cycle': {
    kind: 'pattern',
    title: 'Modules that import each other',
    help: 'Move what both sides need into a module below them, or pass it in, so that imports point one way.',
  },
  'pattern/hub-module': {
    kind: 'pattern',
    title: 'Module that everything goes through',
    help: 'Split it by the groups of modules that use it, so that a change touches fewer of them.',
  },
  'pattern/layer-inversion': {
    kind: 'pattern',
    title: 'Import against the layers',
    help: 'Move what is needed down into the lower folder, or pass it in, so that imports between the two point one way.',
  },
  'docs/no-readme': {
    kind: 'docs',
    title: 'No README',
    help: 'Add a README.md that says what this is, how to install it and how to use it.',
  },
  'docs/readme-incomplete': {
    kind: 'docs',
    title: 'README without an expected part',
    help: 'Add a short section for each missing part, or a link to where it is.',
  },
  'docs/dead-link': {
    kind: 'docs',
    title: 'Link to a file that does not exist',
    help: 'Correct the path, or remove the link.',
  },
  'docs/dead-anchor': {
    kind: 'docs',
    title: 'Link to a heading that does not exist',
    help: 'Correct the part after #, which is the heading in lower case with hyphens.',
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof RULES;

/** The rule of an id; undefined for those of other servers. */
export function ruleOf(id: string): Rule | undefined {
  return Object.hasOwn(RULES, id) ? RULES[id as RuleId] : undefined;
}
