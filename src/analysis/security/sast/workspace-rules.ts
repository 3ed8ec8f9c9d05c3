/** Rules that a repository brings along, in `.mcp-conductor/rules/*.yaml`: read as what a stranger wrote. */
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { RE2JS } from 're2js';
import type { SkippedPlace } from '../../../contracts/review.ts';
import { isInside } from '../../confine.ts';
import { readText } from '../../read.ts';
import { byCodeUnit } from '../../walk.ts';
import { type CompilePattern, compileRule } from './compile-rule.ts';
import { readRule } from './read-rule.ts';
import type { SastRule } from './rule.ts';
import { SAST_RULES } from './rule-list.ts';
import type { RuleDefinition } from './rule-schema.ts';

const RULES_FOLDER = '.mcp-conductor/rules';
/** Files of rules that are read, and bytes of each. */
const MAX_FILES = 50;
const MAX_BYTES = 64 * 1024;

export interface WorkspaceRules {
  /** The definitions as JSON, as `rulesWith` takes them; absent when there are none. */
  readonly rules?: string | undefined;
  /** Files that are not used, with line, key and what would be right. */
  readonly problems: readonly SkippedPlace[];
}

/** @param root real path of the repository. Never throws: a rule with a mistake is told and left out. */
export async function readWorkspaceRules(root: string): Promise<WorkspaceRules> {
  const folder = await realpath(join(root, RULES_FOLDER)).catch(() => undefined);
  if (folder === undefined) return { problems: [] };
  if (!isInside(root, folder)) return { problems: [{ file: RULES_FOLDER, reason: 'leads outside the repository' }] };
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.ya?ml$/.test(name)).sort(byCodeUnit);
  const definitions = new Map<string, RuleDefinition>();
  const problems: SkippedPlace[] = [];
  for (const name of names.slice(0, MAX_FILES)) {
    const file = `${RULES_FOLDER}/${name}`;
    const { definition, reasons } = await readOne(file, join(folder, name));
    if (definition !== undefined && definitions.has(definition.id)) {
      reasons.push(`id: "${definition.id}" is the id of an earlier file: give each rule its own`);
    } else if (definition !== undefined) definitions.set(definition.id, definition);
    problems.push(...reasons.map((reason) => ({ file, reason: `rule not used: ${reason}` })));
  }
  if (names.length > MAX_FILES) {
    problems.push({
      file: RULES_FOLDER,
      reason: `${names.length} files of rules: only the first ${MAX_FILES} are read`,
    });
  }
  const bare = [...definitions.values()].map(withoutExamples);
  return { problems, ...(bare.length === 0 ? {} : { rules: JSON.stringify(bare) }) };
}

async function readOne(file: string, path: string): Promise<{ definition?: RuleDefinition; reasons: string[] }> {
  const read = await readText(path, MAX_BYTES);
  if (read.kind !== 'text') return { reasons: [read.kind === 'skipped' ? read.reason : 'not a text'] };
  const { definition, problems } = readRule(file, read.text, compileLinear);
  if (definition !== undefined) return { definition, reasons: [] };
  return { reasons: problems.map(({ line, message }) => `line ${line}: ${message}`) };
}

/** A stranger's expression must not be able to take more time than the text is long. */
const compileLinear: CompilePattern = (source) => {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(source));
  return { test: (text) => compiled.test(text) };
};

function withoutExamples(definition: RuleDefinition): RuleDefinition {
  const languages = Object.entries(definition.languages).map(([language, rules]) => {
    return [language, { ...rules, bad: [], good: [] }] as const;
  });
  return { ...definition, languages: Object.fromEntries(languages) };
}

let last: { readonly json: string; readonly rules: readonly SastRule[] } | undefined;

/** Our own rules and those of a workspace, which cannot replace any: their ids begin with `workspace/`. */
export function rulesWith(json: string | undefined): readonly SastRule[] {
  if (json === undefined) return SAST_RULES;
  if (last?.json === json) return last.rules;
  const definitions = JSON.parse(json) as readonly RuleDefinition[];
  const own = definitions.map((definition) => compileRule(definition, compileLinear, 'workspace/'));
  last = { json, rules: [...SAST_RULES, ...own] };
  return last.rules;
}
