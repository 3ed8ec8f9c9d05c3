/** The user's `config.yaml`: which server carries out which step. Its other sections come with the layers they set up. */
import { readFile } from 'node:fs/promises';
import { LineCounter, isNode, parseDocument } from 'yaml';
import { z } from 'zod';
import { messageOf } from '../base/errors.ts';
import type { Problem } from '../contracts/index.ts';

const target = z.string().regex(/^[^.\s]+\..+$/, 'must be `server.tool`');

const configSchema = z.strictObject({
  version: z.literal(1),
  /** Pipeline → step → `server.tool`. */
  pipelines: z.record(z.string(), z.record(z.string(), target)).default({}),
});

export interface UserConfig {
  /** By pipeline, then by step id. */
  readonly pipelines: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const EMPTY: UserConfig = { pipelines: {} };

/** A missing file is an empty configuration; a broken one is reported at its line and counts as empty. */
export async function readUserConfig(
  file: string,
): Promise<{ readonly config: UserConfig; readonly problems: readonly Problem[] }> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { config: EMPTY, problems: [] };
    return { config: EMPTY, problems: [problem(`cannot be read: ${messageOf(error)}`, file, 1, 1)] };
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
    return { config: EMPTY, problems: [problem(syntax.message, file, line, col)] };
  }
  const parsed = configSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? { version: 1 });
  if (parsed.success) return { config: parsed.data, problems: [] };
  const problems = parsed.error.issues.map((issue) => {
    const node = document.getIn(issue.path, true);
    const { line, col } = lines.linePos((isNode(node) ? node.range?.[0] : undefined) ?? 0);
    return problem(
      `${issue.path.map(String).join('.') || 'the file'}: ${issue.message}`,
      file,
      Math.max(1, line),
      Math.max(1, col),
    );
  });
  return { config: EMPTY, problems };
}

function problem(message: string, file: string, line: number, column: number): Problem {
  return { severity: 'error', code: 'config', message, range: { file, line, column } };
}
