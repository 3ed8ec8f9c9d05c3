/** What git says changed, asked in real repositories. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changedFiles } from '../../../src/cli/changed-files.ts';
import { UsageError } from '../../../src/cli/exit-codes.ts';

describe('changedFiles', () => {
  const { signal } = new AbortController();
  let folder: string;
  const git = (...args: readonly string[]): void => {
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@host.internal', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
  };
  const put = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'changed-files-'));
    git('init', '-q', '-b', 'main');
    await mkdir(join(folder, 'sub'));
    for (const file of ['kept.js', 'sub/edited ü.js', 'gone.js', 'theirs.js']) await put(file, '1\n');
    await put('.gitignore', 'ignored.js\n');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
    git('checkout', '-q', '-b', 'mine');
    await put('committed.js', '1\n');
    git('add', '.');
    git('commit', '-q', '-m', 'second');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('since a branch are those of mine, committed or not, and not those of others', async () => {
    git('checkout', '-q', 'main');
    await put('theirs.js', '2\n');
    git('commit', '-q', '-a', '-m', 'theirs');
    git('checkout', '-q', 'mine');
    await put('sub/edited ü.js', '2\n');
    await put('new.js', '1\n');
    await put('ignored.js', '1\n');
    await rm(join(folder, 'gone.js'));
    const found = await changedFiles(folder, { kind: 'ref', ref: 'main' }, signal);
    assert.deepEqual([...found].sort(), ['committed.js', 'new.js', 'sub/edited ü.js']);
  });

  it('that are staged are those of the next commit', async () => {
    await put('sub/edited ü.js', '2\n');
    await put('kept.js', '2\n');
    git('add', 'sub');
    assert.deepEqual([...(await changedFiles(folder, { kind: 'staged' }, signal))], ['sub/edited ü.js']);
  });

  it('are named relative to the folder that is reviewed, without those outside it', async () => {
    await put('sub/edited ü.js', '2\n');
    await put('kept.js', '2\n');
    const found = await changedFiles(join(folder, 'sub'), { kind: 'ref', ref: 'HEAD' }, signal);
    assert.deepEqual([...found], ['edited ü.js']);
  });

  it('cannot be asked with what is no commit, nor with an option in its place', async () => {
    for (const ref of ['nowhere', '--output=x', '-h', 'HEAD:kept.js', ''])
      await assert.rejects(changedFiles(folder, { kind: 'ref', ref }, signal), UsageError, ref);
  });

  it('are unknown where there is no repository', async () => {
    const bare = await mkdtemp(join(tmpdir(), 'no-repository-'));
    try {
      await assert.rejects(changedFiles(bare, { kind: 'staged' }, signal), /git cannot say what changed in/);
    } finally {
      await rm(bare, { recursive: true, force: true });
    }
  });
});
