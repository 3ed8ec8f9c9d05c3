/** The *Servers* view in a real extension host: rows, counts, errors, and the diagnostics of `mcp.json`. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { BUNDLED_SERVERS, COMMANDS } from '../../src/contracts/ids.ts';
import type { ConductorApi } from '../../src/vscode/extension.ts';
import type { ServerNode } from '../../src/vscode/trees/server-nodes.ts';
import { BAD_SERVER_LINE } from '../fixtures/sample-repository.ts';
import { activated, eventually, workspaceFolder } from './kit.ts';

describe('the Servers view', () => {
  let api: ConductorApi;
  before(async () => {
    api = await activated();
  });

  const children = (node?: ServerNode): Promise<ServerNode[]> => api.parts.servers.getChildren(node);
  const labelOf = (node: ServerNode): string => String(api.parts.servers.getTreeItem(node).label);
  const descriptionOf = (node: ServerNode): string => String(api.parts.servers.getTreeItem(node).description);
  const row = async (label: string): Promise<ServerNode> => {
    const found = (await children()).find((node) => labelOf(node) === label);
    assert.ok(found, `there is a row ${label}`);
    return found;
  };

  it('lists the bundled servers and those of mcp.json, none of them started', async () => {
    const labels = (await children()).map(labelOf);
    for (const id of [...BUNDLED_SERVERS, 'crasher']) assert.ok(labels.includes(id), `${id} in ${labels.join(', ')}`);
    for (const id of BUNDLED_SERVERS) assert.equal(descriptionOf(await row(id)), 'stopped');
  });

  it('has a row and a diagnostic for what is wrong in mcp.json, at its line', async () => {
    const label = `mcp.json:${BAD_SERVER_LINE}`;
    assert.match(descriptionOf(await row(label)), /unfinished/);
    const uri = vscode.Uri.file(join(workspaceFolder(), '.vscode', 'mcp.json'));
    const found = await eventually('a diagnostic in mcp.json', () =>
      vscode.languages.getDiagnostics(uri).find(({ source }) => source === 'MCP Conductor'),
    );
    assert.equal(found.range.start.line, BAD_SERVER_LINE - 1);
    assert.match(found.message, /unfinished/);
  });

  it('shows what a server offers once it is started, with counts', async () => {
    await vscode.commands.executeCommand(COMMANDS.startServer, 'code-analysis');
    const server = await row('code-analysis');
    assert.match(descriptionOf(server), /^ready · \d+ tools?$/);
    const tools = (await children(server)).find((node) => labelOf(node) === 'Tools');
    assert.ok(tools, 'there is a group of tools');
    const names = (await children(tools)).map(labelOf);
    assert.equal(descriptionOf(tools), String(names.length));
    assert.ok(names.includes('analyze_repository'), names.join(', '));
  });

  it('says in its row why a server could not be started', async () => {
    void vscode.commands.executeCommand(COMMANDS.startServer, 'crasher');
    const text = await eventually('the row of a server that crashes says so', async () => {
      const description = descriptionOf(await row('crasher'));
      return description.startsWith('failed: ') && description;
    });
    assert.ok(text.length > 'failed: '.length);
    assert.match(String(api.parts.servers.getTreeItem(await row('crasher')).tooltip), /Configured in .*mcp\.json/);
  });

  it('stops a server', async () => {
    await vscode.commands.executeCommand(COMMANDS.stopServer, 'code-analysis');
    assert.match(descriptionOf(await row('code-analysis')), /^stopped/);
  });
});
