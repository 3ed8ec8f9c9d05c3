/** Cloning from a repository on disk: what arrives, what is never run, and how clones are shared. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Clone, type CloneOptions, cloneRepository } from '../../../src/analysis/clone.ts';
import { confinePath } from '../../../src/analysis/confine.ts';
import { findGit } from '../../../src/analysis/git.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { type FileTree, fileTree } from '../../fixtures/file-tree.ts';

describe('cloning a repository', () => {
  let tree: FileTree;
  let url: string;
  let signal: AbortSignal;

  const git = (cwd: string, ...args: readonly string[]): string =>
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main', ...args],
      {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    ).trim();

  const clone = (options: Partial<CloneOptions> & { branch?: string; url?: string } = {}): Promise<Clone> =>
    cloneRepository(options.url ?? url, options.branch, {
      signal,
      clones: join(tree.root, 'clones'),
      confineFile: async (path) => (await confinePath(path, [tree.root])).path,
      ...options,
    });

  beforeEach(async () => {
    signal = new AbortController().signal;
    tree = await fileTree({ 'source/a.js': 'one', 'source/.gitattributes': '*.js filter=evil\n' });
    const source = join(tree.root, 'source');
    await symlink('/etc/passwd', join(source, 'link'));
    git(source, 'init', '-q');
    git(source, 'add', '-A');
    git(source, 'commit', '-q', '-m', 'one');
    git(source, 'branch', 'other');
    git(tree.root, 'clone', '-q', '--bare', source, 'bare.git');
    url = pathToFileURL(join(tree.root, 'bare.git')).href;
  });
  afterEach(() => tree.dispose());

  it('has the files, the branch and the commit', async () => {
    const { root, branch, commit, source } = await clone();
    assert.equal(await readFile(join(root, 'a.js'), 'utf8'), 'one');
    assert.equal(branch, 'main');
    assert.equal(commit, git(join(tree.root, 'source'), 'rev-parse', 'HEAD'));
    assert.equal(source, url);
    assert.equal((await clone({ branch: 'other' })).branch, 'other');
  });

  it('makes plain files of symbolic links', async () => {
    const { root } = await clone();
    assert.ok((await lstat(join(root, 'link'))).isFile());
  });

  it('runs no hook and no filter', async () => {
    const hooks = join(tree.root, 'home', 'hooks');
    await mkdir(hooks, { recursive: true });
    const mark = join(tree.root, 'ran');
    await writeFile(join(hooks, 'post-checkout'), `#!/bin/sh\ntouch ${mark}\n`);
    await chmod(join(hooks, 'post-checkout'), 0o755);
    const config = `[core]\nhooksPath=${hooks}\n[filter "evil"]\nsmudge=touch ${mark}\n[init]\ntemplateDir=${hooks}\n`;
    await writeFile(join(tree.root, 'home', '.gitconfig'), config);
    const home = process.env.HOME;
    process.env.HOME = join(tree.root, 'home');
    try {
      await clone();
    } finally {
      process.env.HOME = home;
    }
    await assert.rejects(lstat(mark), { code: 'ENOENT' });
  });

  it('uses a fresh clone again and makes a new one when it is old', async () => {
    const first = await clone();
    assert.equal((await clone()).root, first.root);
    const later = { ...systemClock, now: () => systemClock.now() + 1_200_000 };
    const second = await clone({ clock: later });
    assert.notEqual(second.root, first.root);
    assert.equal(await readFile(join(first.root, 'a.js'), 'utf8'), 'one');
  });

  it('does not clash with another clone of the same URL', async () => {
    const clones = await Promise.all([clone(), clone(), clone()]);
    assert.equal(new Set(clones.map(({ root }) => root)).size, 1);
    const folder = join(clones[0]?.root ?? '', '..');
    assert.equal((await readdir(folder)).length, 2);
  });

  it('takes over the lock of a process that died', async () => {
    const { root } = await clone();
    const lock = join(root, '..', 'lock');
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), '999999999');
    assert.equal((await clone()).root, root);
  });

  it('says what git said when there is no such branch or repository', async () => {
    await assert.rejects(clone({ branch: 'nowhere' }), {
      code: 'TOOL_ERROR',
      message: /branch nowhere of file:.*not found/,
    });
    await mkdir(join(tree.root, 'empty'));
    const missing = pathToFileURL(join(tree.root, 'empty')).href;
    await assert.rejects(clone({ url: missing }), { code: 'TOOL_ERROR', message: /cannot clone file:/ });
  });

  it('leaves nothing half-made behind', async () => {
    await assert.rejects(clone({ branch: 'nowhere' }));
    const [key = ''] = await readdir(join(tree.root, 'clones'));
    assert.deepEqual(await readdir(join(tree.root, 'clones', key)), []);
  });

  it('refuses files outside the roots and repositories that borrow from there', async () => {
    await assert.rejects(clone({ url: 'file:///etc' }), { code: 'VALIDATION_FAILED', message: /outside/ });
    await mkdir(join(tree.root, 'worktree'));
    await writeFile(join(tree.root, 'worktree', '.git'), 'gitdir: /somewhere/else\n');
    const borrowed = pathToFileURL(join(tree.root, 'worktree')).href;
    await assert.rejects(clone({ url: borrowed }), { code: 'VALIDATION_FAILED', message: /borrows/ });
    await assert.rejects(cloneRepository(url, undefined, { signal, clones: join(tree.root, 'clones') }), /file: URLs/);
  });

  it('is cancelled', async () => {
    const controller = new AbortController();
    const running = clone({ signal: controller.signal });
    controller.abort();
    await assert.rejects(running, { code: 'CANCELLED' });
  });

  it('finds git without a PATH', async () => {
    assert.match(await findGit(''), /git/);
  });
});
