/** typescript-eslint, for what only the types show: promises nobody waits for, and switches that forget a case. */
import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { type CanaryProject, canaryProject } from './kit/canary.ts';
import { assertNone, complaints, type Finding } from './kit/exceptions.ts';
import { jsonOf, runTool, TOOL_LIMIT_MS } from './kit/run-tool.ts';
import { filesOfTree, isSource, ROOT } from './kit/tree.ts';

interface LintedFile {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly line?: number; readonly message: string }[];
}

interface Linted {
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
}

async function lint(folder: string = ROOT): Promise<Linted> {
  const report = jsonOf<readonly LintedFile[]>(
    'eslint',
    await runTool('eslint', ['--format', 'json', 'src', 'test'], folder),
  );
  const nameOf = (file: LintedFile): string => relative(folder, file.filePath).replaceAll('\\', '/');
  return {
    files: report.map(nameOf),
    findings: report.flatMap((file) =>
      file.messages.map(({ ruleId, line, message }) => ({
        file: nameOf(file),
        what: ruleId ?? 'unreadable',
        message: `line ${line ?? 1}: ${message}`,
      })),
    ),
  };
}

describe('typescript-eslint', function () {
  this.timeout(TOOL_LIMIT_MS);

  let sources: readonly string[];
  let tree: Linted;

  before(async () => {
    sources = filesOfTree(isSource);
    tree = await lint();
  });

  it('accepts the tree', () => assertNone(complaints('eslint', tree.findings)));

  it('has looked at every source file', () => {
    assert.ok(sources.length >= 60, `only ${sources.length} source files found`);
    assertNone(sources.filter((file) => !tree.files.includes(file)));
  });
});

const CASES: readonly (readonly [rule: string, file: string])[] = [
  ['@typescript-eslint/no-floating-promises', 'src/base/floating.ts'],
  ['@typescript-eslint/no-floating-promises', 'src/base/floating-iife.ts'],
  ['@typescript-eslint/no-floating-promises', 'src/webviews/panel/floating.ts'],
  ['@typescript-eslint/no-floating-promises', 'test/unit/floating.test.ts'],
  ['@typescript-eslint/no-misused-promises', 'src/base/misused.ts'],
  ['@typescript-eslint/switch-exhaustiveness-check', 'src/base/not-exhaustive.ts'],
];

describe("typescript-eslint's canary", function () {
  this.timeout(TOOL_LIMIT_MS);

  let canary: CanaryProject;
  let found: readonly Finding[];

  before(async () => {
    const configuration = ['eslint.config.js', 'package.json', 'tsconfig.json', 'src/webviews/tsconfig.json'];
    canary = canaryProject({ from: 'eslint', configuration });
    found = (await lint(canary.folder)).findings;
  });

  after(() => canary.dispose());

  for (const [rule, file] of CASES) {
    it(`is rejected by ${rule} in ${file}`, () => {
      assert.ok(
        found.some((finding) => finding.file === file && finding.what === rule),
        JSON.stringify(found, null, 2),
      );
    });
  }

  it('passes what is right beside it', () => {
    assertNone(found.filter(({ file }) => file === 'src/base/right.ts').map(({ what }) => what));
  });
});
