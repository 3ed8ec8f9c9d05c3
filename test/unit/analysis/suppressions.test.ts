/** Suppression comments: in the syntax of each language, on the line of a finding or alone on the one above. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markSuppressed, suppressionComments } from '../../../src/analysis/suppressions.ts';
import { analyzeDocumentation } from '../../../src/analysis/docs/analyze-documentation.ts';
import { readDocumentFile } from '../../../src/analysis/docs/read-document.ts';
import { createScanner } from '../../../src/analysis/security/scan-file.ts';
import { SCAN_TYPES, scanRepository } from '../../../src/analysis/security/scan-repository.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { rawFinding } from '../../fixtures/review-run.ts';

/** `line,line:rules:reason` of each comment. */
const read = (file: string, text: string): readonly string[] =>
  suppressionComments(file, text).map(
    ({ line, below, rules, reason }) => `${line}${below === undefined ? '' : `,${below}`}:${rules.join('+')}:${reason}`,
  );

describe('a suppression comment', () => {
  it('stands in the syntax of its language', () => {
    const texts: Readonly<Record<string, string>> = {
      'a.js': 'eval(x); // conductor-ignore sast/eval only numbers',
      'a.ts': 'eval(x); /* conductor-ignore sast/eval only numbers */',
      'a.tsx': '<A b={eval(x)} /> {/* conductor-ignore sast/eval only numbers */}',
      'a.py': 'eval(x)  # conductor-ignore sast/eval only numbers',
      'A.java': 'eval(x); // conductor-ignore sast/eval: only numbers',
      'a.rb': 'eval(x) # conductor-ignore: sast/eval only numbers',
      'a.php': 'eval($x); # conductor-ignore sast/eval - only numbers',
      'a.sql': 'select 1 -- conductor-ignore sast/eval only numbers',
      'a.html': '<b> <!-- conductor-ignore sast/eval only numbers -->',
      'README.md': '[x](y) <!-- conductor-ignore sast/eval only numbers -->',
      'pom.xml': '<a/> <!-- conductor-ignore sast/eval only numbers -->',
      'a.yaml': 'a: b # conductor-ignore sast/eval only numbers',
      'requirements.txt': 'a # conductor-ignore sast/eval only numbers',
      Gemfile: "gem 'a' # conductor-ignore sast/eval only numbers",
      Dockerfile: 'RUN x # conductor-ignore sast/eval only numbers',
      '.env': 'A=b # conductor-ignore sast/eval only numbers',
      'a.csproj': '<A/> <!-- conductor-ignore sast/eval only numbers -->',
      'tsconfig.json': '"a": 1, // conductor-ignore sast/eval only numbers',
      '.vscode/settings.json': '"a": 1, // conductor-ignore sast/eval only numbers',
      'a.html.erb': '<b> <%# conductor-ignore sast/eval only numbers %>',
      'a.jsp': '<b> <%-- conductor-ignore sast/eval only numbers --%>',
      'a.twig': '<b> {# conductor-ignore sast/eval only numbers #}',
      'a.hbs': '<b> {{!-- conductor-ignore sast/eval only numbers --}}',
      'a.vb': "x = 1 ' conductor-ignore sast/eval only numbers",
      'a.pas': 'x := 1; { conductor-ignore sast/eval only numbers }',
      Jenkinsfile: 'sh x // conductor-ignore sast/eval only numbers',
      '.netrc': 'machine a # conductor-ignore sast/eval only numbers',
    };
    for (const [file, text] of Object.entries(texts))
      assert.deepEqual(read(file, text), ['1:sast/eval:only numbers'], file);
  });

  it('is none in the syntax of another language, in a text, or without a rule', () => {
    for (const [file, text] of [
      ['a.py', 'x = 1 // conductor-ignore sast/eval why'],
      ['a.js', 'x = "// conductor-ignore sast/eval why"'],
      ['a.js', "x = '// conductor-ignore sast/eval why'"],
      ['a.js', 'x = y * conductor-ignore sast/eval'],
      ['a.js', '// conductor-ignore'],
      ['a.js', '// conductor-ignore everything please'],
      ['a.js', '// see conductor-ignore sast/eval'],
      ['package.json', '"a": 1 // conductor-ignore sast/eval why'],
    ] as const)
      assert.deepEqual(read(file, text), [], text);
  });

  it('alone on its line speaks of the next one, behind code only of its own', () => {
    assert.deepEqual(read('a.js', '\n  // conductor-ignore a/b why\neval(x);'), ['2,3:a/b:why']);
    assert.deepEqual(read('a.js', 'f(); // conductor-ignore a/b why\neval(x);'), ['1:a/b:why']);
    assert.deepEqual(read('a.js', '/*\n * conductor-ignore a/b why\n */'), ['2,3:a/b:why']);
    assert.deepEqual(read('a.rst', '.. conductor-ignore a/b why\nx'), ['1,2:a/b:why']);
    assert.deepEqual(read('id.pem', '# conductor-ignore a/b why\n-----'), ['1,2:a/b:why']);
  });

  it('may stand above another one', () => {
    assert.deepEqual(read('a.py', '# conductor-ignore a/b one\n# conductor-ignore c/d two\nx()'), [
      '1,3:a/b:one',
      '2,3:c/d:two',
    ]);
  });

  it('names several rules or a whole area, and may leave the reason out', () => {
    assert.deepEqual(read('a.py', 'x() # conductor-ignore a/b, c/d both are fine'), ['1:a/b+c/d:both are fine']);
    assert.deepEqual(read('a.py', 'x() # conductor-ignore sast/*'), ['1:sast/*:']);
  });
});

describe('markSuppressed', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'suppressions-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('marks what comments speak of, and keeps every finding', async () => {
    await writeFile(join(root, 'a.js'), '// conductor-ignore sast/* checked\neval(x);\neval(y);\n');
    const findings = [
      rawFinding({ file: 'a.js', startLine: 2 }),
      rawFinding({ file: 'a.js', startLine: 2, ruleId: 'secret/password' }),
      rawFinding({ file: 'a.js', startLine: 3 }),
      rawFinding({ file: 'missing.js', startLine: 1 }),
    ];
    const marked = await markSuppressed(root, findings);
    assert.deepEqual(
      marked.map((one) => one.suppression),
      [{ line: 1, reason: 'checked' }, undefined, undefined, undefined],
    );
    assert.deepEqual(
      marked.map(({ suppression: _, ...rest }) => rest),
      findings,
    );
  });
});

describe('findings of every kind', function () {
  this.timeout(60_000);
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'suppressed-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('are listed as suppressed where a comment speaks of them, and never lost', async () => {
    const password = ['Zk9', '!aa72qW'].join('');
    const files: Readonly<Record<string, string>> = {
      'app.yml': `# conductor-ignore secret/password rotated every night\npassword: ${password}\n`,
      'requirements.txt': 'flask # conductor-ignore dependency/unpinned pinned in the image\n',
      'README.md': '# A\n\n<!-- conductor-ignore docs/* made by the build -->\n[a](gone.md)\n',
      'run.py': 'def a(code):\n    eval(code)  # conductor-ignore sast/* our own code\n',
    };
    for (const [file, text] of Object.entries(files)) await writeFile(join(root, file), text);
    const signal = new AbortController().signal;
    const options = {
      root,
      top: root,
      threshold: 'low' as const,
      signal,
      clock: systemClock,
      concurrency: 1,
      onProgress: () => undefined,
    };
    const scan = createScanner(import.meta.url, systemClock);
    const { findings } = await scanRepository({ ...options, types: SCAN_TYPES, scan });
    const docs = await analyzeDocumentation({ ...options, readDocument: readDocumentFile });
    const told = [...findings, ...docs.findings].filter(({ suppression }) => suppression !== undefined);
    assert.deepEqual(
      told.map(
        ({ file, startLine, suppression }) => `${file}:${startLine} ${suppression?.line} ${suppression?.reason}`,
      ),
      [
        'app.yml:2 1 rotated every night',
        'requirements.txt:1 1 pinned in the image',
        'run.py:2 2 our own code',
        'README.md:4 3 made by the build',
      ],
    );
  });
});
