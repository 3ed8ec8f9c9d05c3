/** Every rule's own examples: the bad ones are reported at their lines, the good ones not at all. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { systemClock } from '../../../../../src/base/clock.ts';
import type { ParsedLanguage } from '../../../../../src/analysis/languages.ts';
import type { CodeLanguage } from '../../../../../src/analysis/security/sast/program.ts';
import { compileBuiltIn, compileRule } from '../../../../../src/analysis/security/sast/compile-rule.ts';
import type { SastRule } from '../../../../../src/analysis/security/sast/rule.ts';
import { RULE_FILES } from '../../../../../src/analysis/security/sast/rule-files.ts';
import { scanCode } from '../../../../../src/analysis/security/sast/scan-code.ts';
import { type Grammars, openGrammars } from '../../../../../src/analysis/syntax/parser.ts';

const FILES: Readonly<Record<CodeLanguage, readonly (readonly [string, ParsedLanguage])[]>> = {
  // The same text must give the same in each of the family's grammars.
  javascript: [
    ['src/a.js', 'javascript'],
    ['src/a.tsx', 'tsx'],
  ],
  python: [['src/a.py', 'python']],
  java: [['src/A.java', 'java']],
  go: [['src/a.go', 'go']],
  php: [['src/a.php', 'php']],
  ruby: [['src/a.rb', 'ruby']],
  csharp: [['src/A.cs', 'csharp']],
};

describe('rules about dangerous code', () => {
  let grammars: Grammars;
  before(async () => {
    grammars = await openGrammars(import.meta.url, systemClock);
  });

  const linesOf = async (rule: SastRule, text: string, file: string, language: ParsedLanguage): Promise<number[]> => {
    const drafts = await scanCode({ file, text, language }, grammars, [rule]);
    return [...new Set(drafts.map((draft) => draft.startLine))];
  };

  for (const definition of RULE_FILES) {
    const rule = compileRule(definition, compileBuiltIn);
    for (const [family, { bad, good }] of Object.entries(definition.languages)) {
      const files = FILES[family as CodeLanguage];
      describe(`${rule.id} (${rule.cwe}) in ${family}`, () => {
        for (const { code, lines } of bad) {
          it(`reports ${tellingLine(code)}`, async () => {
            for (const [file, language] of files) {
              const found = await linesOf(rule, code, file, language);
              assert.notEqual(found.length, 0, `${language}: nothing was reported in\n${code}`);
              assert.deepEqual(found, lines ?? found, `${language}:\n${code}`);
            }
          });
        }
        for (const { code } of good) {
          it(`accepts ${tellingLine(code)}`, async () => {
            for (const [file, language] of files) {
              assert.deepEqual(await linesOf(rule, code, file, language), [], `${language}:\n${code}`);
            }
          });
        }
      });
    }
  }

  it('keeps every rule in the file that is named after it', () => {
    const folder = new URL('../../../../../src/analysis/security/sast/rules/', import.meta.url);
    const files = readdirSync(folder).sort();
    assert.deepEqual(
      files,
      RULE_FILES.map(({ id }) => `${id}.yaml`),
    );
    assert.ok(files.length >= 9);
  });
});

/** The line that says most about an example: not its imports. */
function tellingLine(code: string): string {
  const lines = code.split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !/^(import|from|const \{|class|using|package|<\?)/.test(line)) ?? code;
}
