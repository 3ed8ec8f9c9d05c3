/** Our own rules, one file each in `rules/`. A bundle holds them as data in place of this file, without their examples. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileBuiltIn } from './compile-rule.ts';
import { readRule } from './read-rule.ts';
import type { RuleDefinition } from './rule-schema.ts';

const FOLDER = join(import.meta.dirname, 'rules');

/** By id. @throws Error that names file, line and key of every mistake */
export const RULE_FILES: readonly RuleDefinition[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => {
    const { definition, problems } = readRule(
      `rules/${name}`,
      readFileSync(join(FOLDER, name), 'utf8'),
      compileBuiltIn,
    );
    if (definition !== undefined) return definition;
    throw new Error(problems.map(({ file, line, message }) => `${file}:${line} ${message}`).join('\n'));
  });
