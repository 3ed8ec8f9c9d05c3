/** The scan of a folder: one file that fails costs itself only, and the limits hold. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScanner,
  type FileTask,
  MAX_SEARCHED_BYTES,
  type ScanOutcome,
} from '../../../../src/analysis/security/scan-file.ts';
import { type RepositoryScanOptions, scanRepository } from '../../../../src/analysis/security/scan-repository.ts';
import { systemClock } from '../../../../src/base/clock.ts';
import { ConductorError } from '../../../../src/base/errors.ts';

const EVAL = 'export const run = (text) => eval(text);\n';

describe('scanRepository', function () {
  this.timeout(20_000);
  const scanner = createScanner(import.meta.url, systemClock);
  let root: string;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'scan-')));
    for (const name of ['a.js', 'b.js', 'c.js']) await writeFile(join(root, name), EVAL);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const options = (changes: Partial<RepositoryScanOptions> = {}): RepositoryScanOptions => ({
    root,
    top: root,
    types: ['secrets', 'sast'],
    threshold: 'low',
    signal: new AbortController().signal,
    clock: systemClock,
    concurrency: 2,
    scan: scanner,
    onProgress: () => undefined,
    ...changes,
  });

  it('goes on when the worker of one file is ended, and names the file', async () => {
    const scan: RepositoryScanOptions['scan'] = (task) =>
      task.kind === 'file' && task.path === 'b.js'
        ? Promise.reject(new ConductorError('TIMEOUT', 'not finished within 20 s'))
        : scanner(task);
    const result = await scanRepository(options({ scan }));
    assert.deepEqual(
      result.findings.map((one) => one.file),
      ['a.js', 'c.js'],
    );
    assert.deepEqual(result.skipped, [{ file: 'b.js', reason: 'could not be scanned: not finished within 20 s' }]);
    assert.equal(result.scannedFiles, 2);
  });

  it('ends as a whole when it is cancelled', async () => {
    const controller = new AbortController();
    const scan: RepositoryScanOptions['scan'] = async (task): Promise<ScanOutcome> => {
      controller.abort();
      throw new ConductorError('CANCELLED', `cancelled at ${task.kind}`);
    };
    await assert.rejects(scanRepository(options({ scan, signal: controller.signal })), { code: 'CANCELLED' });
  });

  it('begins no further file when its time is used up, and says so', async () => {
    const result = await scanRepository(options({ budgetMs: -1 }));
    assert.deepEqual(result.findings, []);
    assert.equal(result.skipped.length, 3);
    assert.match(result.skipped[0]?.reason ?? '', /the time for the whole scan was used up/);
  });

  it('lists no dependencies unless asked', async () => {
    assert.equal((await scanRepository(options())).dependencies, undefined);
    assert.deepEqual((await scanRepository(options({ types: ['dependencies'] }))).dependencies, []);
  });

  it('counts the files in languages without rules, and names manifests that it cannot read', async () => {
    const texts = {
      'a.rs': 'fn a() {}',
      'b.rs': 'fn b() {}',
      'c.R': 'x',
      'd.md': '#',
      run: '#!/bin/sh\n',
      'e.rs': '\0',
    };
    for (const [name, text] of Object.entries(texts)) await writeFile(join(root, name), text);
    for (const name of ['Package.swift', 'pubspec.yaml', 'pubspec.lock', 'package.json'])
      await writeFile(join(root, name), '{}');
    const result = await scanRepository(options({ types: ['sast', 'dependencies'] }));
    assert.deepEqual(result.notAnalyzed, { r: 1, rust: 2, shell: 1, swift: 1 });
    assert.deepEqual(result.notUnderstood, ['Package.swift']);
    const secrets = await scanRepository(options({ types: ['secrets'] }));
    assert.deepEqual([secrets.notAnalyzed, secrets.notUnderstood], [undefined, undefined]);
  });

  const task = (path: string, bytes: number): FileTask => ({
    kind: 'file',
    path,
    absolute: join(root, path),
    bytes,
    language: 'javascript',
    secrets: true,
    sast: true,
  });

  it('names a file that is gone or too large, but not a large picture', async () => {
    assert.deepEqual((await scanner(task('gone.js', 10))).skipped, [
      { file: 'gone.js', reason: 'cannot be read: it no longer exists' },
    ]);
    const bytes = MAX_SEARCHED_BYTES + 1;
    await writeFile(join(root, 'large.js'), 'x '.repeat(bytes / 2 + 1));
    assert.match((await scanner(task('large.js', bytes))).skipped[0]?.reason ?? '', /too large: 16\.0 MB/);
    await writeFile(join(root, 'large.png'), Buffer.alloc(bytes));
    assert.deepEqual((await scanner(task('large.png', bytes))).skipped, []);
  });

  it('gets through a minified file of 10 MB', async () => {
    const text = `var key="abc",password=f(x);${'a.b(c[d],"e"+f);'.repeat(650_000)}`;
    await writeFile(join(root, 'bundle.js'), text);
    const outcome = await scanner(task('bundle.js', text.length));
    assert.deepEqual([outcome.drafts, outcome.skipped, outcome.scanned], [[], [], 1]);
  });

  it('gets through code that is nested beyond reason', async () => {
    const text = `${'f('.repeat(20_000)}x${')'.repeat(20_000)};\n\n${`eval(y);\n`.repeat(200)}`.replaceAll(
      'f(',
      'f(\n',
    );
    await writeFile(join(root, 'deep.js'), text);
    const outcome = await scanner(task('deep.js', text.length));
    assert.equal(outcome.scanned, 1);
    assert.ok(outcome.drafts.length > 0 || outcome.skipped.length > 0);
  });
});
