/** From the text of a `config.yaml` to what is sound in it, and every mistake at its line. Pure. */
import type { z } from 'zod';
import type { Problem } from '../../contracts/index.ts';
import { plainIssues, toProblem } from './problems.ts';
import { configSchema, EMPTY_CONFIG, type UserConfig } from './schema.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

export interface ParsedConfig {
  readonly yaml: YamlText;
  /** A section with a mistake counts as empty; of the layers each by itself. */
  readonly config: UserConfig;
  readonly problems: readonly Problem[];
  /** Why rules that keep something from happening may be missing; undefined when none is. */
  readonly lostRules: string | undefined;
}

/** Sections that only ever keep something from happening: without them less may be done, not more. */
const GUARDING: readonly string[] = ['permissions', 'minimize', 'tools'];

/** @param file - shown in problems, never opened */
export function parseConfig(text: string, file: string): ParsedConfig {
  const yaml = readYaml(text, file);
  if (yaml.problems.length > 0) {
    const line = yaml.problems[0]?.range?.line ?? 1;
    return { yaml, config: EMPTY_CONFIG, problems: yaml.problems, lostRules: `${file}:${line} cannot be read` };
  }
  const raw = yaml.raw ?? { version: 1 };
  const parsed = configSchema.safeParse(raw);
  const issues = plainIssues(parsed.error?.issues ?? []);
  const problems = issues.map((issue) => toProblem(issue, yaml, configSchema));
  const lost = problems.find((_, index) => isGuarding(issues[index], raw));
  return {
    yaml,
    config: parsed.data ?? soundSections(raw, issues),
    problems,
    lostRules: lost?.range === undefined ? undefined : `${file}:${lost.range.line} is wrong`,
  };
}

/** In the order of the file. */
export function byLine(problems: readonly Problem[]): readonly Problem[] {
  const place = ({ range }: Problem): number => (range?.line ?? 0) * MAX_COLUMNS + (range?.column ?? 0);
  return problems.toSorted((a, b) => place(a) - place(b));
}

const MAX_COLUMNS = 1_000_000;

/** A mistake at the top could be a guarding section by another name, and another version could mean anything. */
function isGuarding(issue: z.core.$ZodIssue | undefined, raw: unknown): boolean {
  const [section] = issue?.path ?? [];
  if (section === 'version') return typeof raw === 'object' && raw !== null && 'version' in raw;
  return section === undefined || GUARDING.includes(String(section));
}

/** What has no mistake in it: whole sections, of the layers each by itself. */
function soundSections(raw: unknown, issues: readonly z.core.$ZodIssue[]): UserConfig {
  if (typeof raw !== 'object' || raw === null) return EMPTY_CONFIG;
  const sound: Record<string, unknown> = { ...raw };
  const layers: Record<string, unknown> = { ...(sound.layers as object | undefined) };
  for (const { path, code, ...issue } of issues) {
    const unknown = code === 'unrecognized_keys' && 'keys' in issue ? (issue.keys as readonly string[]) : [];
    const [section, layer] = [...path, ...unknown].map(String);
    if (section === undefined) return EMPTY_CONFIG;
    if (section === 'layers' && layer !== undefined) delete layers[layer];
    else delete sound[section];
  }
  if (sound.layers !== undefined) sound.layers = layers;
  sound.version = 1;
  return configSchema.safeParse(sound).data ?? EMPTY_CONFIG;
}
