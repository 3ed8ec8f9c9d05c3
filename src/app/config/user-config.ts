/** Reads the user's `config.yaml`: a configuration, or every problem in it at its line. */
import { readFile } from 'node:fs/promises';
import { LineCounter, isNode, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../../base/errors.ts';
import type { Problem, SourceRange } from '../../contracts/index.ts';
import { configSchema, EMPTY_CONFIG, type UserConfig } from './schema.ts';

export interface ReadConfig {
  readonly config: UserConfig;
  readonly problems: readonly Problem[];
  /** Where each permission rule stands, in order. */
  readonly permissionRanges: readonly SourceRange[];
  /** Why rules that keep something from happening may be missing; undefined when none is. */
  readonly lostRules: string | undefined;
}

/** Sections that only ever keep something from happening: without them less may be done, not more. */
const GUARDING: readonly string[] = ['permissions', 'minimize', 'tools'];

/** A missing file is an empty configuration. A section with a mistake is reported at its line and counts as empty. */
export async function readUserConfig(file: string): Promise<ReadConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ...NOTHING, lostRules: undefined, problems: [] };
    return unreadable(`cannot be read: ${messageOf(error)}`, { file, line: 1, column: 1 });
  }
  return parseUserConfig(text, file);
}

const NOTHING = { config: EMPTY_CONFIG, permissionRanges: [] };

function unreadable(message: string, range: SourceRange): ReadConfig {
  const lostRules = `${range.file}:${range.line} cannot be read`;
  return { ...NOTHING, lostRules, problems: [{ severity: 'error', code: 'config', message, range }] };
}

export function parseUserConfig(text: string, file: string): ReadConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const locate = (path: readonly PropertyKey[]): SourceRange => {
    const node = document.getIn(path, true);
    const { line, col } = lines.linePos((isNode(node) ? node.range?.[0] : undefined) ?? 0);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const { line, col } = lines.linePos(syntax.pos[0]);
    return unreadable(syntax.message, { file, line, column: col });
  }
  const raw: unknown = document.toJS({ maxAliasCount: 100 }) ?? { version: 1 };
  const parsed = configSchema.safeParse(raw);
  const issues = parsed.error?.issues ?? [];
  const problems = issues.map((issue): Problem => toProblem(issue, locate));
  const lost = problems.find((_, index) => isGuarding(issues[index]));
  const config = parsed.data ?? soundSections(raw);
  return {
    config,
    problems,
    permissionRanges: config.permissions.map((_, index) => locate(['permissions', index])),
    lostRules: lost?.range === undefined ? undefined : `${file}:${lost.range.line} is wrong`,
  };
}

/** A mistake at the top could be a guarding section by another name. */
function isGuarding(issue: z.core.$ZodIssue | undefined): boolean {
  const [section] = issue?.path ?? [];
  return section === undefined || GUARDING.includes(String(section));
}

function soundSections(raw: unknown): UserConfig {
  const sections = typeof raw === 'object' && raw !== null ? Object.entries(raw) : [];
  const sound = sections.filter(([name, value]) => configSchema.partial().safeParse({ [name]: value }).success);
  const parsed = configSchema.safeParse({ ...Object.fromEntries(sound), version: 1 });
  return parsed.data ?? EMPTY_CONFIG;
}

function toProblem(issue: z.core.$ZodIssue, locate: (path: readonly PropertyKey[]) => SourceRange): Problem {
  const [unknownKey] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  const range = locate(unknownKey === undefined ? issue.path : [...issue.path, unknownKey]);
  const where = issue.path.map(String).join('.') || 'the file';
  return { severity: 'error', code: 'config', message: `${where}: ${textOf(issue)}`, range };
}

/** A key that is no good is told by what was wrong with it. */
function textOf(issue: z.core.$ZodIssue): string {
  const [cause] = issue.code === 'invalid_key' ? issue.issues : [];
  return cause?.message ?? issue.message;
}
