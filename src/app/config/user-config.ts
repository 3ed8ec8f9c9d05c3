/** Reads the user's `config.yaml`: a configuration, or every problem in it at its line. */
import { readFile } from 'node:fs/promises';
import { LineCounter, isNode, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../../base/errors.ts';
import type { Problem } from '../../contracts/index.ts';
import { configSchema, EMPTY_CONFIG, type UserConfig } from './schema.ts';

/** A missing file is an empty configuration; a broken one is reported at its line and counts as empty. */
export async function readUserConfig(
  file: string,
): Promise<{ readonly config: UserConfig; readonly problems: readonly Problem[] }> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { config: EMPTY_CONFIG, problems: [] };
    return { config: EMPTY_CONFIG, problems: [problem(`cannot be read: ${messageOf(error)}`, file, 1, 1)] };
  }
  return parseUserConfig(text, file);
}

export function parseUserConfig(
  text: string,
  file: string,
): { readonly config: UserConfig; readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const { line, col } = lines.linePos(syntax.pos[0]);
    return { config: EMPTY_CONFIG, problems: [problem(syntax.message, file, line, col)] };
  }
  const parsed = configSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? { version: 1 });
  if (parsed.success) return { config: parsed.data, problems: [] };
  const problems = parsed.error.issues.map((issue) => {
    const [unknownKey] = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const node = document.getIn(unknownKey === undefined ? issue.path : [...issue.path, unknownKey], true);
    const { line, col } = lines.linePos((isNode(node) ? node.range?.[0] : undefined) ?? 0);
    const where = issue.path.map(String).join('.') || 'the file';
    return problem(`${where}: ${textOf(issue)}`, file, Math.max(1, line), Math.max(1, col));
  });
  return { config: EMPTY_CONFIG, problems };
}

/** A key that is no good is told by what was wrong with it. */
function textOf(issue: z.core.$ZodIssue): string {
  const [cause] = issue.code === 'invalid_key' ? issue.issues : [];
  return cause?.message ?? issue.message;
}

function problem(message: string, file: string, line: number, column: number): Problem {
  return { severity: 'error', code: 'config', message, range: { file, line, column } };
}
