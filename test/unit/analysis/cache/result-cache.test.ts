/** Remembered results: used for the same content only, never needed, never a place for secrets. */
import assert from 'node:assert/strict';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { analyzeRepository } from '../../../../src/analysis/code/analyze-repository.ts';
import { createSourceAnalyzer } from '../../../../src/analysis/code/analyze-source.ts';
import { createResultCache, type FileResults, type ResultCache } from '../../../../src/analysis/cache/result-cache.ts';
import { takeInventory } from '../../../../src/analysis/inventory.ts';
import { createScanner } from '../../../../src/analysis/security/scan-file.ts';
import { scanRepository } from '../../../../src/analysis/security/scan-repository.ts';
import { type WalkedFile, walkFiles } from '../../../../src/analysis/walk.ts';
import { systemClock } from '../../../../src/base/clock.ts';
import { type FileTree, fileTree } from '../../../fixtures/file-tree.ts';
import { VirtualClock } from '../../../fixtures/virtual-clock.ts';

const { signal } = new AbortController();
/** An hour from now: every file was last changed long ago. */
const LATER = Date.now() + 3_600_000;

describe('remembered results', () => {
  let tree: FileTree;
  let state: FileTree;
  let problems: string[];

  beforeEach(async () => {
    tree = await fileTree({ 'a.txt': 'one\n', 'b.txt': 'two\n' });
    state = await fileTree({});
    problems = [];
  });
  afterEach(async () => {
    await tree.dispose();
    await state.dispose();
  });

  const open = (changes: { version?: string; maxBytes?: number } = {}): ResultCache =>
    createResultCache({
      folder: join(state.root, 'cache'),
      version: changes.version ?? '1',
      clock: new VirtualClock(LATER),
      maxBytes: changes.maxBytes,
      onProblem: (message) => problems.push(message),
    });

  /** What was made anew, in a pass over all files with one cache. */
  const pass = async (cache: ResultCache, complete = true): Promise<readonly string[]> => {
    const { files } = await walkFiles(tree.root, { signal });
    const { digests } = await takeInventory(files, signal, () => undefined, await cache.ledger(tree.root));
    const results = await cache.open('test', tree.root);
    const made: string[] = [];
    for (const file of files) {
      const value = await ask(results, file, digests.get(file.path), made);
      assert.deepEqual(value, { text: await readFile(file.absolute, 'utf8'), numbers: new Float64Array([1, 2]) });
    }
    await results.save(complete);
    return made;
  };
  const ask = (results: FileResults, file: WalkedFile, digest: string | undefined, made: string[]): Promise<unknown> =>
    results.of({
      file,
      digest,
      asked: '',
      make: async () => {
        made.push(file.path);
        return { text: await readFile(file.absolute, 'utf8'), numbers: new Float64Array([1, 2]) };
      },
      keeps: () => true,
    });
  const packs = async (): Promise<readonly string[]> =>
    (await readdir(join(state.root, 'cache'))).sort().map((name) => join(state.root, 'cache', name));

  it('are used while a file stays as it is, and made anew when its content changes', async () => {
    assert.deepEqual(await pass(open()), ['a.txt', 'b.txt']);
    assert.deepEqual(await pass(open()), []);
    await writeFile(join(tree.root, 'b.txt'), 'three\n');
    assert.deepEqual(await pass(open()), ['b.txt']);
    await writeFile(join(tree.root, 'b.txt'), 'two\n');
    assert.deepEqual(await pass(open()), ['b.txt'], 'what nobody asked for any more is forgotten');
    assert.deepEqual(problems, []);
  });

  it('see a change of the same length whose time of change was set back', async () => {
    await pass(open());
    const path = join(tree.root, 'a.txt');
    await writeFile(path, 'ONE\n');
    await utimes(path, 1, 1);
    assert.deepEqual(await pass(open()), ['a.txt']);
  });

  it('of another version of the analysis are not used', async () => {
    await pass(open());
    assert.deepEqual(await pass(open({ version: '2' })), ['a.txt', 'b.txt']);
  });

  it('are made anew where a pack is cut off, overwritten or damaged, and only there', async () => {
    await pass(open());
    const file = (await packs()).find((path) => path.includes('test-')) ?? '';
    const whole = await readFile(file);
    const damaged = Buffer.from(whole);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 255;
    const cases: readonly (readonly [Buffer, readonly string[]])[] = [
      [damaged, ['b.txt']],
      [whole.subarray(0, whole.length - 5), ['b.txt']],
      [whole.subarray(0, 20), ['a.txt', 'b.txt']],
      [Buffer.from('another file altogether, and long enough to be one'), ['a.txt', 'b.txt']],
      [Buffer.alloc(0), ['a.txt', 'b.txt']],
    ];
    for (const [bytes, made] of cases) {
      await writeFile(file, bytes);
      assert.deepEqual(await pass(open()), made);
    }
  });

  it('of a file that changes while it is looked at are not kept', async () => {
    const cache = open();
    const { files } = await walkFiles(tree.root, { signal });
    const results = await cache.open('test', tree.root);
    const [file] = files;
    assert.ok(file !== undefined);
    const question = { file, digest: 'd', asked: '', keeps: () => true };
    await results.of({ ...question, make: () => writeFile(file.absolute, 'changed meanwhile\n') });
    await results.save(true);
    let made = 0;
    const again = await cache.open('test', tree.root);
    await again.of({ ...question, make: async () => (made += 1) });
    assert.equal(made, 1);
  });

  it('survive two processes that write at once', async () => {
    await Promise.all([pass(open()), pass(open()), pass(open())]);
    assert.deepEqual(await pass(open()), []);
    assert.deepEqual(
      (await packs()).filter((path) => path.endsWith('.tmp')),
      [],
    );
  });

  it('of a review that was cancelled are there for the next one', async () => {
    await pass(open(), false);
    assert.deepEqual(await pass(open()), []);
  });

  it('take no more room than they may: the longest unused go first', async () => {
    await pass(open());
    for (const path of await packs()) await utimes(path, 1_000, 1_000);
    const other = await fileTree({ 'c.txt': 'three\n' });
    const cache = open({ maxBytes: 1 });
    const results = await cache.open('test', other.root);
    const { files } = await walkFiles(other.root, { signal });
    for (const file of files) await ask(results, file, 'd', []);
    await results.save(true);
    await other.dispose();
    assert.equal((await packs()).length, 1, 'only the newest is left');
  });

  it('that cannot be written are done without, with a word why', async () => {
    await writeFile(join(state.root, 'cache'), 'a file where the folder should be');
    assert.deepEqual(await pass(open()), ['a.txt', 'b.txt']);
    assert.match(problems[0] ?? '', /results are not remembered/);
  });

  it('never hold a secret, whose finding is there all the same', async function () {
    this.timeout(20_000);
    const secret = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'.slice(0, 36)}`;
    const code = `const hash = crypto.createHash('md5').update('${secret}');\nconst token = '${secret}';\n// TODO: remove ${secret}\n`;
    await writeFile(join(tree.root, 'secret.js'), code);
    const scan = createScanner(import.meta.url, systemClock);
    const options = {
      root: tree.root,
      top: tree.root,
      types: ['secrets', 'sast'] as const,
      threshold: 'low' as const,
      signal,
      clock: systemClock,
      concurrency: 2,
      scan,
      onProgress: () => undefined,
    };
    const first = await scanRepository({ ...options, cache: open() });
    const second = await scanRepository({ ...options, cache: open() });
    assert.deepEqual(second, first);
    assert.ok(first.findings.some(({ kind }) => kind === 'secret'));
    const analyzeSource = createSourceAnalyzer(import.meta.url, systemClock);
    const measured = await analyzeRepository({
      ...options,
      types: ['smells'],
      includeMetrics: true,
      analyzeSource,
      cache: open(),
    });
    assert.match(measured.findings[0]?.message ?? '', /^work left open/);
    for (const path of await packs()) assert.equal((await readFile(path)).includes(secret.slice(8)), false, path);
  });
});

describe('what is known of files', () => {
  it('is not trusted when a file was read right after it changed', async () => {
    const tree = await fileTree({ 'a.txt': 'one\n' });
    const state = await fileTree({});
    const { files } = await walkFiles(tree.root, { signal });
    const changed = files[0]?.changed ?? 0;
    const known = async (at: number): Promise<boolean> => {
      const cache = createResultCache({
        folder: join(state.root, String(at)),
        version: '1',
        clock: new VirtualClock(changed + at),
        onProblem: assert.fail,
      });
      await takeInventory(files, signal, () => undefined, await cache.ledger(tree.root));
      const ledger = await cache.ledger(tree.root);
      return files.every((file) => ledger.known(file) !== undefined);
    };
    assert.equal(await known(1_000), false);
    assert.equal(await known(10_000), true);
    await tree.dispose();
    await state.dispose();
  });
});
