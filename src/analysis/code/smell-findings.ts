/** From smells in single places to findings. */
import { redactSecrets } from '../security/secrets/redact.ts';
import type { SmellFacts } from '../syntax/facts.ts';
import type { AnalyzedFile } from './function-findings.ts';
import { type FindingDraft, isTestPath } from './make-finding.ts';

export function smellFindings(file: AnalyzedFile): readonly FindingDraft[] {
  const inTest = isTestPath(file.path);
  return file.facts.smells.map((smell) => ({
    ...judged(smell, inTest),
    file: file.path,
    startLine: smell.startLine,
    endLine: smell.endLine,
    context: smell.text,
  }));
}

function judged(
  smell: SmellFacts,
  inTest: boolean,
): Pick<FindingDraft, 'ruleId' | 'severity' | 'confidence' | 'message'> {
  switch (smell.rule) {
    case 'debt':
      return {
        ruleId: 'smell/debt-comment',
        severity: 'low',
        confidence: 'high',
        message: `work left open: ${redactSecrets(smell.text)}`,
      };
    case 'commented-code':
      return {
        ruleId: 'smell/commented-code',
        severity: 'low',
        confidence: 'medium',
        message: `${smell.endLine - smell.startLine + 1} lines of code are commented out; nobody can tell whether they are still needed`,
      };
    case 'unreachable':
      return {
        ruleId: 'smell/unreachable-code',
        severity: inTest ? 'low' : 'medium',
        confidence: 'high',
        message: 'this is never run: the statement before it always leaves',
      };
    case 'empty-handler':
      return {
        ruleId: 'smell/empty-handler',
        severity: inTest || smell.minor === true ? 'low' : 'medium',
        confidence: smell.minor === true ? 'low' : 'high',
        message: 'an error is caught and dropped without a word, so a failure here leaves no trace',
      };
  }
}
