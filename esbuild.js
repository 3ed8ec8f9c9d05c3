/** Builds every bundle: `node esbuild.js [--watch] [--report] [--production] [bundle…]`; without names, all of them. */
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';

const { values: flags, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { watch: { type: 'boolean' }, report: { type: 'boolean' }, production: { type: 'boolean' } },
});

/** CommonJS packages inside an ESM bundle use these three; ESM has none of them. */
const commonJsNames = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const { filename: __filename, dirname: __dirname } = import.meta;',
].join(' ');

const shared = {
  bundle: true,
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
  minify: flags.production === true,
  keepNames: true,
  sourcemap: flags.production ? false : 'linked',
};
/** Puts the rules about dangerous code into a bundle as data; their examples are for the tests. */
const sastRules = {
  name: 'sast-rules',
  setup(build) {
    build.onLoad({ filter: /[\\/]sast[\\/]rule-files\.ts$/ }, async () => {
      const { RULE_FILES } = await import('./src/analysis/security/sast/rule-files.ts');
      const bare = structuredClone(RULE_FILES);
      for (const rules of bare.flatMap((rule) => Object.values(rule.languages)))
        Object.assign(rules, { bad: [], good: [] });
      return { contents: `export const RULE_FILES = ${JSON.stringify(bare)};`, loader: 'js' };
    });
  },
};

/** `module` first: the UMD builds that some packages name as `main` hide their requires from a bundler. */
const node = { ...shared, plugins: [sastRules], platform: 'node', target: 'node20', mainFields: ['module', 'main'] };
const commonJs = { ...node, format: 'cjs' };
const esm = { ...node, format: 'esm', banner: { js: commonJsNames } };
const browser = { ...shared, platform: 'browser', format: 'iife', target: 'es2022', keepNames: false, minify: true };

const server = (name) => ({
  ...esm,
  entryPoints: [`src/servers/${name}/main.ts`, `src/servers/${name}/worker.ts`],
  outdir: `dist/servers/${name}`,
});

/** A panel's script and its style, named after the panel. */
const webview = (name) => [
  { in: `src/webviews/${name}/main.ts`, out: name },
  { in: `src/webviews/${name}/${name}.css`, out: name },
];

/** One line per bundle. What is not named `external` is inside. */
const bundles = {
  extension: {
    ...commonJs,
    entryPoints: ['src/vscode/extension.ts'],
    outfile: 'dist/extension.cjs',
    external: ['vscode', './engine.cjs', './config.cjs'],
  },
  engine: { ...commonJs, entryPoints: ['src/app/create-node-app.ts'], outfile: 'dist/engine.cjs' },
  config: { ...commonJs, entryPoints: ['src/app/config/language.ts'], outfile: 'dist/config.cjs' },
  cli: {
    ...esm,
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/cli.js',
    banner: { js: `#!/usr/bin/env node\n${commonJsNames}` },
  },
  watchdog: { ...commonJs, entryPoints: ['src/node/watchdog.ts'], outfile: 'dist/watchdog.cjs' },
  'code-analysis': server('code-analysis'),
  'security-scanner': server('security-scanner'),
  'webview-review': { ...browser, entryPoints: webview('review'), outdir: 'dist/webviews' },
  'host-tests': {
    ...commonJs,
    entryPoints: ['test/host/index.ts', 'test/host/*.test.ts'],
    outdir: 'out/test/host',
    outExtension: { '.js': '.cjs' },
    external: ['vscode', 'mocha'],
  },
};

const wasm = 'node_modules/@vscode/tree-sitter-wasm/wasm/';
/** Where each grammar of the bundled servers comes from. */
const grammars = {
  javascript: wasm,
  typescript: wasm,
  tsx: wasm,
  python: wasm,
  java: wasm,
  go: wasm,
  c: 'node_modules/tree-sitter-c/',
  cpp: wasm,
  rust: wasm,
  'c-sharp': wasm,
  php: wasm,
  ruby: wasm,
  kotlin: 'node_modules/@tree-sitter-grammars/tree-sitter-kotlin/',
};

async function copyAssets() {
  await mkdir('dist/grammars', { recursive: true });
  await mkdir('dist/pipelines', { recursive: true });
  await mkdir('dist/webviews', { recursive: true });
  const copies = [
    ...Object.entries(grammars).map(([name, folder]) => [
      `${folder}tree-sitter-${name}.wasm`,
      `dist/grammars/tree-sitter-${name}.wasm`,
    ]),
    ['node_modules/web-tree-sitter/web-tree-sitter.wasm', 'dist/grammars/web-tree-sitter.wasm'],
    ['node_modules/@vscode/codicons/dist/codicon.css', 'dist/webviews/codicon.css'],
    ['node_modules/@vscode/codicons/dist/codicon.ttf', 'dist/webviews/codicon.ttf'],
  ];
  for (const file of await readdir('src/pipelines')) {
    if (file.endsWith('.workflow.yaml')) copies.push([join('src/pipelines', file), join('dist/pipelines', file)]);
  }
  await Promise.all(copies.map(([from, to]) => copyFile(from, to)));
  return copies.map(([, to]) => to);
}

async function writeMetafile(name, metafile) {
  await mkdir('out/meta', { recursive: true });
  await writeFile(`out/meta/${name}.json`, JSON.stringify(metafile));
}

/** What an earlier build left and this one did not make; removed last, so that a failed build breaks nothing that runs. */
async function removeStale(made) {
  const fresh = new Set(made);
  for (const folder of ['dist', 'out/test/host']) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative('.', join(entry.parentPath, entry.name)));
    await Promise.all(files.filter((file) => !fresh.has(file)).map((file) => rm(file)));
  }
}

function report(name, metafile) {
  for (const [file, { bytes }] of Object.entries(metafile.outputs)) {
    if (!file.endsWith('.map'))
      console.log(`${name.padEnd(18)} ${file.padEnd(44)} ${(bytes / 1024).toFixed(1).padStart(9)} KB`);
  }
}

const unknown = wanted.filter((name) => !(name in bundles));
if (unknown.length > 0) {
  console.error(`esbuild.js: unknown bundle ${unknown.join(', ')}; there are ${Object.keys(bundles).join(', ')}`);
  process.exit(2);
}
const names = wanted.length > 0 ? wanted : Object.keys(bundles);
const copied = await copyAssets();

if (flags.watch) {
  for (const name of names) {
    const context = await esbuild.context({ ...bundles[name], logLevel: 'info' });
    await context.watch();
  }
  console.error(`watching ${names.join(', ')}`);
} else {
  const results = await Promise.all(names.map(async (name) => [name, (await esbuild.build(bundles[name])).metafile]));
  for (const [name, metafile] of results) {
    await writeMetafile(name, metafile);
    if (flags.report) report(name, metafile);
  }
  if (wanted.length === 0)
    await removeStale([...copied, ...results.flatMap(([, metafile]) => Object.keys(metafile.outputs))]);
}
