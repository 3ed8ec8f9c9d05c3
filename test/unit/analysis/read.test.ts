/** Reading files: text, binary, too large, and what stands in for a file. */
import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { languageOfPath, languageOfShebang } from '../../../src/analysis/languages.ts';
import { countLines, readText } from '../../../src/analysis/read.ts';
import { type FileTree, fileTree } from '../../fixtures/file-tree.ts';

describe('reading a file', () => {
  let tree: FileTree;

  before(async () => {
    tree = await fileTree({
      'a.txt': '\uFEFFtext',
      'utf16.txt': Buffer.from('\uFEFFhällo', 'utf16le'),
      'image.png': Buffer.from([137, 80, 0, 1]),
      'big.txt': 'x'.repeat(2_000_000),
    });
    await symlink(join(tree.root, 'a.txt'), join(tree.root, 'link.txt'));
  });
  after(() => tree.dispose());

  it('drops a byte-order mark and understands UTF-16', async () => {
    assert.deepEqual(await readText(join(tree.root, 'a.txt')), { kind: 'text', text: 'text' });
    assert.deepEqual(await readText(join(tree.root, 'utf16.txt')), { kind: 'text', text: 'hällo' });
  });

  it('tells binary from text', async () => {
    assert.deepEqual(await readText(join(tree.root, 'image.png')), { kind: 'binary' });
  });

  it('says why it did not read', async () => {
    assert.deepEqual(await readText(join(tree.root, 'big.txt'), 1024 * 1024), {
      kind: 'skipped',
      reason: 'too large: 1.9 MB, the limit is 1.0 MB',
      deliberate: true,
    });
    assert.deepEqual(await readText(join(tree.root, 'none')), {
      kind: 'skipped',
      reason: 'cannot be read: it no longer exists',
    });
    assert.deepEqual(await readText(join(tree.root, 'link.txt')), {
      kind: 'skipped',
      reason: 'cannot be read: it is a symbolic link',
    });
    assert.deepEqual(await readText(tree.root), { kind: 'skipped', reason: 'not a regular file', deliberate: true });
  });

  it('counts lines as an editor does', () => {
    assert.deepEqual(['', 'a', 'a\n', 'a\nb', '\n\n'].map(countLines), [0, 1, 1, 2, 2]);
  });
});

describe('the language of a file', () => {
  it('goes by the name', () => {
    const names = [
      'src/a.ts',
      'A.TSX',
      'x.mjs',
      'Dockerfile',
      '.env.local',
      'README.md',
      'constructor',
      'x.constructor',
    ];
    assert.deepEqual(names.map(languageOfPath), [
      'typescript',
      'tsx',
      'javascript',
      'dockerfile',
      'dotenv',
      'markdown',
      null,
      null,
    ]);
  });

  it('goes by the first line when the name does not tell', () => {
    const lines = [
      '#!/usr/bin/env node\n',
      '#!/usr/bin/python3.11 -u\n',
      '#!/bin/sh',
      '#!/usr/bin/env -S deno run',
      'text',
    ];
    assert.deepEqual(lines.map(languageOfShebang), ['javascript', 'python', 'shell', 'typescript', null]);
  });
});
