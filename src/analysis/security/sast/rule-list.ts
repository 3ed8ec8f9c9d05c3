/** All rules about dangerous code, in the order in which they are listed to people. */
import { compileBuiltIn, compileRule } from './compile-rule.ts';
import type { SastRule } from './rule.ts';
import { RULE_FILES } from './rule-files.ts';

export const SAST_RULES: readonly SastRule[] = RULE_FILES.map((definition) => compileRule(definition, compileBuiltIn));
