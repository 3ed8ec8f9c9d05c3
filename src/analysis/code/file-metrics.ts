/** The measures of whole files: Halstead's and the maintainability index, the files hardest to maintain first. */
import type { FileMetric, Metrics } from '../../contracts/review.ts';
import { languageOfPath } from '../languages.ts';
import { halstead } from '../syntax/maintainability.ts';
import { byCodeUnit } from '../walk.ts';
import type { AnalyzedFile } from './function-findings.ts';
import { isTestPath } from './make-finding.ts';

/** Files listed; those easiest to maintain are left out. */
const MAX_FILES = 1_000;

export function fileMetrics(analyzed: readonly AnalyzedFile[]): readonly FileMetric[] {
  return analyzed
    .flatMap(toMetric)
    .sort((a, b) => a.maintainability - b.maintainability || byCodeUnit(a.file, b.file))
    .slice(0, MAX_FILES);
}

function toMetric({ path, facts }: AnalyzedFile): readonly FileMetric[] {
  const { maintainability } = facts.tokens;
  if (maintainability === undefined) return [];
  const { operators, operands, allOperators, allOperands } = facts.tokens.halstead;
  const measures = halstead(operators, operands, allOperators, allOperands);
  const sum = (of: 'cyclomatic' | 'cognitive'): number => facts.functions.reduce((total, one) => total + one[of], 0);
  return [
    {
      file: path,
      lines: facts.lines,
      functions: facts.functions.length,
      cyclomatic: sum('cyclomatic'),
      cognitive: sum('cognitive'),
      volume: Math.round(measures.volume),
      difficulty: Math.round(measures.difficulty * 10) / 10,
      effort: Math.round(measures.effort),
      maintainability: Math.round(maintainability * 10) / 10,
    },
  ];
}

/** By language, how many functions that others can call say what they do; tests are written for nobody to call. */
export function documentedFunctions(analyzed: readonly AnalyzedFile[]): NonNullable<Metrics['documented']> {
  const counts = new Map<string, { functions: number; documented: number }>();
  for (const { path, facts } of analyzed) {
    const language = languageOfPath(path);
    if (language === null || isTestPath(path)) continue;
    const offered = facts.functions.filter(({ documented }) => documented !== undefined);
    if (offered.length === 0) continue;
    const known = counts.get(language) ?? { functions: 0, documented: 0 };
    const documented = offered.filter((one) => one.documented === true).length;
    counts.set(language, {
      functions: known.functions + offered.length,
      documented: known.documented + documented,
    });
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => byCodeUnit(a, b)));
}
