/** Code in comments, code that is never run, and classes. */
import assert from 'node:assert/strict';
import type { ParsedLanguage } from '../../../../src/analysis/languages.ts';
import { analyzeTree } from '../../../../src/analysis/syntax/analyze-file.ts';
import type { FileFacts, SmellFacts } from '../../../../src/analysis/syntax/facts.ts';
import { type Grammars, openGrammars } from '../../../../src/analysis/syntax/parser.ts';
import { systemClock } from '../../../../src/base/clock.ts';

let grammars: Grammars;

async function analyze(language: ParsedLanguage, text: string): Promise<FileFacts> {
  const tree = await grammars.parse(language, text, 10_000);
  try {
    return analyzeTree(tree, text, language);
  } finally {
    tree.delete();
  }
}

async function lines(rule: SmellFacts['rule'], language: ParsedLanguage, text: string): Promise<readonly string[]> {
  const { smells } = await analyze(language, text);
  return smells.filter((smell) => smell.rule === rule).map(({ startLine, endLine }) => `${startLine}-${endLine}`);
}

before(async () => {
  grammars = await openGrammars(import.meta.url, systemClock);
});

describe('code in comments', () => {
  const found = (language: ParsedLanguage, text: string): Promise<readonly string[]> =>
    lines('commented-code', language, text);

  it('is found in runs of lines and in blocks', async () => {
    const js = '// const a = f(b);\n// if (a) {\n//   g(a);\n// }\nlet x;\n/*\n  old(x);\n  x = 1;\n  return x;\n*/\n';
    assert.deepEqual(await found('javascript', js), ['1-4', '6-10']);
    const python = '# for x in xs:\n#     total += x\n# print(total)\n# return total\ny = 1\n';
    assert.deepEqual(await found('python', python), ['1-4']);
    assert.deepEqual(await found('c', '/* int a = 1;\n * b(a);\n * c(b);\n */\n'), ['1-4']);
    assert.deepEqual(await found('go', 'package a\n\n// x := f()\n// if x {\n// \tg(x)\n// }\n'), ['3-6']);
  });

  it('is not prose, documentation, an example, or an aside', async () => {
    const prose =
      '// if the user is logged in we show\n// the page; otherwise we send them away\n// (see the manual for why)\n';
    const licence =
      '/* Permission is hereby granted, free of charge;\n * to any person obtaining a copy\n * of this software (the "Software").\n */\n';
    const doc = '/**\n * const a = f();\n * g(a);\n * h(a);\n */\n';
    const example = '// Usage:\n//   a = f();\n//   b(a);\n//   c(a);\n';
    const aside = '// a = f();\n// b(a);\n';
    for (const text of [prose, licence, doc, example, aside])
      assert.deepEqual(await found('javascript', text), [], text);
    const python =
      '# return the number of things in the list\n# for each of the groups: first the large\n# import order matters here\n';
    assert.deepEqual(await found('python', python), []);
  });
});

describe('code that is never run', () => {
  const found = (language: ParsedLanguage, text: string): Promise<readonly string[]> =>
    lines('unreachable', language, text);

  it('stands behind a statement that leaves, in the same block', async () => {
    assert.deepEqual(await found('javascript', 'function f() {\n  return 1;\n  // why\n  g();\n  h();\n}\n'), ['4-4']);
    assert.deepEqual(await found('python', 'def f():\n    raise E()\n    g()\n'), ['3-3']);
    assert.deepEqual(await found('php', '<?php\nfunction f() {\n  while (1) {\n    continue;\n    g();\n  }\n}\n'), [
      '5-5',
    ]);
    assert.deepEqual(await found('c', 'int f(void) {\n  return 1;\n  g();\n}\n'), ['3-3']);
    assert.deepEqual(await found('go', 'package a\nfunc f() {\n\treturn\n\tg()\n}\n'), ['4-4']);
  });

  it('is not what can be reached in another way', async () => {
    const js = `function f(a) {
      if (a) return 1;
      switch (a) { case 1: return 2; case 3: { return 4; } default: throw a; }
      try { return 1; } finally { g(); }
      return h(); function h() { return 1; }
    }`;
    assert.deepEqual(await found('javascript', js), []);
    assert.deepEqual(
      await found(
        'c',
        'int f(void) {\n  goto a;\n  return 1;\na:\n  g();\n#if X\n  return 2;\n#else\n  return 3;\n#endif\n}\n',
      ),
      [],
    );
    assert.deepEqual(await found('python', 'def f():\n    return\n    yield\n'), []);
    assert.deepEqual(await found('c', 'int f(int a) { switch (a) { case 1: { return 1; break; } } }'), []);
  });
});

describe('classes', () => {
  it('are counted with the methods that are their own', async () => {
    const text = `class A {
  f(a) { if (a) {} }
  g() { return () => (a ? 1 : 2); }
}
class Empty {}
`;
    assert.deepEqual((await analyze('javascript', text)).types, [
      { name: 'A', startLine: 1, endLine: 4, methods: 2, weight: 3 },
    ]);
    assert.deepEqual((await analyze('python', 'class A:\n    def f(self):\n        def g(): pass\n')).types, [
      { name: 'A', startLine: 1, endLine: 3, methods: 1, weight: 1 },
    ]);
  });
});
