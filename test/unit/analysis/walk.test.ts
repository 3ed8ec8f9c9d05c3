/** The walk: what it lists and in which order, what it leaves out, and how it is bounded. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { SkippedPlace } from '../../../src/contracts/review.ts';
import { boundSkipped, type WalkOptions, type WalkResult, walkFiles } from '../../../src/analysis/walk.ts';
import { type FileTree, fileTree } from '../../fixtures/file-tree.ts';

describe('walking a repository', () => {
  const trees: FileTree[] = [];
  const signal = new AbortController().signal;

  afterEach(async () => {
    for (const tree of trees.splice(0)) await tree.dispose();
  });

  const plant = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const tree = await fileTree(files);
    trees.push(tree);
    return tree.root;
  };
  const paths = (result: WalkResult): readonly string[] => result.files.map((file) => file.path);
  const walk = (root: string, options: Partial<WalkOptions> = {}): Promise<WalkResult> =>
    walkFiles(root, { signal, ...options });

  it('lists files by code unit, with language and size', async () => {
    const root = await plant({ 'b.py': 'x', 'B.js': 'yy', 'a/z.md': '', 'a-b/c': '', 'ä.ts': '' });
    const { files } = await walk(root);
    assert.deepEqual(
      files.map(({ path, language, bytes }) => [path, language, bytes]),
      [
        ['B.js', 'javascript', 2],
        ['a-b/c', null, 0],
        ['a/z.md', 'markdown', 0],
        ['b.py', 'python', 1],
        ['ä.ts', 'typescript', 0],
      ],
    );
  });

  it('honours ignore files level by level, and a nearer one that takes back', async () => {
    const root = await plant({
      '.gitignore': '*.log\n/generated/\nlib/*.tmp\n',
      'a.log': '',
      'generated/x.js': '',
      'lib/.gitignore': '!keep.log\n',
      'lib/keep.log': '',
      'lib/drop.log': '',
      'lib/b.tmp': '',
      'lib/generated/y.js': '',
    });
    assert.deepEqual(paths(await walk(root)), ['.gitignore', 'lib/.gitignore', 'lib/generated/y.js', 'lib/keep.log']);
  });

  it('honours the ignore files above a folder that is walked alone', async () => {
    const root = await plant({ '.gitignore': '*.log\n', 'sub/a.log': '', 'sub/a.js': '' });
    assert.deepEqual(paths(await walk(join(root, 'sub'), { top: root })), ['a.js']);
    assert.deepEqual(paths(await walk(join(root, 'sub'))), ['a.js', 'a.log']);
  });

  it('leaves out version control, dependencies, and build output beside a manifest', async () => {
    const root = await plant({
      '.git/config': '',
      'node_modules/a/index.js': '',
      'pkg/package.json': '{}',
      'pkg/dist/a.js': '',
      'tools/build/b.js': '',
      '.github/workflows/ci.yml': '',
    });
    assert.deepEqual(paths(await walk(root)), ['.github/workflows/ci.yml', 'pkg/package.json', 'tools/build/b.js']);
  });

  it('leaves it to git to say what is build output where git has rules', async () => {
    const root = await plant({ '.gitignore': 'out/\n', 'package.json': '{}', 'build/tool.js': '', 'out/a.js': '' });
    assert.deepEqual(paths(await walk(root)), ['.gitignore', 'build/tool.js', 'package.json']);
  });

  it('follows no symbolic link, and tells of those that lead outside', async () => {
    const root = await plant({ 'repo/a.js': '', 'secret/key.pem': 'x' });
    const repo = join(root, 'repo');
    await symlink(join(root, 'secret'), join(repo, 'folder'));
    await symlink(join(root, 'secret/key.pem'), join(repo, 'key.pem'));
    await symlink(join(repo, 'a.js'), join(repo, 'inside.js'));
    await symlink(repo, join(repo, 'loop'));
    const result = await walk(repo);
    assert.deepEqual(paths(result), ['a.js']);
    assert.deepEqual(
      result.skipped.map(({ file, deliberate }) => [file, deliberate]),
      [
        ['folder', true],
        ['key.pem', true],
      ],
    );
  });

  it('tells of a folder it cannot read and goes on', async () => {
    const root = await plant({ 'a/x.js': '', 'b.js': '' });
    await chmod(join(root, 'a'), 0);
    if (process.getuid?.() === 0) await mkdir(join(root, 'c'));
    const result = await walk(root);
    await chmod(join(root, 'a'), 0o755);
    // Root reads every folder, so there the listing is whole and nothing is skipped.
    const expected = process.getuid?.() === 0 ? [['a/x.js', 'b.js'], []] : [['b.js'], ['a']];
    assert.deepEqual([paths(result), result.skipped.map(({ file }) => file)], expected);
  });

  it('tells of pipes and sockets without reading them', async () => {
    const root = await plant({ 'a.js': '' });
    execFileSync('/usr/bin/mkfifo', [join(root, 'pipe')]);
    const socket = createServer().listen(join(root, 'socket'));
    await once(socket, 'listening');
    const result = await walk(root);
    socket.close();
    assert.deepEqual(result.skipped, [
      { file: 'pipe', reason: 'a named pipe; not read', deliberate: true },
      { file: 'socket', reason: 'a socket; not read', deliberate: true },
    ]);
  });

  it('says that a name is not valid UTF-8', async () => {
    const root = await plant({ 'a.js': '' });
    await writeFile(Buffer.concat([Buffer.from(join(root, 'b')), Buffer.from([0xff])]), '');
    const reason = 'cannot be read: its name is not valid UTF-8 and cannot be opened';
    assert.deepEqual((await walk(root)).skipped, [{ file: 'b\uFFFD', reason }]);
  });

  it('calls the places beyond those it lists deliberate only when all of them are', () => {
    const places = (deliberate: boolean): readonly SkippedPlace[] =>
      Array.from({ length: 1_001 }, (_, index) => ({
        file: `f${String(index).padStart(4, '0')}`,
        reason: 'r',
        deliberate: deliberate || index < 1_000,
      }));
    assert.equal(boundSkipped(places(true)).at(-1)?.deliberate, true);
    assert.equal(boundSkipped(places(false)).at(-1)?.deliberate, undefined);
  });

  it('ends at the most files it may list, and says so', async () => {
    const root = await plant({ 'a.js': '', 'b.js': '', 'c.js': '' });
    const result = await walk(root, { maxFiles: 2 });
    assert.deepEqual(paths(result), ['a.js', 'b.js']);
    assert.match(result.skipped[0]?.reason ?? '', /more than 2 files/);
  });

  it('does not descend for ever', async () => {
    const root = await plant({ [`${'d/'.repeat(30)}x.js`]: '', 'y.js': '' });
    const result = await walk(root, { maxDepth: 10 });
    assert.deepEqual(paths(result), ['y.js']);
    assert.match(result.skipped[0]?.reason ?? '', /deeper than 10/);
  });

  it('matches hostile ignore patterns in bounded time', async () => {
    const root = await plant({ '.gitignore': `${'*a'.repeat(60)}b\n*.log\n`, ['a'.repeat(200)]: '', 'x.log': '' });
    assert.deepEqual(paths(await walk(root)), ['.gitignore', 'a'.repeat(200)]);
  });

  it('stops when it is cancelled', async () => {
    const root = await plant({ 'a.js': '' });
    await assert.rejects(walk(root, { signal: AbortSignal.abort() }), { code: 'CANCELLED' });
  });
});
