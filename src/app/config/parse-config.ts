/** From the text of a `config.yaml` to what is sound in it, and every mistake at its line. Pure. */
import type { z } from 'zod';
import type { Problem, SourceRange } from '../../contracts/index.ts';
import { plainIssues, toProblem } from './problems.ts';
import { configSchema, EMPTY_CONFIG, type UserConfig } from './schema.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

export interface ParsedConfig {
  readonly yaml: YamlText;
  /** A section with a mistake counts as empty; of the layers and of the permission rules each by itself. */
  readonly config: UserConfig;
  /** Where each permission rule of `config` stands. */
  readonly permissionRanges: readonly SourceRange[];
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
    const lostRules = `${file}:${line} cannot be read`;
    return { yaml, config: EMPTY_CONFIG, permissionRanges: [], problems: yaml.problems, lostRules };
  }
  const raw = yaml.raw ?? { version: 1 };
  const parsed = configSchema.safeParse(raw);
  const issues = plainIssues(parsed.error?.issues ?? []);
  const problems = issues.map((issue) => toProblem(issue, yaml, configSchema));
  const lost = problems.find((_, index) => isGuarding(issues[index], raw));
  const wrongRules = wrongMembers('permissions', issues);
  const config = parsed.data ?? soundSections(raw, issues);
  const written = isRecord(raw) && Array.isArray(raw.permissions) ? [...raw.permissions.keys()] : [];
  const kept = config.permissions.length === 0 ? [] : written.filter((index) => !wrongRules.has(index));
  return {
    yaml,
    config,
    permissionRanges: kept.map((index) => yaml.startOf(['permissions', index])),
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

function isRecord(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null;
}

/** The members of a section with a mistake in them: names of layers, places of rules. */
function wrongMembers(section: string, issues: readonly z.core.$ZodIssue[]): ReadonlySet<PropertyKey> {
  const places = issues.map((issue) => [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys : [])]);
  return new Set(places.flatMap(([name, member]) => (name === section ? (member ?? []) : [])));
}

/** What has no mistake in it: whole sections, of the layers and of the permission rules each by itself. */
function soundSections(raw: unknown, issues: readonly z.core.$ZodIssue[]): UserConfig {
  if (!isRecord(raw)) return EMPTY_CONFIG;
  const sound: Record<string, unknown> = { ...raw };
  for (const { path, ...issue } of issues) {
    const [section] = [...path, ...(issue.code === 'unrecognized_keys' ? issue.keys : [])].map(String);
    if (section === undefined) return EMPTY_CONFIG;
    const hasMembers = section === 'layers' ? isRecord(raw.layers) : Array.isArray(raw.permissions);
    if (!(section === 'layers' || section === 'permissions') || !hasMembers) delete sound[section];
  }
  if (isRecord(sound.layers)) sound.layers = withoutMembers(sound.layers, wrongMembers('layers', issues));
  const wrongRules = wrongMembers('permissions', issues);
  if (Array.isArray(sound.permissions)) sound.permissions = sound.permissions.filter((_, at) => !wrongRules.has(at));
  return configSchema.safeParse({ ...sound, version: 1 }).data ?? EMPTY_CONFIG;
}

function withoutMembers(section: Readonly<Record<string, unknown>>, wrong: ReadonlySet<PropertyKey>): object {
  return Object.fromEntries(Object.entries(section).filter(([name]) => !wrong.has(name)));
}
