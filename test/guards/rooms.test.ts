/** dependency-cruiser: the direction of imports between rooms, the packages of each room, and who reaches the editor. */
import assert from 'node:assert/strict';
import { type CanaryProject, canaryProject } from './kit/canary.ts';
import { assertNone } from './kit/exceptions.ts';
import { jsonOf, runTool, TOOL_LIMIT_MS } from './kit/run-tool.ts';
import { filesOfTree, isSource, manifest } from './kit/tree.ts';

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly totalCruised: number;
    readonly totalDependenciesCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

async function cruise(cwd?: string): Promise<Cruise> {
  return jsonOf<Cruise>('depcruise', await runTool('depcruise', ['--output-type', 'json', 'src', 'test'], cwd));
}

describe('rooms', function () {
  this.timeout(TOOL_LIMIT_MS);

  let sources: readonly string[];
  let tree: Cruise;

  before(async () => {
    sources = filesOfTree(isSource);
    tree = await cruise();
  });

  it('accepts the tree', () => {
    assertNone(tree.summary.violations.map(({ rule, from, to }) => `${from} -> ${to}: ${rule.name}`));
  });

  it('has looked at every source file and followed its imports', () => {
    const seen = new Set(tree.modules.map((module) => module.source));
    assertNone(sources.filter((file) => !file.endsWith('.d.ts') && !seen.has(file)));
    assert.ok(tree.summary.totalCruised >= 60, `${tree.summary.totalCruised} modules`);
    assert.ok(tree.summary.totalDependenciesCruised >= 200, `${tree.summary.totalDependenciesCruised} dependencies`);
  });
});

const BELOW_2 = ['base', 'contracts'];
const RANK_2 = ['mcp', 'middleware', 'orchestration', 'automation', 'analysis'];
const RANK_3 = ['workflow', 'agents', 'node', 'distributed', 'pipelines'];
const BELOW_4 = [...BELOW_2, ...RANK_2, ...RANK_3];

/** What each room may import besides itself, spelled out apart from the configuration that enforces it. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  contracts: ['base'],
  ...Object.fromEntries(RANK_2.map((room) => [room, BELOW_2])),
  ...Object.fromEntries(RANK_3.map((room) => [room, [...BELOW_2, ...RANK_2]])),
  app: BELOW_4,
  cli: [...BELOW_4, 'app'],
  vscode: [...BELOW_4, 'app'],
  'servers/kit': [...BELOW_2, 'analysis'],
  'servers/one': [...BELOW_2, 'analysis', 'servers/kit'],
  'servers/two': [...BELOW_2, 'analysis', 'servers/kit'],
  'webviews/one': BELOW_2,
  'webviews/two': BELOW_2,
};
const ROOMS = Object.keys(MAY_IMPORT);

/** A package of its own for every room that has one, and rooms that must not use it. */
const PACKAGES: readonly (readonly [name: string, rooms: readonly string[]])[] = [
  ['canonicalize', ['base']],
  ['@modelcontextprotocol/client', ['mcp']],
  ['@modelcontextprotocol/server', ['servers/kit', 'servers/one', 'servers/two']],
  ['@opentelemetry/api', ['middleware']],
  ['web-tree-sitter', ['analysis']],
  ['jsonata', ['workflow']],
  ['write-file-atomic', ['node']],
  ['commander', ['cli']],
  ['vscode-messenger', ['vscode']],
  ['vscode-messenger-webview', ['webviews/one', 'webviews/two']],
];

const slug = (name: string): string => name.replace(/[^a-z]+/g, '-');
const probe = (from: string, to: string, how: string): string => `src/${from}/probe-${how}-${slug(to)}.ts`;
const up = (room: string): string => '../'.repeat(room.split('/').length);

function writeProbes(canary: CanaryProject): void {
  for (const from of ROOMS) {
    canary.write(`src/${from}/target.ts`, 'export const target = 1;\nexport type Target = number;\n');
    for (const to of ROOMS) {
      const path = `${up(from)}${to}/target.ts`;
      canary.write(probe(from, to, 'value'), `import { target } from '${path}';\n\nexport const value = target;\n`);
      canary.write(probe(from, to, 'type'), `import type { Target } from '${path}';\n\nexport type Value = Target;\n`);
    }
    for (const [name] of PACKAGES) {
      canary.write(probe(from, name, 'package'), `import * as it from '${name}';\n\nexport const used = it;\n`);
    }
  }
}

describe("the rooms' canary", function () {
  this.timeout(TOOL_LIMIT_MS);

  let canary: CanaryProject;
  let rejected: ReadonlySet<string>;
  let counted: Cruise['summary'];

  before(async () => {
    const configuration = ['.dependency-cruiser.cjs', 'package.json', 'tsconfig.json'];
    canary = canaryProject({ from: 'rooms', configuration });
    writeProbes(canary);
    const { summary } = await cruise(canary.folder);
    counted = summary;
    rejected = new Set(summary.violations.map(({ rule, from }) => `${from} ${rule.name}`));
  });

  after(() => canary.dispose());

  const rule = (prefix: string, room: string): string => `${prefix}-${room.split('/')[0]}`;
  const accepts = (from: string, to: string, how: string): boolean =>
    !rejected.has(`${probe(from, to, how)} ${rule('rank', from)}`);

  for (const [from, allowed] of Object.entries(MAY_IMPORT)) {
    it(`lets ${from} import only ${allowed.join(', ') || 'itself'}`, () => {
      const expected = ROOMS.filter((to) => to === from || allowed.includes(to));
      for (const how of ['value', 'type']) {
        assert.deepEqual(
          ROOMS.filter((to) => accepts(from, to, how)),
          expected,
          `imported as ${how}`,
        );
      }
    });
  }

  for (const [name, rooms] of PACKAGES) {
    it(`lets only ${rooms.join(', ')} use ${name}`, () => {
      assert.ok(name in manifest().dependencies, `${name} is not a dependency`);
      const using = ROOMS.filter((from) => !rejected.has(`${probe(from, name, 'package')} ${rule('packages', from)}`));
      assert.deepEqual(using, rooms);
    });
  }

  const CASES: readonly (readonly [file: string, rule: string])[] = [
    ['src/cli/through-app.ts', 'vscode-unreachable'],
    ['src/cli/through-types.ts', 'vscode-unreachable'],
    ['src/app/reaches-editor.ts', 'vscode-unreachable'],
    ['src/webviews/panel/through-base.ts', 'webviews-without-node'],
    ['src/contracts/transport.ts', 'messenger-types-only'],
    ['src/analysis/cycle-a.ts', 'no-cycle'],
    ['src/analysis/missing.ts', 'resolvable'],
    ['src/analysis/development-only.ts', 'no-dev-dependency'],
    ['src/analysis/from-test.ts', 'packages-analysis'],
    ['src/analysis/reads-manifest.ts', 'packages-analysis'],
    ['src/attic/forgotten.ts', 'known-room'],
  ];
  for (const [file, name] of CASES) {
    it(`rejects ${file} by ${name}`, () => assert.ok(rejected.has(`${file} ${name}`), [...rejected].sort().join('\n')));
  }

  it('passes what is right beside it', () => {
    const right = [
      'src/base/reads-manifest.ts',
      'src/vscode/extension.ts',
      'src/contracts/protocol.ts',
      'src/base/uses-path.ts',
    ];
    assertNone([...rejected].filter((line) => right.some((file) => line.startsWith(file))));
  });

  it('was seen in full', () => assert.ok(counted.totalDependenciesCruised > ROOMS.length * ROOMS.length));
});
