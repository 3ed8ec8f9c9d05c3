/** knip: no dead file, export or dependency, and no dependency that is used without being listed. */
import assert from 'node:assert/strict';
import { join, relative } from 'node:path';
import { type CanaryProject, canaryProject } from './kit/canary.ts';
import { assertNone, complaints, type Finding } from './kit/exceptions.ts';
import { jsonOf, runTool, TOOL_LIMIT_MS } from './kit/run-tool.ts';
import { filesOfTree, isSource, readJson, readText, ROOT } from './kit/tree.ts';

interface KnipReport {
  readonly found: readonly { readonly kind: string; readonly filePath: string; readonly symbol: string }[];
  readonly total: number;
}

interface DeadCode {
  readonly findings: readonly Finding[];
  readonly files: number;
}

async function lookForDeadCode(folder: string = ROOT): Promise<DeadCode> {
  const reporter = join(ROOT, 'test/guards/kit/knip-reporter.js');
  const args = ['--no-progress', '--no-config-hints', '--reporter', reporter];
  const report = jsonOf<KnipReport>('knip', await runTool('knip', args, folder));
  return {
    files: report.total,
    findings: report.found.map(({ kind, filePath, symbol }) => ({
      file: relative(folder, filePath).replaceAll('\\', '/'),
      what: kind,
      message: symbol,
    })),
  };
}

describe('knip', function () {
  this.timeout(TOOL_LIMIT_MS);

  let sources: readonly string[];
  let tree: DeadCode;

  before(async () => {
    sources = filesOfTree(isSource);
    tree = await lookForDeadCode();
  });

  it('accepts the tree', () => assertNone(complaints('knip', tree.findings)));

  it('has looked at every source file', () => {
    assert.ok(sources.length >= 60, `only ${sources.length} source files found`);
    assert.ok(tree.files >= sources.length, `${tree.files} of ${sources.length}`);
  });
});

describe('the dependencies that knip cannot see', () => {
  const { ignoreDependencies } = readJson<{ readonly ignoreDependencies: readonly string[] }>('knip.json');
  /** Tools that a guard starts by the name of their command, or through another tool. */
  const commands = new Map([
    ['@biomejs/biome', 'biome'],
    ['@size-limit/file', 'size-limit'],
    ['dependency-cruiser', 'depcruise'],
  ]);

  for (const name of ignoreDependencies) {
    it(`hold ${name}, which is copied or started all the same`, () => {
      const users = ['esbuild.js', ...filesOfTree((path) => /^test\/(guards|harness)\/.*\.ts$/.test(path))];
      const [path, command] = [`node_modules/${name}/`, `runTool('${commands.get(name) ?? name}'`];
      assert.ok(users.some((file) => readText(file).includes(path) || readText(file).includes(command)));
    });
  }

  it('are exactly as many as their pin, which only goes down', () => assert.equal(ignoreDependencies.length, 7));
});

const CASES: readonly (readonly [kind: string, file: string, symbol: string])[] = [
  ['files', 'src/base/dead-file.ts', 'src/base/dead-file.ts'],
  ['exports', 'src/base/partly-alive.ts', 'dead'],
  ['types', 'src/base/partly-alive.ts', 'Dead'],
  ['dependencies', 'package.json', 'yaml'],
  ['devDependencies', 'package.json', 'fast-check'],
  ['unlisted', 'src/cli/main.ts', 'zod'],
];

describe("knip's canary", function () {
  this.timeout(TOOL_LIMIT_MS);

  let canary: CanaryProject;
  let found: readonly Finding[];

  before(async () => {
    canary = canaryProject({ from: 'knip', configuration: ['knip.json', 'tsconfig.json'] });
    found = (await lookForDeadCode(canary.folder)).findings;
  });

  after(() => canary.dispose());

  for (const [kind, file, symbol] of CASES) {
    it(`is rejected for ${symbol} (${kind})`, () => {
      const matches = found.some((one) => one.what === kind && one.file === file && one.message === symbol);
      assert.ok(matches, JSON.stringify(found, null, 2));
    });
  }

  it('passes what is used', () => {
    const alive = ['lives', 'p-limit', 'src/cli/main.ts'];
    assertNone(found.filter(({ message }) => alive.includes(message)).map(({ message }) => message));
  });
});
