/** Which room may import which room, and which packages each room may use; `test/guards/rooms.test.ts` runs it. */

/** Imports go strictly downward; rooms of one rank never import each other. */
const ranks = [
  ['base'],
  ['contracts'],
  ['mcp', 'middleware', 'orchestration', 'automation', 'analysis'],
  ['workflow', 'agents', 'node', 'distributed', 'pipelines'],
  ['app'],
  ['cli', 'vscode'],
];

/** The packages of each room. A new package needs a line here and its reason in src/ARCHITECTURE.md. */
const packages = {
  base: ['canonicalize'],
  contracts: ['vscode-messenger-common', 'zod'],
  mcp: ['@modelcontextprotocol/client', 'ajv', 'jsonc-parser', 're2js', 'zod'],
  middleware: ['@opentelemetry/api', 'lru-cache', 'p-limit', 're2js'],
  orchestration: ['p-limit'],
  automation: [],
  analysis: [
    '@secretlint/core',
    '@secretlint/profiler',
    '@secretlint/secretlint-rule-preset-recommend',
    '@secretlint/types',
    'fast-xml-parser',
    'github-slugger',
    'ignore',
    'jsonc-parser',
    'markdown-it',
    'p-limit',
    're2js',
    'smol-toml',
    'spdx-correct',
    'spdx-expression-parse',
    'web-tree-sitter',
    'yaml',
    'zod',
  ],
  workflow: ['jsonata', 'p-limit', 'yaml', 'zod'],
  agents: [],
  node: ['env-paths', 'write-file-atomic'],
  distributed: ['ioredis'],
  pipelines: ['sarif', 'zod'],
  app: ['yaml', 'zod'],
  cli: ['commander'],
  vscode: ['p-limit', 'vscode', 'vscode-messenger', 'vscode-messenger-common'],
  servers: ['@modelcontextprotocol/server', 'p-limit', 'zod'],
  webviews: [
    '@vscode-elements/elements',
    '@vscode/codicons',
    'lit',
    'vscode-messenger-common',
    'vscode-messenger-webview',
  ],
};

const escaped = (name) => name.replaceAll('/', '\\/').replaceAll('.', '\\.');
const anyOf = (names) => `(?:${names.map(escaped).join('|')})`;
const room = (names) => `^src/${anyOf(names)}/`;

/** A package as it resolves, as its types resolve, and as it is written when it does not resolve. */
const inPackages = (names) =>
  ['node_modules/', 'node_modules/@types/', ''].flatMap((folder) =>
    names.map((name) => `^${escaped(folder + name)}(?:/|$)`),
  );

const rankRules = ranks.flatMap((rooms, rank) =>
  rooms.map((name) => ({
    name: `rank-${name}`,
    comment: `${name} (rank ${rank}) imports only itself and rooms of a lower rank; let src/app join it to the others.`,
    severity: 'error',
    from: { path: room([name]) },
    to: { path: '^src/', pathNot: room([name, ...ranks.slice(0, rank).flat()]) },
  })),
);

const packageRules = Object.entries(packages).map(([name, allowed]) => ({
  name: `packages-${name}`,
  comment: `${name} uses only: ${allowed.join(', ') || 'no package'}; and nothing of the tree outside src/ (base alone reads the version).`,
  severity: 'error',
  from: { path: room([name]) },
  to: {
    pathNot: ['^src/', ...inPackages(allowed), ...(name === 'base' ? ['^package\\.json$'] : [])],
    dependencyTypesNot: ['core'],
  },
}));

module.exports = {
  forbidden: [
    ...rankRules,
    ...packageRules,
    {
      name: 'rank-servers',
      comment: 'A bundled server imports base, contracts, analysis, servers/kit and itself: it must run in any client.',
      severity: 'error',
      from: { path: '^src/servers/([^/]+)/' },
      to: { path: '^src/', pathNot: ['^src/(?:base|contracts|analysis|servers/kit)/', '^src/servers/$1/'] },
    },
    {
      name: 'rank-webviews',
      comment: 'A panel imports base, contracts, webviews/kit and itself: it runs in a browser.',
      severity: 'error',
      from: { path: '^src/webviews/([^/]+)/' },
      to: { path: '^src/', pathNot: ['^src/(?:base|contracts|webviews/kit)/', '^src/webviews/$1/'] },
    },
    {
      name: 'webviews-without-node',
      comment: 'A browser has no Node modules, reached directly or through another room.',
      severity: 'error',
      from: { path: '^src/webviews/' },
      to: {
        reachable: true,
        path: '^(?:node:)?(?:fs|path|os|child_process|crypto|worker_threads|net|http|https|module)(?:/|$)',
      },
    },
    {
      name: 'vscode-unreachable',
      comment: "Only src/vscode may lead to 'vscode': the engine runs in a terminal and in CI as well.",
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/vscode/' },
      to: { reachable: true, path: inPackages(['vscode']) },
    },
    {
      name: 'messenger-types-only',
      comment: 'The panel protocols in contracts are types; the transport belongs to src/vscode and src/webviews.',
      severity: 'error',
      from: { path: '^src/contracts/' },
      to: { path: inPackages(['vscode-messenger-common']), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'known-room',
      comment: 'Every folder of src/ is a room with a rank: add it to the table at the top of this file.',
      severity: 'error',
      from: { path: '^src/', pathNot: room([...ranks.flat(), 'servers', 'webviews']) },
      to: {},
    },
    {
      name: 'no-cycle',
      comment: 'A cycle has no direction: move what both need into a third file.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment:
        'An import that does not resolve is invisible to every other rule. Relative imports carry their .ts extension.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
    {
      name: 'no-dev-dependency',
      comment: 'What the product imports is listed under dependencies.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^node_modules/@types/vscode/',
      },
    },
  ],
  options: {
    // No tsConfig: its base folder would take the package `esbuild` for ./esbuild.js.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    preserveSymlinks: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/fixtures/(?:canaries|repositories)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'types', 'default'],
      mainFields: ['module', 'main', 'types', 'typings'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.d.ts', '.d.mts', '.json'],
    },
    skipAnalysisNotInRules: true,
  },
};
