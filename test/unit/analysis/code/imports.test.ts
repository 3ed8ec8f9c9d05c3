/** Import cycles and hubs between modules, per language. */
import assert from 'node:assert/strict';
import type { AnalyzedFile } from '../../../../src/analysis/code/function-findings.ts';
import { importFindings } from '../../../../src/analysis/code/import-findings.ts';
import { resolveImports } from '../../../../src/analysis/code/resolve-imports.ts';
import { languageOfPath } from '../../../../src/analysis/languages.ts';
import type { ParsedLanguage } from '../../../../src/analysis/languages.ts';
import { analyzeTree } from '../../../../src/analysis/syntax/analyze-file.ts';
import { openGrammars } from '../../../../src/analysis/syntax/parser.ts';
import { systemClock } from '../../../../src/base/clock.ts';

const EMPTY: AnalyzedFile['facts'] = {
  lines: 1,
  functions: [],
  types: [],
  tokens: {
    halstead: { operators: 0, operands: 0, allOperators: 0, allOperands: 0 },
    maintainability: undefined,
    windows: new Uint32Array(0),
  },
  smells: [],
  imports: [],
  partial: false,
};

async function analyze(files: Readonly<Record<string, string>>): Promise<readonly AnalyzedFile[]> {
  const grammars = await openGrammars(import.meta.url, systemClock);
  const analyzed: AnalyzedFile[] = [];
  for (const [path, text] of Object.entries(files)) {
    const language = languageOfPath(path) as ParsedLanguage;
    const tree = await grammars.parse(language, text, 10_000);
    analyzed.push({ path, facts: analyzeTree(tree, text, language) });
    tree.delete();
  }
  return analyzed;
}

async function edges(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await resolveImports(await analyze(files))).edges.map(({ from, to }) => `${from} > ${to}`);
}

describe('imports', () => {
  it('of JavaScript and TypeScript are resolved like their run-time files', async () => {
    const found = await edges({
      'a.ts':
        "import { b } from './b.js';\nimport type { T } from './types.ts';\nexport * from './lib';\nimport 'node:fs';",
      'b.ts': "const c = require('./c');\nfunction later() { require('./a'); }",
      'c.js': '',
      'types.ts': '',
      'lib/index.ts': "export { a } from '..';",
      'index.js': '',
    });
    assert.deepEqual(found, ['a.ts > b.ts', 'a.ts > lib/index.ts', 'b.ts > c.js', 'lib/index.ts > index.js']);
  });

  it('of Python are resolved by package, without those made later', async () => {
    const found = await edges({
      'src/pkg/__init__.py': 'from .one import x\nfrom . import two',
      'src/pkg/one.py': 'import pkg.two\nfrom pkg import sub\nimport os',
      'src/pkg/two.py': 'import os\ndef f():\n    from . import one\nif TYPE_CHECKING:\n    from . import sub',
      'src/pkg/sub/__init__.py': 'from ..two import y',
    });
    assert.deepEqual(found, [
      'src/pkg/__init__.py > src/pkg/one.py',
      'src/pkg/__init__.py > src/pkg/two.py',
      'src/pkg/one.py > src/pkg/two.py',
      'src/pkg/one.py > src/pkg/sub/__init__.py',
      'src/pkg/sub/__init__.py > src/pkg/two.py',
    ]);
  });

  it('of Java join packages', async () => {
    const found = await edges({
      'a/A.java': 'package org.a;\nimport org.b.B;\nimport static org.b.inner.C.run;\nimport java.util.*;\nclass A {}',
      'b/B.java': 'package org.b;\nimport org.a.*;\nclass B {}',
    });
    assert.deepEqual(found, [
      'package org.a > package org.b',
      'package org.a > package org.b',
      'package org.b > package org.a',
    ]);
  });
});

describe('import cycles', () => {
  it('are told once, at the import that begins the shortest way round', async () => {
    const files = await analyze({
      'a.js': "import './ok.js';\nimport './b.js';",
      'b.js': "import './c.js';",
      'c.js': "import './a.js';\nimport './d.js';",
      'd.js': "import './c.js';",
      'ok.js': '',
    });
    const found = await importFindings(files);
    assert.equal(found.length, 1);
    assert.deepEqual([found[0]?.file, found[0]?.startLine, found[0]?.severity], ['a.js', 2, 'medium']);
    assert.match(found[0]?.message ?? '', /a\.js → b\.js → c\.js → a\.js \(4 modules/);
  });

  it('may be 20,000 modules long', async () => {
    const count = 20_000;
    const files = Array.from({ length: count }, (_, index): AnalyzedFile => {
      const imports = [{ specifier: `./m${(index + 1) % count}.js`, names: [], line: 1 }];
      return { path: `m${index}.js`, facts: { ...EMPTY, imports } };
    });
    assert.equal((await importFindings(files)).length, 1);
  });
});

describe('hub modules', () => {
  it('are imported by many and import many', async () => {
    const module = (path: string, targets: readonly string[]): AnalyzedFile => {
      const imports = targets.map((target) => ({ specifier: `./${target}`, names: [], line: 1 }));
      return { path, facts: { ...EMPTY, imports } };
    };
    const below = Array.from({ length: 15 }, (_, index) => `low${index}.js`);
    const above = Array.from({ length: 20 }, (_, index) => `top${index}.js`);
    const files = [
      module('hub.js', below),
      ...below.map((path) => module(path, [])),
      ...above.map((path) => module(path, ['hub.js'])),
    ];
    assert.deepEqual(
      (await importFindings(files)).map(({ ruleId, file }) => [ruleId, file]),
      [['pattern/hub-module', 'hub.js']],
    );
    assert.deepEqual(await importFindings(files.slice(0, -1)), []);
  });
});

describe('layers', () => {
  const module = (path: string, specifier: string): AnalyzedFile => ({
    path,
    facts: { ...EMPTY, imports: [{ specifier, names: [], line: 3 }] },
  });
  const above = (count: number): readonly AnalyzedFile[] =>
    Array.from({ length: count }, (_, index) => module(`app/page${index}.js`, '../core/store.js'));
  const back = (path: string): AnalyzedFile => module(path, '../app/page0.js');
  const inversions = async (files: readonly AnalyzedFile[]): Promise<readonly unknown[]> =>
    (await importFindings([...files, module('core/store.js', 'elsewhere')]))
      .filter(({ ruleId }) => ruleId === 'pattern/layer-inversion')
      .map(({ file, startLine }) => [file, startLine]);

  it('are gone against by the few imports that lead back up', async () => {
    assert.deepEqual(await inversions([...above(10), back('core/query.js')]), [['core/query.js', 3]]);
  });

  it('are none where imports go both ways, where they are few, in tests, and between a folder and its parts', async () => {
    assert.deepEqual(await inversions([...above(10), back('core/a.js'), back('core/b.js')]), []);
    assert.deepEqual(await inversions([...above(9), back('core/query.js')]), []);
    assert.deepEqual(await inversions([...above(10), module('test/core.js', '../app/page0.js')]), []);
    const parts = Array.from({ length: 12 }, (_, index) => module(`core/parts/p${index}.js`, '../store.js'));
    assert.deepEqual(await inversions([...parts, module('core/all.js', './parts/p0.js')]), []);
  });
});
