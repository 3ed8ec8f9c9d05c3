/** The bundles as they ship: who reaches the editor, what is loaded at activation, and how heavy they are. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { type CanaryProject, canaryProject, unbuiltTwin } from './kit/canary.ts';
import { assertNone } from './kit/exceptions.ts';
import { jsonOf, runTool, TOOL_LIMIT_MS } from './kit/run-tool.ts';
import { readJson, ROOT } from './kit/tree.ts';

interface SizeEntry {
  readonly name: string;
  readonly path: string;
}

interface Size {
  readonly name: string;
  readonly passed: boolean;
  readonly size: number;
}

/** Bundles that run inside the editor. */
const IN_EDITOR = ['extension', 'host-tests'];
const sizeEntries = (): readonly SizeEntry[] => readJson('.size-limit.json');

const leftOutside = (metafile: Metafile): readonly string[] =>
  Object.values(metafile.outputs).flatMap((output) =>
    output.imports.filter((imported) => imported.external === true).map((imported) => imported.path),
  );

const reachesEditor = (metafile: Metafile): boolean => leftOutside(metafile).includes('vscode');

async function sizes(folder: string): Promise<readonly Size[]> {
  return jsonOf('size-limit', await runTool('size-limit', ['--json'], folder));
}

describe('bundles', function () {
  this.timeout(TOOL_LIMIT_MS);

  let twin: CanaryProject;
  const metafiles = new Map<string, Metafile>();
  const metafile = (name: string): Metafile => {
    const found = metafiles.get(name);
    assert.ok(found, `no metafile of ${name}; there are ${[...metafiles.keys()].join(', ')}`);
    return found;
  };

  before(async () => {
    twin = unbuiltTwin();
    const built = await runTool('esbuild.js', ['--production'], twin.folder);
    assert.equal(built.code, 0, built.stderr);
    const folder = join(twin.folder, 'out/meta');
    for (const file of readdirSync(folder)) {
      metafiles.set(file.replace(/\.json$/, ''), JSON.parse(readFileSync(join(folder, file), 'utf8')) as Metafile);
    }
  });

  after(() => twin.dispose());

  it('are all there, each with something inside', () => {
    const expected = ['cli', 'code-analysis', 'engine', 'extension', 'host-tests', 'security-scanner', 'watchdog'];
    assertNone(expected.filter((name) => !metafiles.has(name)));
    assertNone([...metafiles].filter(([, { inputs }]) => Object.keys(inputs).length === 0).map(([name]) => name));
  });

  it("name 'vscode' only inside the editor", () => {
    assertNone(
      [...metafiles]
        .filter(([, meta]) => reachesEditor(meta))
        .map(([name]) => name)
        .filter((name) => !IN_EDITOR.includes(name)),
    );
    assert.ok(reachesEditor(metafile('extension')));
  });

  it('hold nothing of src/vscode outside the editor', () => {
    assertNone(
      [...metafiles].flatMap(([name, { inputs }]) =>
        IN_EDITOR.includes(name) ? [] : Object.keys(inputs).filter((input) => /(^|\/)src\/vscode\//.test(input)),
      ),
    );
  });

  it('load no engine at activation', () => {
    const engine = /(^|\/)(src\/(app|mcp|workflow|node)\/|node_modules\/@modelcontextprotocol\/)/;
    assertNone(Object.keys(metafile('extension').inputs).filter((input) => engine.test(input)));
    assert.ok(Object.keys(metafile('engine').inputs).some((input) => engine.test(input)));
  });

  it('leave nothing of npm outside what is shipped', () => {
    const allowed = (name: string, module: string): boolean =>
      module.startsWith('node:') || module.startsWith('.') || (IN_EDITOR.includes(name) && module === 'vscode');
    const builtins = new Set(process.getBuiltinModule('module').builtinModules);
    assertNone(
      [...metafiles]
        .filter(([name]) => name !== 'host-tests')
        .flatMap(([name, meta]) =>
          leftOutside(meta)
            .filter((module) => !allowed(name, module) && !builtins.has(module))
            .map((module) => `${name}: ${module}`),
        ),
    );
  });

  it('of the servers weigh at most 6 MB zipped with their grammars, and hold no native code', () => {
    const dist = join(twin.folder, 'dist');
    const files = ['servers', 'grammars'].flatMap((folder) =>
      readdirSync(join(dist, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    assert.ok(files.length >= 18, `only ${files.length} files`);
    assertNone(files.filter((file) => !/\.(?:js|wasm|json)$/.test(file) || isNative(readFileSync(file))));
    const zipped = files.reduce((sum, file) => sum + deflateRawSync(readFileSync(file)).length, 0);
    assert.ok(zipped <= 6 * 1024 * 1024, `${zipped} bytes`);
    assert.ok(isNative(readFileSync(process.execPath)), 'the executable of Node is not known as native code');
  });

  it('keep within their sizes', async () => {
    const measured = await sizes(twin.folder);
    assertNone(measured.filter(({ passed }) => !passed).map(({ name, size }) => `${name} has ${size} bytes`));
    assert.equal(measured.length, sizeEntries().length);
    assertNone(measured.filter(({ size }) => size < 1000).map(({ name, size }) => `${name} has only ${size} bytes`));
  });

  it('have a limit for the entry and for every panel', () => {
    const limited = sizeEntries().map(({ name }) => name);
    const wanted = [...metafiles.keys()].filter((name) => name === 'extension' || name.startsWith('webview-'));
    assert.ok(wanted.length >= 2, wanted.join(', '));
    assert.deepEqual([...limited].sort(), wanted.sort());
  });
});

describe("the bundles' canary", function () {
  this.timeout(TOOL_LIMIT_MS);

  it('reaches the editor through another file and is caught', async () => {
    const { metafile } = await build({
      entryPoints: [join(ROOT, 'test/fixtures/canaries/bundle/cli.ts')],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      external: ['vscode'],
    });
    assert.ok(reachesEditor(metafile));
  });

  it('is too heavy by one byte and is caught', async () => {
    const canary = canaryProject({ configuration: ['.size-limit.json', 'package.json'] });
    try {
      for (const { path } of sizeEntries()) {
        canary.write(path, 'x'.repeat(path.includes('webviews') ? 250_001 : 300_001));
      }
      const measured = await sizes(canary.folder);
      assert.deepEqual(
        measured.map(({ passed }) => passed),
        sizeEntries().map(() => false),
      );
    } finally {
      canary.dispose();
    }
  });
});

/** ELF, Mach-O and PE by how they begin. */
function isNative(bytes: Buffer): boolean {
  const magic = bytes.toString('hex', 0, 4);
  return ['7f454c46', 'cffaedfe', 'cefaedfe', 'feedfacf', 'cafebabe'].includes(magic) || magic.startsWith('4d5a');
}
