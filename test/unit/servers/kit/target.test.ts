/** The command line of a server, and what a call's path, url and branch come to. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parseServerOptions } from '../../../../src/servers/kit/options.ts';
import { resolveTarget } from '../../../../src/servers/kit/target.ts';
import { type FileTree, fileTree } from '../../../fixtures/file-tree.ts';

describe("a server's command line", () => {
  it('has any number of roots and a place for clones', () => {
    assert.deepEqual(
      parseServerOptions([...'--root /a --root=/b --clones /c --cache /d --osv-url https://x'.split(' ')]),
      {
        roots: ['/a', '/b'],
        clones: '/c',
        cache: '/d',
        osvUrl: 'https://x',
      },
    );
    assert.deepEqual(parseServerOptions([]), {
      roots: [],
      clones: undefined,
      cache: undefined,
      osvUrl: undefined,
    });
  });

  it('refuses what it does not know', () => {
    assert.throws(() => parseServerOptions(['--port', '1']), { code: 'VALIDATION_FAILED', message: /--port.*usage/ });
    assert.throws(() => parseServerOptions(['/a']), { code: 'VALIDATION_FAILED' });
  });
});

describe('the target of a call', () => {
  let tree: FileTree;
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const commit = 'a'.repeat(40);

  before(async () => {
    tree = await fileTree({
      'repo/.git/HEAD': 'ref: refs/heads/topic/x\n',
      'repo/.git/packed-refs': `# pack-refs\n${commit} refs/heads/topic/x\n`,
      'repo/src/a.js': '',
      'clones/x-1/gen/a.js': '',
    });
  });
  after(() => tree.dispose());

  it('is the first root by default, with its branch and commit', async () => {
    const root = join(tree.root, 'repo');
    assert.deepEqual(await resolveTarget({}, { roots: [root] }, context), {
      root,
      top: root,
      source: root,
      branch: 'topic/x',
      commit,
    });
  });

  it('may be a folder inside, read with the ignore rules above it', async () => {
    const root = join(tree.root, 'repo');
    const target = await resolveTarget({ path: 'src' }, { roots: [root] }, context);
    assert.deepEqual([target.root, target.top], [join(root, 'src'), root]);
  });

  it('may be a clone that an earlier call made', async () => {
    const clones = join(tree.root, 'clones');
    const path = join(clones, 'x-1/gen');
    assert.equal((await resolveTarget({ path }, { roots: [], clones }, context)).root, path);
  });

  it('is refused when it is not clear', async () => {
    const options = { roots: [tree.root] };
    await assert.rejects(
      resolveTarget({ path: '.', url: 'https://example.org/a' }, options, context),
      /either path or url/,
    );
    await assert.rejects(resolveTarget({ path: '.', branch: 'main' }, options, context), /branch goes with url/);
    await assert.rejects(resolveTarget({ url: 'https://example.org/a' }, options, context), /without --clones/);
  });
});
