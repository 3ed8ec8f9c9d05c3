/** `config.yaml` in a real extension host: made by a command, checked while it is written, completed, explained, taken over. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contracts/ids.ts';
import type { ConductorApi } from '../../src/vscode/extension.ts';
import { activated, eventually, workspaceFolder } from './kit.ts';

describe('config.yaml', () => {
  let api: ConductorApi;
  let uri: vscode.Uri;
  before(async () => {
    api = await activated();
    uri = vscode.Uri.file(join(workspaceFolder(), '.mcp-conductor', 'config.yaml'));
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.fs.delete(vscode.Uri.file(dirname(uri.fsPath)), { recursive: true });
    await eventually('the rules are gone with their folder', async () => (await denial()) === undefined);
  });

  const write = (text: string): Thenable<void> => vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  const denial = async (): Promise<string | undefined> => {
    const app = await api.parts.engine.load();
    const { signal } = new AbortController();
    const call = app.callTool('code-analysis', 'list_files', { path: workspaceFolder() }, { signal });
    return call.then(
      () => undefined,
      (error: unknown) => String(error),
    );
  };
  const problems = (): readonly string[] =>
    vscode.languages
      .getDiagnostics(uri)
      .filter(({ source }) => source === 'MCP Conductor')
      .map(({ range, message }) => `${range.start.line + 1}: ${message}`);

  it('is made with every section explained, by a command that is at hand', async () => {
    const commands = await vscode.commands.getCommands(true);
    assert.ok(commands.includes(COMMANDS.editConfiguration));
    assert.match(api.parts.configLanguage().firstText('user'), /# {3}retry: {2}# Tries transient failures again/);
  });

  it('has its mistakes at their lines, and what a workspace may not widen', async () => {
    await write('version: 1\nlayers:\n  audit: false\n  retry: { retires: 1 }\n');
    const [audit, retry] = await eventually('two diagnostics', () =>
      problems().length === 2 ? problems() : undefined,
    );
    assert.match(audit ?? '', /^3: layers\.audit: a workspace may only tighten/);
    assert.match(retry ?? '', /^4: layers\.retry: .* did you mean "retries"\?/);
  });

  it('is completed and explained', async () => {
    await write('version: 1\nlayers:\n  retry:\n    retries: 2\n    \n');
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const completed = await eventually('completion', async () => {
      const list = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        uri,
        new vscode.Position(4, 4),
      );
      const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      return labels.includes('base') ? labels : undefined;
    });
    assert.ok(completed.includes('maxWait') && !completed.includes('retries'), completed.join(', '));
    const [hover] = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      uri,
      new vscode.Position(3, 6),
    );
    const [text] = hover?.contents ?? [];
    assert.match(text instanceof vscode.MarkdownString ? text.value : String(text), /Attempts after the first/);
  });

  it('counts from the next call on when it is saved', async () => {
    await write("version: 1\npermissions:\n  - { effect: deny, tools: 'code-analysis.list_files' }\n");
    const denied = await eventually('a denial', denial);
    assert.match(denied, /denied by rule 1 of config\.yaml:3 \(workspace\)/);
  });
});
