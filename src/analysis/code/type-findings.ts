/** Classes that do too much. */
import type { TypeFacts } from '../syntax/facts.ts';
import type { AnalyzedFile } from './function-findings.ts';
import { type FindingDraft, isTestPath } from './make-finding.ts';

/** All three at once: many methods, much to decide in them, many lines. */
const GOD = { methods: 20, weight: 100, lines: 400 };
const WORSE = 2;

export function typeFindings(file: AnalyzedFile): readonly FindingDraft[] {
  if (isTestPath(file.path)) return [];
  return file.facts.types.filter((type) => isGod(type, 1)).map((type) => toDraft(file.path, type));
}

function isGod({ methods, weight, startLine, endLine }: TypeFacts, times: number): boolean {
  const lines = endLine - startLine + 1;
  return methods >= GOD.methods * times && weight >= GOD.weight * times && lines >= GOD.lines * times;
}

function toDraft(file: string, type: TypeFacts): FindingDraft {
  const { name, startLine, endLine, methods, weight } = type;
  const lines = endLine - startLine + 1;
  return {
    ruleId: 'smell/god-class',
    severity: isGod(type, WORSE) ? 'medium' : 'low',
    confidence: 'medium',
    message: `${name} has ${methods} methods with ${weight} paths in ${lines} lines: it has more than one reason to change`,
    file,
    startLine,
    endLine: startLine,
    context: name,
  };
}
