/** Fingerprints of findings: the same problem keeps its own when lines above it come and go. */
import { createHash } from 'node:crypto';

/** Longest context that is hashed, in characters: a minified line says nothing more after that. */
const MAX_CONTEXT = 2_000;

/**
 * 32 hex digits over rule, file, the text around the problem with white space made uniform, and how many equal ones
 * came before it in the file.
 */
export function fingerprint(ruleId: string, file: string, context: string, occurrence: number): string {
  const parts = [ruleId, file, normalizeContext(context), String(occurrence)];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}

function normalizeContext(context: string): string {
  return context.slice(0, MAX_CONTEXT).replace(/\s+/g, ' ').trim();
}

/** Counts occurrences for its caller: ask for the findings of one file in their order in that file. */
export function createFingerprinter(): (ruleId: string, file: string, context: string) => string {
  const seen = new Map<string, number>();
  return (ruleId, file, context) => {
    const key = `${ruleId}\0${file}\0${normalizeContext(context)}`;
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    return fingerprint(ruleId, file, context, occurrence);
  };
}
