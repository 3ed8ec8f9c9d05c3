/** Which functions are offered to others, and which of them say what they do. */
import assert from 'node:assert/strict';
import { documentedFunctions } from '../../../../src/analysis/code/file-metrics.ts';
import type { ParsedLanguage } from '../../../../src/analysis/languages.ts';
import { analyzeTree } from '../../../../src/analysis/syntax/analyze-file.ts';
import { openGrammars } from '../../../../src/analysis/syntax/parser.ts';
import { systemClock } from '../../../../src/base/clock.ts';

async function facts(language: ParsedLanguage, text: string): Promise<ReturnType<typeof analyzeTree>> {
  const grammars = await openGrammars(import.meta.url, systemClock);
  const tree = await grammars.parse(language, text, 10_000);
  try {
    return analyzeTree(tree, text, language);
  } finally {
    tree.delete();
  }
}

/** `name+` is described, `name-` is not; a function that nobody outside can call is left out. */
async function judged(language: ParsedLanguage, text: string): Promise<string> {
  const { functions } = await facts(language, text);
  return functions
    .filter(({ documented }) => documented !== undefined)
    .map(({ name, documented }) => `${name}${documented === true ? '+' : '-'}`)
    .join(' ');
}

describe('functions that others can call', () => {
  const CASES: readonly (readonly [ParsedLanguage, string, string])[] = [
    [
      'python',
      'def a():\n    """Says it."""\n    def inner():\n        pass\n\n@cache\ndef b():\n    return 1\n\ndef _c():\n    pass\n',
      'a+ b-',
    ],
    [
      'typescript',
      '/** Says it. */\nexport function a() {}\n// an aside\nexport const b = () => 1;\nclass C {\n  /** Says it. */\n  @log()\n  d() {}\n  private e() {}\n}\n[1].map((x) => x);\n',
      'a+ b- d+',
    ],
    ['javascript', '/* Says it. */\nfunction a() {}\n\n/** Of something else. */\n\nfunction b() {}\n', 'a+ b-'],
    [
      'java',
      'class A {\n  /** Says it. */\n  @Deprecated\n  public int a() { return 1; }\n  int b() { return 1; }\n  private int c() { return 1; }\n}\n',
      'A::a+ A::b-',
    ],
    ['go', 'package p\n\n// A says it.\nfunc A() {}\n\nfunc B() {}\n\nfunc c() {}\n', 'A+ B-'],
    ['rust', '/// Says it.\n#[inline]\npub fn a() {}\n\n// an aside\npub fn b() {}\n\nfn c() {}\n', 'a+ b-'],
    [
      'c',
      '/* Says it. */\nint a(void) { return 1; }\nint b(void) { return 1; }\nstatic int c(void) { return 1; }\n',
      'a+ b-',
    ],
    ['ruby', '# Says it.\ndef a\nend\n\ndef b\nend\n', 'a+ b-'],
    ['php', '<?php\n/** Says it. */\nfunction a() {}\nfunction b() {}\n', 'a+ b-'],
    [
      'csharp',
      'class A {\n  /// <summary>Says it.</summary>\n  public int B() { return 1; }\n  public int C() { return 1; }\n  private int D() { return 1; }\n}\n',
      'A::B+ A::C-',
    ],
    ['kotlin', '/** Says it. */\nfun a() { }\nfun b() { }\nprivate fun c() { }\n', 'a+ b-'],
  ];
  for (const [language, text, expected] of CASES) {
    it(`are told apart in ${language}`, async () => assert.equal(await judged(language, text), expected));
  }

  it('are counted by language, without tests', async () => {
    const python = await facts('python', CASES[0]?.[1] ?? '');
    assert.deepEqual(
      documentedFunctions([
        { path: 'a.py', facts: python },
        { path: 'b.py', facts: python },
        { path: 'test_a.py', facts: python },
      ]),
      { python: { functions: 4, documented: 2 } },
    );
  });
});
