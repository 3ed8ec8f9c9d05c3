/** Confinement to the roots: what is inside, what only looks it, and what the refusal says. */
import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { confineFolder, isInside } from '../../../src/analysis/confine.ts';
import { isConductorError } from '../../../src/base/errors.ts';
import { type FileTree, fileTree } from '../../fixtures/file-tree.ts';

describe('confinement', () => {
  let tree: FileTree;
  let root: string;

  beforeEach(async () => {
    tree = await fileTree({ 'root/sub/a.txt': 'a', 'outside/secret.txt': 's' });
    root = join(tree.root, 'root');
  });
  afterEach(() => tree.dispose());

  const refusal = async (path: string, roots: readonly string[] = [root]): Promise<string> => {
    const error: unknown = await confineFolder(path, roots).then(
      () => assert.fail(`${path} was allowed`),
      (reason: unknown) => reason,
    );
    assert.ok(isConductorError(error), String(error));
    assert.equal(error.code, 'VALIDATION_FAILED');
    return error.message;
  };

  it('resolves a relative path against the first root', async () => {
    assert.deepEqual(await confineFolder('sub', [root]), { path: join(root, 'sub'), root });
  });

  it('allows the root itself and any of several roots', async () => {
    assert.equal((await confineFolder('.', [root])).path, root);
    const second = join(tree.root, 'outside');
    assert.equal((await confineFolder(second, [root, second])).root, second);
  });

  it('refuses a path outside and names the root', async () => {
    const message = await refusal(join(tree.root, 'outside'));
    assert.match(message, /outside this server's roots/);
    assert.ok(message.includes(root));
  });

  it('refuses to climb out with dots', async () => {
    assert.match(await refusal('../outside'), /outside this server's roots/);
    assert.match(await refusal('sub/../../outside'), /outside this server's roots/);
  });

  it('refuses a sibling whose name begins like the root', async () => {
    await mkdir(`${root}-else`);
    assert.match(await refusal(`${root}-else`), /outside/);
  });

  it('refuses a symbolic link that leads out, and follows one that stays in', async () => {
    await symlink(join(tree.root, 'outside'), join(root, 'out'));
    await symlink(join(root, 'sub'), join(root, 'in'));
    assert.match(await refusal('out'), /outside this server's roots/);
    assert.equal((await confineFolder('in', [root])).path, join(root, 'sub'));
  });

  it('says nothing about whether a path outside exists', async () => {
    const [missing, present] = [join(tree.root, 'none'), join(tree.root, 'outside')];
    assert.equal((await refusal(missing)).replace(missing, ''), (await refusal(present)).replace(present, ''));
  });

  it('names a path that is missing or no folder', async () => {
    await writeFile(join(root, 'file.txt'), '');
    assert.match(await refusal('nowhere'), /no such folder: nowhere/);
    assert.match(await refusal('file.txt'), /not a folder: file.txt/);
    assert.match(await refusal('a\0b'), /NUL/);
  });

  it('allows nothing without a root', async () => {
    assert.match(await refusal('/', []), /without --root/);
  });

  it('knows what is below a folder', () => {
    assert.ok(isInside('/a', '/a'));
    assert.ok(isInside('/a', '/a/..b/c'));
    assert.ok(!isInside('/a', '/ab'));
    assert.ok(!isInside('/a/b', '/a'));
  });
});
