/** Copied blocks over files, and classes that do too much. */
import assert from 'node:assert/strict';
import { findBlockCopies } from '../../../../src/analysis/code/block-copies.ts';
import { blockFindings } from '../../../../src/analysis/code/copy-findings.ts';
import { fileMetrics } from '../../../../src/analysis/code/file-metrics.ts';
import type { AnalyzedFile } from '../../../../src/analysis/code/function-findings.ts';
import { typeFindings } from '../../../../src/analysis/code/type-findings.ts';
import type { ParsedLanguage } from '../../../../src/analysis/languages.ts';
import { languageOfPath } from '../../../../src/analysis/languages.ts';
import { analyzeTree } from '../../../../src/analysis/syntax/analyze-file.ts';
import { type Grammars, openGrammars } from '../../../../src/analysis/syntax/parser.ts';
import { systemClock } from '../../../../src/base/clock.ts';

let grammars: Grammars;

async function analyze(path: string, text: string): Promise<AnalyzedFile> {
  const language = languageOfPath(path) as ParsedLanguage;
  const tree = await grammars.parse(language, text, 10_000);
  try {
    return { path, facts: analyzeTree(tree, text, language) };
  } finally {
    tree.delete();
  }
}

/** Statements that are like no others. */
function statements(seed: string, count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `  ${seed}${index} = call${seed}(${index}, other${index * 7});\n`,
  ).join('');
}

before(async () => {
  grammars = await openGrammars(import.meta.url, systemClock);
});

describe('copied blocks', () => {
  it('are found inside functions that differ, with both places', async () => {
    const shared = statements('s', 20);
    const files = [
      await analyze('b.js', `function two(b) {\n${statements('y', 9)}${shared}}\n`),
      await analyze(
        'a.js',
        `import x from 'x';\nfunction one(a) {\n${statements('x', 5)}${shared}${statements('z', 5)}}\n`,
      ),
    ];
    const { copies, cut } = await findBlockCopies(files);
    assert.equal(cut, false);
    assert.equal(copies.length, 1);
    const [found] = copies;
    assert.equal(found?.first.file, 'a.js');
    assert.equal(found?.copy.file, 'b.js');
    // To within the distance of two chosen windows, the lines are those of the block.
    assert.ok((found?.first.startLine ?? 0) >= 8 && (found?.first.startLine ?? 0) <= 10, JSON.stringify(found));
    assert.ok((found?.copy.endLine ?? 0) >= 28 && (found?.copy.endLine ?? 0) <= 30, JSON.stringify(found));
    const [draft] = blockFindings(copies, []);
    assert.match(draft?.message ?? '', /also stand in a\.js:\d+-\d+;/);
    assert.equal(draft?.severity, 'low');
  });

  it('are found within one file, and not where only a table repeats itself', async () => {
    const shared = statements('s', 20);
    const twice = await analyze(
      'a.js',
      `function f() {\n${shared}}\nfunction g() {\n${statements('u', 3)}${shared}}\n`,
    );
    assert.equal((await findBlockCopies([twice])).copies.length, 1);
    const table = await analyze('b.js', `const t = [\n${'  0, 0, 0, 0, 0, 0,\n'.repeat(300)}];\n`);
    assert.deepEqual((await findBlockCopies([table])).copies, []);
    const short = await analyze(
      'c.js',
      `function f() {\n${statements('q', 5)}}\nfunction g() {\n${statements('q', 5)}}\n`,
    );
    assert.deepEqual((await findBlockCopies([short])).copies, []);
  });

  it('are not told again when a copied function has been', async () => {
    const copies = (
      await findBlockCopies([
        await analyze('a.js', `function f() {\n${statements('s', 20)}}\n`),
        await analyze('b.js', `function f() {\n${statements('s', 20)}}\n`),
      ])
    ).copies;
    assert.equal(copies.length, 1);
    const told = {
      ...(blockFindings(copies, [])[0] as ReturnType<typeof blockFindings>[number]),
      startLine: 1,
      endLine: 22,
    };
    assert.deepEqual(blockFindings(copies, [told]), []);
  });

  it('keep their identity when lines move', async () => {
    const keys = async (lead: string): Promise<readonly string[]> => {
      const b = await analyze('b.js', `${lead}function g(z) {\n${statements('s', 20)}}\n`);
      return (
        await findBlockCopies([await analyze('a.js', `function f() {\n${statements('s', 20)}}\n`), b])
      ).copies.map(({ key }) => key);
    };
    assert.deepEqual(await keys(''), await keys('\n\n// moved\n\n'));
  });
});

describe('classes that do too much', () => {
  it('have many methods, many paths and many lines at once', async () => {
    const method = (index: number): string => `  m${index}(a) {\n${'    if (a) { b(); }\n'.repeat(18)}  }\n`;
    const methods = (count: number): string => Array.from({ length: count }, (_, index) => method(index)).join('');
    const found = async (path: string, count: number): Promise<readonly string[]> =>
      typeFindings(await analyze(path, `class Big {\n${methods(count)}}\n`)).map(({ severity }) => severity);
    assert.deepEqual(await found('a.js', 19), []);
    assert.deepEqual(await found('a.js', 25), ['low']);
    assert.deepEqual(await found('a.js', 45), ['medium']);
    assert.deepEqual(await found('test/a.test.js', 45), []);
  });
});

describe('measures of files', () => {
  it('come hardest to maintain first', async () => {
    const files = [
      await analyze('easy.js', 'function f(a) { return a; }\n'),
      await analyze('hard.js', `function f(a) {\n${'  if (a && b) { a = b + 1; }\n'.repeat(80)}}\n`),
      await analyze('empty.js', '// nothing\n'),
    ];
    const metrics = fileMetrics(files);
    assert.deepEqual(
      metrics.map(({ file, functions, cyclomatic, cognitive }) => [file, functions, cyclomatic, cognitive]),
      [
        ['hard.js', 1, 161, 160],
        ['easy.js', 1, 1, 0],
      ],
    );
    assert.ok((metrics[0]?.volume ?? 0) > 1_000 && (metrics[0]?.effort ?? 0) > (metrics[0]?.volume ?? 0));
  });
});
