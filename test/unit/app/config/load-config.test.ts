/** Which configuration files count, and what a person is told of those that do not. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, workspaceConfigFile } from '../../../../src/app/config/load-config.ts';
import type { UserConfig } from '../../../../src/app/config/schema.ts';

const retriesOf = ({ layers: { retry } }: UserConfig): number => (retry === false ? 0 : retry.retries);

describe('reading the configuration', () => {
  let root = '';
  let userFile = '';
  let folder = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'conductor-config-'));
    userFile = join(root, 'config.yaml');
    folder = join(root, 'repository');
    await mkdir(join(folder, '.mcp-conductor'), { recursive: true });
    await writeFile(userFile, 'version: 1\nlayers: { retry: { retries: 2 } }\n');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const tighten = (text: string): Promise<void> => writeFile(workspaceConfigFile(folder), text);

  it('takes the rules of a trusted folder on top of the own ones', async () => {
    await tighten('version: 1\nlayers: { retry: { retries: 1 } }\n');
    const { config, problems } = await loadConfig({ userFile, folders: [folder], trusted: true });
    assert.deepEqual(problems, []);
    assert.equal(retriesOf(config), 1);
  });

  it('says so when a folder has rules that do not count, because it is not trusted', async () => {
    await tighten('version: 1\nlayers: { retry: { retries: 1 } }\n');
    const { config, problems, workspaces } = await loadConfig({ userFile, folders: [folder], trusted: false });
    assert.equal(retriesOf(config), 2);
    assert.deepEqual(workspaces, []);
    assert.deepEqual(
      problems.map(({ severity, message, range }) => [severity, range?.file, /not trusted/.test(message)]),
      [['warning', workspaceConfigFile(folder), true]],
    );
  });

  it('is quiet about folders without rules, and asks about everything where rules are there but cannot be read', async () => {
    assert.deepEqual((await loadConfig({ userFile, folders: [folder], trusted: true })).problems, []);
    assert.deepEqual((await loadConfig({ userFile, folders: [folder], trusted: false })).problems, []);
    await mkdir(workspaceConfigFile(folder));
    const { problems, workspaces } = await loadConfig({ userFile, folders: [folder], trusted: true });
    assert.equal(problems.length, 1);
    assert.match(workspaces[0]?.lostRules ?? '', /cannot be read/);
  });
});
