/** The directory without a single process: what it lists, refuses, reloads, and how it names what is not there. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConductorError } from '../../../src/base/errors.ts';
import type { ServerId } from '../../../src/contracts/call.ts';
import type { ServerDefinition, ServerLogLine } from '../../../src/contracts/server.ts';
import { createServerDirectory, type ServerDirectoryOptions } from '../../../src/mcp/server-directory.ts';
import { callTo } from '../../fixtures/fake-server/directory.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const bundled: ServerDefinition = {
  id: 'code-analysis',
  label: 'Code analysis',
  origin: { kind: 'bundled' },
  launch: { type: 'stdio', command: 'analyse', args: [], env: { DEPLOY_TOKEN: 'tok-987654' } },
  inputs: [],
};
const never = new AbortController().signal;

describe('the server directory', () => {
  let root: string;
  let spawned: string[];
  let lines: ServerLogLine[];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'directory-'));
    mkdirSync(join(root, '.vscode'));
    spawned = [];
    lines = [];
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(servers: Record<string, unknown>): void {
    writeFileSync(join(root, '.vscode', 'mcp.json'), JSON.stringify({ servers }));
  }

  function create(overrides: Partial<ServerDirectoryOptions> = {}) {
    return createServerDirectory({
      bundled: [bundled],
      folders: () => [{ name: 'root', path: root }],
      processes: {
        spawn: async (spec) => {
          spawned.push(spec.command);
          throw new ConductorError(
            'SERVER_START_FAILED',
            `could not start "${spec.command}" with ${spec.env.DEPLOY_TOKEN}`,
          );
        },
        dispose: async () => undefined,
      },
      secrets: { get: async () => undefined, set: async () => undefined, delete: async () => undefined },
      askInput: async () => undefined,
      variables: { config: () => undefined, command: async () => undefined },
      environment: { inherited: {}, lookup: () => undefined },
      eras: { get: async () => undefined, set: async () => undefined, delete: async () => undefined },
      clock: new VirtualClock(),
      log: (line) => lines.push(line),
      clientInfo: { name: 'test', version: '1' },
      ...overrides,
    });
  }

  it('lists bundled servers at once and those of files after a reload', async () => {
    write({ mine: { command: 'run' } });
    const servers = create();
    assert.deepEqual(
      servers.list().map(({ definition }) => definition.id),
      ['code-analysis'],
    );
    await servers.reload();
    assert.deepEqual(
      servers.list().map(({ definition, state }) => [definition.id, state.status]),
      [
        ['code-analysis', 'stopped'],
        ['mine', 'stopped'],
      ],
    );
    assert.deepEqual(spawned, []);
  });

  it('leaves the servers of the workspace out when told to', async () => {
    write({ mine: { command: 'run' } });
    const servers = create({ includeWorkspaceServers: false });
    await servers.reload();
    assert.equal(servers.get('mine'), undefined);
  });

  it('starts nothing in a workspace that is not trusted, and says so; browsing works', async () => {
    write({ mine: { command: 'run' } });
    let trusted = false;
    const servers = create({ trusted: () => trusted });
    await servers.reload();
    for (const id of ['mine', 'code-analysis']) {
      await assert.rejects(servers.start(id, never), {
        code: 'PERMISSION_DENIED',
        message: /this workspace is not trusted/,
      });
    }
    await assert.rejects(servers.invoke(callTo('mine', { kind: 'tool', tool: 't', args: {} })), {
      code: 'PERMISSION_DENIED',
    });
    assert.deepEqual(spawned, []);
    trusted = true;
    await assert.rejects(servers.start('mine', never), { code: 'SERVER_START_FAILED' });
    assert.deepEqual(spawned, ['run']);
  });

  it('never writes a secret into an error or a log', async () => {
    const servers = create();
    await assert.rejects(servers.start('code-analysis', never), {
      code: 'SERVER_START_FAILED',
      message: /could not start "analyse" with \[secret\]/,
    });
    assert.deepEqual(servers.knownSecrets(), ['tok-987654']);
    assert.ok(lines.length > 0);
    assert.ok(lines.every((line) => !line.text.includes('tok-987654')));
    const state = servers.get('code-analysis')?.state;
    assert.ok(state?.status === 'failed' && !state.reason.includes('tok-987654'));
  });

  it('keeps the state of a server whose definition has not changed, and forgets the others', async () => {
    write({ same: { command: 'same' }, other: { command: 'one' }, gone: { command: 'x' } });
    const servers = create();
    await servers.reload();
    await assert.rejects(servers.start('same', never));
    await assert.rejects(servers.start('other', never));
    const changed: (ServerId | undefined)[] = [];
    servers.onChange((id) => changed.push(id));
    writeFileSync(
      join(root, '.vscode', 'mcp.json'),
      '{"servers": {\n\n "other": {"command": "two"},\n "same": {"command": "same"}}}',
    );
    await servers.reload();
    assert.deepEqual(
      servers.list().map(({ definition, state }) => [definition.id, state.status]),
      [
        ['code-analysis', 'stopped'],
        ['other', 'stopped'],
        ['same', 'failed'],
      ],
    );
    assert.equal(servers.get('same')?.definition.range?.line, 4);
    assert.deepEqual(changed, [undefined]);
  });

  it('tells of what is wrong with a file, until it is right', async () => {
    write({ broken: {}, fine: { command: 'run' } });
    const servers = create();
    await servers.reload();
    assert.deepEqual(
      servers.problems().map(({ code }) => code),
      ['missing-command'],
    );
    assert.equal(servers.get('fine')?.state.status, 'stopped');
    write({ fine: { command: 'run' } });
    await servers.reload();
    assert.deepEqual(servers.problems(), []);
  });

  it('names the nearest server when there is none of that name', async () => {
    const servers = create();
    await assert.rejects(servers.start('code-analisys', never), {
      code: 'TOOL_NOT_FOUND',
      message: 'there is no server "code-analisys"; did you mean "code-analysis"?',
    });
  });
});
