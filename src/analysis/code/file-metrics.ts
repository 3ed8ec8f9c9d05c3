/** The measures of whole files: Halstead's and the maintainability index, the files hardest to maintain first. */
import type { FileMetric } from '../../contracts/review.ts';
import { halstead } from '../syntax/maintainability.ts';
import { byCodeUnit } from '../walk.ts';
import type { AnalyzedFile } from './function-findings.ts';

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
