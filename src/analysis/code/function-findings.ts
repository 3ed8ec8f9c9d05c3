/** From measures of functions to findings: thresholds, and functions that are copies of each other. */
import { groupBy } from '../group-by.ts';
import { byCodeUnit } from '../walk.ts';
import type { Severity } from '../../contracts/review.ts';
import type { FileFacts, FunctionFacts } from '../syntax/facts.ts';
import { type FindingDraft, isTestPath } from './make-finding.ts';
import type { RuleId } from './rules.ts';

export interface AnalyzedFile {
  readonly path: string;
  readonly facts: FileFacts;
}

type Steps = readonly (readonly [Severity, number])[];

/**
 * From which value on a measure is of which severity, worst first.
 * Paths by the Software Engineering Institute's classes: over 10 moderate, over 20 high, over 50 untestable.
 */
const STEPS = {
  cyclomatic: [
    ['high', 51],
    ['medium', 21],
    ['low', 11],
  ],
  cognitive: [
    ['high', 101],
    ['medium', 41],
    ['low', 16],
  ],
  ownLines: [
    ['high', 501],
    ['medium', 201],
    ['low', 101],
  ],
  nesting: [
    ['high', 8],
    ['medium', 6],
    ['low', 5],
  ],
  parameters: [
    ['medium', 9],
    ['low', 7],
  ],
} as const satisfies Record<string, Steps>;

const LEAST_CYCLOMATIC = STEPS.cyclomatic[2][1];
const LEAST_COGNITIVE = STEPS.cognitive[2][1];

const LOWER: Readonly<Record<Severity, Severity>> = { critical: 'high', high: 'medium', medium: 'low', low: 'low' };

export function complexityFindings(file: AnalyzedFile): readonly FindingDraft[] {
  const { functions } = file.facts;
  const told = functions.filter(({ cognitive }) => cognitive >= LEAST_COGNITIVE).map(({ parent }) => parent);
  const holders = new Set(told);
  return functions.flatMap((facts, index) => measure(file.path, facts, holders.has(index)));
}

/** @param holds a function inside it is hard to follow itself, and it is told of that one */
function measure(path: string, facts: FunctionFacts, holds: boolean): readonly FindingDraft[] {
  const drafts: FindingDraft[] = [];
  const name = facts.name === '(anonymous)' ? 'an anonymous function' : facts.name;
  const check = (ruleId: RuleId, steps: Steps, value: number, message: string): void => {
    const severity = steps.find(([, least]) => value >= least)?.[0];
    if (severity === undefined) return;
    const inTest = isTestPath(path);
    drafts.push({
      ruleId,
      severity: inTest ? LOWER[severity] : severity,
      confidence: inTest ? 'medium' : 'high',
      message,
      file: path,
      startLine: facts.startLine,
      endLine: facts.endLine,
      context: facts.name,
    });
  };
  check(
    'complexity/cyclomatic',
    STEPS.cyclomatic,
    facts.cyclomatic,
    `${name} has a cyclomatic complexity of ${facts.cyclomatic}: too many paths to test and to change safely`,
  );
  // Where both are high the paths say it already: one function, one finding.
  if (facts.cyclomatic < LEAST_CYCLOMATIC && !holds)
    check(
      'complexity/cognitive',
      STEPS.cognitive,
      facts.cognitive,
      `${name} has a cognitive complexity of ${facts.cognitive}: its nesting makes the few paths hard to follow`,
    );
  check(
    'complexity/long-function',
    STEPS.ownLines,
    facts.ownLines,
    `${name} ${lengthOf(facts)}, more than can be kept in mind while reading`,
  );
  check(
    'complexity/deep-nesting',
    STEPS.nesting,
    facts.nesting,
    `${name} nests control structures ${facts.nesting} deep, so each line depends on many conditions`,
  );
  check(
    'complexity/many-parameters',
    STEPS.parameters,
    facts.required ?? facts.parameters,
    `${name} takes ${facts.required ?? facts.parameters} parameters${facts.required === undefined ? '' : ' without a default'}, easy to pass in the wrong order`,
  );
  return drafts;
}

/** The lines a reader counts, and what is left of them without the functions inside, which is what is judged. */
function lengthOf({ startLine, endLine, ownLines }: FunctionFacts): string {
  const lines = endLine - startLine + 1;
  return lines === ownLines
    ? `is ${lines} lines long`
    : `is ${lines} lines long, ${ownLines} of them outside the functions in it`;
}

interface Copy {
  readonly path: string;
  readonly facts: FunctionFacts;
  readonly body: string;
  readonly parentBody: string | undefined;
}

/** One finding per function whose body also stands elsewhere, but not for what is inside a copied function. */
export function duplicateFindings(files: readonly AnalyzedFile[]): readonly FindingDraft[] {
  const groups = groupBy(files.flatMap(comparable), (copy) => copy.body);
  const isCopied = (body: string | undefined): boolean => body !== undefined && (groups.get(body)?.length ?? 0) > 1;
  return [...groups.values()].flatMap((group) => {
    // By name and not by place, so that moving functions about changes nothing.
    const [first, ...rest] = [...group].sort(
      (a, b) => byCodeUnit(a.path, b.path) || byCodeUnit(a.facts.name, b.facts.name),
    );
    if (first === undefined) return [];
    const others = rest.filter((copy) => !isCopied(copy.parentBody));
    return others.map((copy) => duplicate(copy, first, group.length));
  });
}

function comparable({ path, facts }: AnalyzedFile): readonly Copy[] {
  return facts.functions.flatMap((one) => {
    if (one.body === undefined) return [];
    const parentBody = one.parent === undefined ? undefined : facts.functions[one.parent]?.body;
    return [{ path, facts: one, body: one.body, parentBody }];
  });
}

function duplicate(copy: Copy, first: Copy, copies: number): FindingDraft {
  const lines = copy.facts.endLine - copy.facts.startLine + 1;
  const inTest = isTestPath(copy.path) || isTestPath(first.path);
  const where = `${first.path}:${first.facts.startLine}`;
  const count = copies > 2 ? `, one of ${copies} copies` : '';
  return {
    ruleId: 'duplication/function-body',
    severity: inTest || lines < 25 ? 'low' : 'medium',
    confidence: 'high',
    message: `${copy.facts.name} has the same ${lines} lines as ${first.facts.name} in ${where}${count}; a fix in one will be missed in the other`,
    file: copy.path,
    startLine: copy.facts.startLine,
    endLine: copy.facts.endLine,
    context: `${copy.facts.name} ${first.facts.name}`,
  };
}
