/** What `${config:…}` and `${command:…}` in an `mcp.json` mean in this editor. */
import * as vscode from 'vscode';
import type { VariableSource } from '../../contracts/index.ts';

export const vscodeVariables: VariableSource = {
  config(key) {
    const value: unknown = vscode.workspace.getConfiguration().get(key);
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  },
  async command(id) {
    const value: unknown = await vscode.commands.executeCommand(id);
    return typeof value === 'string' ? value : undefined;
  },
};
