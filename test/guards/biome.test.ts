/** Biome: formatting, cycles, barrels, sizes, and which module each room may name. */
import assert from 'node:assert/strict';
import { type CanaryProject, canaryProject } from './kit/canary.ts';
import { assertNone, complaints, type Finding } from './kit/exceptions.ts';
import { jsonOf, runTool, TOOL_LIMIT_MS } from './kit/run-tool.ts';
import { filesOfTree, isSource } from './kit/tree.ts';

interface BiomeReport {
  readonly summary: { readonly changed: number; readonly unchanged: number };
  readonly diagnostics: readonly BiomeDiagnostic[];
}

interface BiomeDiagnostic {
  readonly severity: 'error' | 'warning' | 'information';
  readonly message: string;
  readonly category: string;
  readonly location: { readonly path: string; readonly start?: { readonly line: number } };
}

async function check(cwd?: string): Promise<BiomeReport> {
  const result = await runTool('biome', ['check', '--reporter=json', '--max-diagnostics=none', '--colors=off'], cwd);
  return jsonOf<BiomeReport>('biome', result);
}

const findings = (report: BiomeReport): readonly Finding[] =>
  report.diagnostics
    .filter((diagnostic) => diagnostic.severity !== 'information')
    .map(({ location, category, message }) => ({
      file: location.path,
      what: category,
      message: `line ${location.start?.line ?? 1}: ${message}`,
    }));

describe('biome', function () {
  this.timeout(TOOL_LIMIT_MS);

  let sources: readonly string[];
  let tree: BiomeReport;

  before(async () => {
    sources = filesOfTree(isSource);
    tree = await check();
  });

  it('accepts the tree', () => assertNone(complaints('biome', findings(tree))));

  it('has looked at every source file', () => {
    assert.ok(sources.length >= 60, `only ${sources.length} source files found`);
    assert.ok(tree.summary.changed + tree.summary.unchanged >= sources.length, JSON.stringify(tree.summary));
  });
});

const RULES: readonly (readonly [rule: string, file: string])[] = [
  ['lint/suspicious/noImportCycles', 'src/base/cycle-a.ts'],
  ['lint/suspicious/noImportCycles', 'src/base/type-cycle-a.ts'],
  ['lint/suspicious/noExplicitAny', 'src/base/explicit-any.ts'],
  ['lint/suspicious/noFocusedTests', 'test/unit/marked.test.ts'],
  ['lint/suspicious/noSkippedTests', 'test/unit/marked.test.ts'],
  ['lint/performance/noBarrelFile', 'src/base/barrel.ts'],
  ['lint/performance/noBarrelFile', 'src/contracts/other-barrel.ts'],
  ['lint/style/noDefaultExport', 'src/base/default-export.ts'],
  ['lint/style/noEnum', 'src/base/enumeration.ts'],
  ['lint/style/useImportType', 'src/base/import-type.ts'],
  ['lint/style/useNodejsImportProtocol', 'src/base/node-protocol.ts'],
  ['lint/style/useFilenamingConvention', 'src/base/NotKebab.ts'],
  ['lint/style/noExcessiveLinesPerFile', 'src/base/long-file.ts'],
  ['lint/complexity/noExcessiveLinesPerFunction', 'src/base/long-function.ts'],
  ['lint/complexity/noExcessiveLinesPerFunction', 'test/unit/long.test.ts'],
  ['lint/complexity/noExcessiveCognitiveComplexity', 'src/base/complex.ts'],
  ['format', 'src/base/unformatted.ts'],
];

const EVERY_ROOM = [
  'base',
  'contracts',
  'mcp',
  'middleware',
  'orchestration',
  'automation',
  'analysis',
  'workflow',
].concat(['agents', 'node', 'distributed', 'pipelines', 'app', 'cli', 'vscode', 'servers', 'webviews']);
const WITHOUT_IO = ['base', 'contracts', 'middleware', 'orchestration', 'workflow', 'webviews'];

/** A module, and the only rooms that may name it. */
const RESTRICTED: readonly (readonly [module: string, rooms: readonly string[]])[] = [
  ['vscode', ['vscode']],
  ['@modelcontextprotocol/client', ['mcp']],
  ['@modelcontextprotocol/client/stdio', ['mcp']],
  ['@modelcontextprotocol/server', ['servers']],
  ['@modelcontextprotocol/server/stdio', ['servers']],
  ['@modelcontextprotocol/sdk/client/index.js', []],
  ['node:fs', EVERY_ROOM.filter((room) => !WITHOUT_IO.includes(room))],
  ['node:fs/promises', EVERY_ROOM.filter((room) => !WITHOUT_IO.includes(room))],
  ['node:child_process', EVERY_ROOM.filter((room) => !WITHOUT_IO.includes(room))],
  ['node:path', EVERY_ROOM.filter((room) => room !== 'webviews')],
];

const importer = (room: string, index: number): string => `src/${room}/importer-${index}.ts`;
const lines = (count: number, line: string): string => `${line}\n`.repeat(count);
const declarations = (count: number): string =>
  Array.from({ length: count }, (_, index) => `export const number${index} = ${index};\n`).join('');

function writeSizes(canary: CanaryProject): void {
  canary.write('src/base/long-file.ts', declarations(401));
  canary.write('src/base/long-function.ts', `export function long(): void {\n${lines(61, '  console.error();')}}\n`);
  canary.write('src/base/fitting-file.ts', declarations(400));
  canary.write('src/base/fitting-function.ts', `export function fits(): void {\n${lines(58, '  console.error();')}}\n`);
  canary.write('test/unit/long.test.ts', `export function long(): void {\n${lines(401, '  console.error();')}}\n`);
}

describe("biome's canary", function () {
  this.timeout(TOOL_LIMIT_MS);

  let canary: CanaryProject;
  let found: readonly Finding[];
  const rejects = (what: string, file: string): boolean =>
    found.some((finding) => finding.what === what && finding.file === file);

  before(async () => {
    canary = canaryProject({ from: 'biome', configuration: ['biome.json'] });
    writeSizes(canary);
    for (const room of EVERY_ROOM) {
      RESTRICTED.forEach(([module], index) => {
        canary.write(importer(room, index), `import * as it from '${module}';\n\nexport const used = it;\n`);
      });
    }
    found = findings(await check(canary.folder));
  });

  after(() => canary.dispose());

  for (const [rule, file] of RULES) {
    it(`is rejected by ${rule} in ${file}`, () => assert.ok(rejects(rule, file)));
  }

  for (const [index, [module, allowed]] of RESTRICTED.entries()) {
    it(`may name ${module} in ${allowed.join(', ') || 'no room'} and nowhere else`, () => {
      const naming = EVERY_ROOM.filter((room) => !rejects('lint/style/noRestrictedImports', importer(room, index)));
      assert.deepEqual(naming, allowed);
    });
  }

  it('passes where a limit is just kept', () => {
    const kept = ['src/base/fitting-file.ts', 'src/base/fitting-function.ts', 'src/base/named.ts'];
    assert.deepEqual(
      found.filter((finding) => kept.includes(finding.file)),
      [],
    );
  });
});
