/** Every rule's own examples: the bad ones are reported at their lines, the good ones not at all. */
import assert from 'node:assert/strict';
import { systemClock } from '../../../../../src/base/clock.ts';
import type { ParsedLanguage } from '../../../../../src/analysis/languages.ts';
import type { CodeLanguage } from '../../../../../src/analysis/security/sast/program.ts';
import type { Example, SastRule } from '../../../../../src/analysis/security/sast/rule.ts';
import { SAST_RULES } from '../../../../../src/analysis/security/sast/rule-list.ts';
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
};

describe('rules about dangerous code', () => {
  let grammars: Grammars;
  before(async () => {
    grammars = await openGrammars(import.meta.url, systemClock);
  });

  const linesOf = async (
    rule: SastRule,
    example: Example,
    file: string,
    language: ParsedLanguage,
  ): Promise<number[]> => {
    const drafts = await scanCode({ file, text: example.code, language }, grammars, [rule]);
    return drafts.map((draft) => draft.startLine);
  };

  for (const rule of SAST_RULES) {
    describe(`${rule.id} (${rule.cwe})`, () => {
      for (const example of rule.bad) {
        it(`reports ${example.language}: ${firstLine(example.code)}`, async () => {
          for (const [file, language] of FILES[example.language]) {
            const lines = await linesOf(rule, example, file, language);
            assert.deepEqual([...new Set(lines)], example.lines ?? lines, language);
            assert.notEqual(lines.length, 0, `${language}: nothing was reported`);
          }
        });
      }
      for (const example of rule.good) {
        it(`accepts ${example.language}: ${firstLine(example.code)}`, async () => {
          for (const [file, language] of FILES[example.language]) {
            assert.deepEqual(await linesOf(rule, example, file, language), [], language);
          }
        });
      }
    });
  }

  it('gives every rule a number, a rationale and examples of both kinds', () => {
    assert.equal(new Set(SAST_RULES.map((rule) => rule.id)).size, SAST_RULES.length);
    for (const rule of SAST_RULES) {
      assert.match(rule.id, /^sast\/[a-z-]+$/);
      assert.match(rule.cwe, /^CWE-\d+$/);
      assert.ok(rule.rationale.length > 40 && rule.help.length > 20, rule.id);
      assert.ok(rule.bad.length >= 3 && rule.good.length >= 3, `${rule.id} needs more examples`);
    }
  });
});

function firstLine(code: string): string {
  return code.split('\n').find((line) => !/^(import|from|const \{|class)/.test(line)) ?? code;
}
