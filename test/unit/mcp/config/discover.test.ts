/** Servers from several places: which definition wins, and who is told. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ServerDefinition } from '../../../../src/contracts/server.ts';
import { discoverServers } from '../../../../src/mcp/config/discover.ts';

const bundled: ServerDefinition = {
  id: 'code-analysis',
  label: 'Code analysis',
  origin: { kind: 'bundled' },
  launch: { type: 'stdio', command: 'node', args: [], env: {} },
  inputs: [],
};

describe('discovering servers', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'discover-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(path: string, servers: Record<string, string>): string {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      JSON.stringify({
        servers: Object.fromEntries(Object.entries(servers).map(([id, command]) => [id, { command }])),
      }),
    );
    return file;
  }

  it('lets bundled servers win over named files, those over folders, and the first folder over the second', async () => {
    write('one/.vscode/mcp.json', { a: 'one', b: 'one' });
    write('two/.vscode/mcp.json', { b: 'two', c: 'two' });
    const config = write('extra.json', { a: 'extra' });
    const { servers, problems } = await discoverServers({
      bundled: [bundled],
      configFiles: [config],
      folders: ['one', 'two'].map((name) => ({ name, path: join(root, name) })),
    });
    const commands = servers.map(({ id, launch }) => `${id}=${launch.type === 'stdio' ? launch.command : ''}`);
    assert.deepEqual(commands, ['code-analysis=node', 'a=extra', 'b=one', 'c=two']);
    assert.deepEqual(
      problems.map(({ severity, code }) => [severity, code]),
      [
        ['warning', 'shadowed'],
        ['warning', 'shadowed'],
      ],
    );
    assert.match(problems[0]?.message ?? '', /server "a" is not used: "a" is defined first in .*extra\.json, line 1/);
  });

  it('minds a missing file only when it was named', async () => {
    const file = join(root, 'nowhere.json');
    const { servers, problems } = await discoverServers({
      bundled: [],
      configFiles: [file],
      folders: [{ name: 'r', path: root }],
    });
    assert.deepEqual(servers, []);
    assert.deepEqual(
      problems.map(({ message }) => message),
      [`there is no file ${file}`],
    );
  });
});
