/** Nothing that could let somebody in leaves the bundled servers in full, wherever in a repository it stands. */
import assert from 'node:assert/strict';
import type { Client } from '@modelcontextprotocol/client';
import type { BundledServerId } from '../../../src/contracts/ids.ts';
import { connectModern } from '../../fixtures/bundled-server.ts';
import { type FileTree, fileTree } from '../../fixtures/file-tree.ts';

let planted = 0;
/** A value that occurs once, put together here so that no scanner takes this file for a leak. */
const values: string[] = [];
function plant(): string {
  planted += 1;
  const value = ['Zq7', `rT${planted + 100}kV9`, 'mW2xPb8L'].join('');
  values.push(value);
  return value;
}

const FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    private: true,
    dependencies: {
      a: `git+https://user:${plant()}@git.acme.io/a.git`,
      b: `https://pkg.acme.io/b.tgz?token=${plant()}&x=${plant()}`,
      c: `git+http://${plant()}@git.acme.io/c.git#main`,
      d: `https://pkg.acme.io/d.tgz?${plant()}`,
      e: `https://user:${plant()}/${plant()}@pkg.acme.io/e.tgz`,
      f: `git+https://user:one@${plant()}@git.acme.io/f.git#v1`,
    },
  }),
  'package-lock.json': JSON.stringify({
    lockfileVersion: 3,
    packages: {
      '': {},
      'node_modules/a': {
        version: `git+https://user:${plant()}@git.acme.io/a.git`,
        resolved: `http://u:${plant()}@x/`,
      },
      'node_modules/z': { version: '1.0.0', license: `see https://u:${plant()}@lic.acme.io/?k=${plant()}` },
    },
  }),
  'requirements.txt': [
    `git+https://user:${plant()}@git.acme.io/p.git`,
    `p2 @ https://pkg.acme.io/p2.whl?token=${plant()}`,
    `p3 @ git+http://user:${plant()}@git.acme.io/p3.git`,
    `--index-url http://user:${plant()}@pypi.acme.io/simple`,
    `https://pkg.acme.io/p4-1.0.tar.gz?sig=${plant()}#access_token=${plant()}`,
    '',
  ].join('\n'),
  'sub/pyproject.toml': [
    '[project]',
    'name = "x"',
    `dependencies = ["p5 @ git+https://user:${plant()}@git.acme.io/p5.git"]`,
    '[tool.poetry.dependencies]',
    `p6 = { git = "https://user:${plant()}@git.acme.io/p6.git" }`,
    `p7 = { url = "https://pkg.acme.io/p7.whl?token=${plant()}" }`,
    '',
  ].join('\n'),
  'bad/package.json': `{ "dependencies": { "a": "https://user:${plant()}@x/" `,
  'bad/pyproject.toml': `a = https://user:${plant()}@x/\n`,
  'README.md': [
    `[a](missing.md?token=${plant()})`,
    `[b](README.md?key=${plant()}#nowhere)`,
    `[c](gone.md#access_token=${plant()})`,
    `[d](./x//user:${plant()}@host/gone.md)`,
    '',
  ].join('\n\n'),
  'src/a.js': [
    `// TODO drop https://user:${plant()}@db.acme.io/`,
    `// FIXME api_key = ${plant()}`,
    `const api_key = '${plant()}';`,
    '',
  ].join('\n'),
  'config.txt': `password = ${plant()}\n`,
};

describe('the answers of the bundled servers', function () {
  // Processes are started and worker threads load grammars; on a busy machine that takes a while.
  this.timeout(60_000);
  let tree: FileTree;
  const clients: Client[] = [];

  before(async () => {
    tree = await fileTree(FILES);
  });
  after(async () => {
    for (const client of clients) await client.close();
    await tree.dispose();
  });

  const answers = async (server: BundledServerId, tools: readonly string[]): Promise<string> => {
    const client = await connectModern(server, ['--root', tree.root]);
    clients.push(client);
    const replies: unknown[] = [];
    for (const name of tools) {
      const reply = await client.callTool({ name, arguments: { severity_threshold: 'low' } });
      assert.notEqual(reply.isError, true, JSON.stringify(reply.content));
      replies.push(reply);
    }
    return JSON.stringify(replies);
  };
  const leaked = (text: string): readonly string[] => values.filter((value) => text.includes(value.slice(0, 8)));

  it('of the security scanner hold no planted value', async () => {
    const text = await answers('security-scanner', ['scan_repository']);
    for (const part of ['git.acme.io/a.git', 'p7', 'lic.acme.io', 'config.txt']) assert.ok(text.includes(part), part);
    assert.deepEqual(leaked(text), []);
  });

  it('of the code analysis hold no planted value', async () => {
    const text = await answers('code-analysis', ['analyze_repository', 'analyze_documentation']);
    for (const part of ['missing.md?token=…', 'README.md?key=…#nowhere', 'gone.md', 'db.acme.io', 'api_key'])
      assert.ok(text.includes(part), part);
    assert.deepEqual(leaked(text), []);
  });
});
