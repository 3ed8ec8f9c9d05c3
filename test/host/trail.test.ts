/** The audit log in a real extension host: calls are recorded, and VS Code's own secret storage is asked about them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contracts/ids.ts';
import type { ConductorApi } from '../../src/vscode/extension.ts';
import { activated, workspaceFolder } from './kit.ts';

describe('the audit log', () => {
  let api: ConductorApi;
  before(async () => {
    api = await activated();
  });

  it('holds a call, is what was written, and is compared with the secret storage', async () => {
    const app = await api.parts.engine.load();
    const { signal } = new AbortController();
    await app.callTool('code-analysis', 'list_files', { path: workspaceFolder() }, { signal });
    const check = await app.checkAudit();
    assert.deepEqual(check.faults, []);
    assert.equal(check.witness?.store, 'VS Code');
    assert.equal(check.witness.problem, undefined);
  });

  it('is verified and a credential is set by commands that are at hand', async () => {
    const commands = await vscode.commands.getCommands(true);
    assert.ok(commands.includes(COMMANDS.verifyAudit));
    assert.ok(commands.includes(COMMANDS.setCredential));
    await vscode.commands.executeCommand(COMMANDS.verifyAudit);
  });
});
