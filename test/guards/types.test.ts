/** TypeScript over both projects: Node's, and the browser's under src/webviews. */
import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { type CanaryProject, canaryProject } from './kit/canary.ts';
import { assertNone } from './kit/exceptions.ts';
import { runTool, TOOL_LIMIT_MS } from './kit/run-tool.ts';
import { filesOfTree, isSource, ROOT } from './kit/tree.ts';

interface Compiled {
  readonly files: ReadonlySet<string>;
  /** As `file(line,column): error TS…`. */
  readonly errors: readonly string[];
}

async function compile(project: string, folder: string = ROOT): Promise<Compiled> {
  const { stdout } = await runTool('tsc', ['-p', project, '--listFiles', '--pretty', 'false'], folder);
  const lines = stdout.split('\n').map((line) => line.trimEnd());
  const errors = lines.filter((line) => /(^|: )error TS\d+/.test(line));
  const files = lines.filter((line) => /^(\/|[A-Z]:)/i.test(line) && !errors.includes(line));
  return { errors, files: new Set(files.map((file) => relative(folder, file).replaceAll('\\', '/'))) };
}

const isWebview = (file: string): boolean => file.startsWith('src/webviews/');

describe('types', function () {
  this.timeout(TOOL_LIMIT_MS);

  const projects = [
    { name: 'Node', project: '.', owns: (file: string) => isSource(file) && !isWebview(file), least: 60 },
    {
      name: 'the browser',
      project: 'src/webviews',
      owns: (file: string) => isSource(file) && isWebview(file),
      least: 1,
    },
  ];
  for (const { name, project, owns, least } of projects) {
    it(`are right in every file of ${name}`, async () => {
      const sources = filesOfTree(owns);
      const { errors, files } = await compile(project);
      assertNone(errors);
      assert.ok(sources.length >= least, `only ${sources.length} files`);
      assertNone(sources.filter((file) => !files.has(file)).map((file) => `${file} was not looked at`));
    });
  }
});

/** A setting of tsconfig.json, what it forbids, and the error that says so. */
const CASES: readonly (readonly [setting: string, error: string, file: string, text: string])[] = [
  ['strict', 'TS7006', 'src/base/implicit.ts', 'export const same = (value) => value;\n'],
  ['strict', 'TS2322', 'src/base/nothing.ts', 'export const text: string = undefined;\n'],
  ['noUncheckedIndexedAccess', 'TS2322', 'src/base/index.ts', 'export const of = (l: string[]): string => l[0];\n'],
  ['noUnusedLocals', 'TS6133', 'src/base/unused.ts', 'const unused = 1;\nexport const used = 2;\n'],
  ['noUnusedParameters', 'TS6133', 'src/base/parameter.ts', 'export const two = (unused: number): number => 2;\n'],
  [
    'noImplicitOverride',
    'TS4114',
    'src/base/over.ts',
    'class A { a(): void {} }\nexport class B extends A { a(): void {} }\n',
  ],
  [
    'noFallthroughCasesInSwitch',
    'TS7029',
    'src/base/fall.ts',
    'export function f(n: number): void {\n  switch (n) {\n    case 1: f(2);\n    case 2: f(3);\n  }\n}\n',
  ],
  ['erasableSyntaxOnly', 'TS1294', 'src/base/enum.ts', 'export enum A { B }\n'],
  ['verbatimModuleSyntax', 'TS1484', 'src/base/import.ts', "import { T } from './type.ts';\nexport const t: T = 1;\n"],
  [
    'types',
    'TS2339',
    'src/vscode/proposed.ts',
    "import { chat } from 'vscode';\nexport const x = chat.registerProposed;\n",
  ],
  ['types', 'TS2591', 'src/webviews/panel/node.ts', 'export const here = process.cwd();\n'],
  ['lib', 'TS2584', 'src/base/browser.ts', 'export const page = document.body;\n'],
];

describe("the types' canary", function () {
  this.timeout(TOOL_LIMIT_MS);

  let canary: CanaryProject;
  let errors: readonly string[];

  before(async () => {
    canary = canaryProject({ configuration: ['tsconfig.json', 'src/webviews/tsconfig.json', 'package.json'] });
    canary.write('src/base/type.ts', 'export type T = number;\n');
    for (const [, , file, text] of CASES) canary.write(file, text);
    const compiled = [await compile('.', canary.folder), await compile('src/webviews', canary.folder)];
    errors = compiled.flatMap((project) => project.errors);
  });

  after(() => canary.dispose());

  for (const [setting, error, file] of CASES) {
    it(`is rejected by ${setting} in ${file}`, () => {
      assert.ok(
        errors.some((line) => line.startsWith(`${file}(`) && line.includes(error)),
        errors.join('\n'),
      );
    });
  }

  it('passes what is right beside it', () => assertNone(errors.filter((line) => line.startsWith('src/base/type.ts'))));
});
