/** What the text of the tree itself must not hold: marks that switch a check off, and traces of machines. */
import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { assertNone, complaints } from './kit/exceptions.ts';
import { headers, marks, type TextRule, tracesOfMachines } from './kit/text-rules.ts';
import { filesOfTree, isSource, readText, ROOT } from './kit/tree.ts';

const BINARY = /\.(png|ttf|woff2?|wasm|ico|gif|jpg|zip|gz|tgz|vsix)$/;
const isText = (path: string): boolean => !BINARY.test(path);
const isCode = (path: string): boolean => isSource(path) || /\.(c|m)?js$/.test(path);

const judge = (rule: TextRule, files: readonly string[]) => files.flatMap((file) => rule(file, readText(file)));

describe('the text of the tree', () => {
  it('switches no check off', () => {
    const files = filesOfTree(isCode);
    assert.ok(files.length >= 60, `only ${files.length} files`);
    assertNone(complaints('marks', judge(marks, files)));
  });

  it('says in the first line of every source file what the file is', () => {
    const files = filesOfTree((path) => isCode(path) && !path.endsWith('.d.ts'));
    assert.ok(files.length >= 60, `only ${files.length} files`);
    assertNone(complaints('headers', judge(headers, files)));
  });

  it('holds no path of a machine and no host that packages come from', () => {
    const files = filesOfTree(isText);
    assert.ok(files.length >= 70, `only ${files.length} files`);
    const here = [ROOT, homedir()].filter((path) => path.split('/').length > 2);
    assertNone(complaints('traces-of-machines', judge(tracesOfMachines(here), files)));
  });
});

/** Texts are put together here so that this file does not hold them. */
const glue = (...parts: readonly string[]): string => parts.join('');

describe("the text's canary", () => {
  const rejects = (rule: TextRule, text: string, line: number): void => {
    const found = rule('src/base/canary.ts', text);
    assert.equal(found.length, 1, JSON.stringify(found));
    assert.match(found[0]?.message ?? '', new RegExp(`^line ${line}\\b`));
  };
  const passes = (rule: TextRule, text: string): void => assert.deepEqual(rule('src/base/canary.ts', text), []);

  const MARKS = [
    glue('it.on', 'ly("x", f);'),
    glue('describe.sk', 'ip("x", f);'),
    glue('this.sk', 'ip();'),
    glue('xi', 't("x", f);'),
    glue('xdescri', 'be("x", f);'),
    glue('// @ts-', 'ignore'),
    glue('// @ts-', 'expect-error'),
    glue('// @ts-', 'nocheck'),
    glue('/* eslint-', 'disable */'),
    glue('// biome-', 'ignore lint: no'),
    glue('// biome-', 'ignore-all lint: no'),
    glue('/* c8 ', 'ignore next */'),
  ];
  for (const mark of MARKS)
    it(`is rejected for ${mark.slice(0, 18)}…`, () => rejects(marks, `const a = 1;\n${mark}\n`, 2));
  it('passes words that are alike', () =>
    passes(marks, 'readonly onlyOne; skip(); exit(1); only(x); // eslint is fine\n'));

  it('is rejected for a first line that says nothing', () => rejects(headers, 'const a = 1;\n/** Late. */\n', 1));
  it('is rejected for an empty header', () => rejects(headers, '/** */\nconst a = 1;\n', 1));
  it('passes a header of one line, of more, and after a shebang', () => {
    passes(headers, '/** What it is. */\n');
    passes(headers, '/** *Emphatically* what it is. */\n');
    passes(headers, '/**\n * What it is.\n */\n');
    passes(headers, '#!/usr/bin/env node\n/** What it is. */\n');
  });

  const traces = tracesOfMachines(['/srv/build/tree']);
  const TRACES = [
    glue('/ro', 'ot/project'),
    glue('"/wo', 'rk/main"'),
    glue('/ho', 'me/someone/x'),
    glue('/Us', 'ers/someone/x'),
    glue('C:\\Us', 'ers\\someone'),
    '/srv/build/tree/src',
    glue('https://registry.', 'npmjs.org/yaml'),
    glue('https://registry.', 'yarnpkg.com/yaml'),
    glue('https://files.python', 'hosted.org/x'),
    glue('https://npm.pkg.', 'github.com/x'),
  ];
  for (const trace of TRACES) it(`is rejected for ${trace}`, () => rejects(traces, `a\nb ${trace}\n`, 2));
  it('passes paths inside the project and on no machine', () => {
    passes(
      traces,
      "import './work/main.ts'; 'src/home/page.ts'; `${root}/root/x`; 'https://example.org/home/'; '/workspace/a'\n",
    );
  });
});
