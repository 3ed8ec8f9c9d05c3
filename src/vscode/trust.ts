/** The one question before anything is started: is this workspace trusted? */
import * as vscode from 'vscode';

const MANAGE = 'Manage Workspace Trust';

/** True when it is; otherwise says why not and offers to change it. */
export async function requireTrust(what: string): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const choice = await vscode.window.showWarningMessage(
    `${what} needs a trusted workspace: MCP servers are programs, and none is started here until you trust this folder.`,
    MANAGE,
  );
  if (choice === MANAGE) await vscode.commands.executeCommand('workbench.trust.manage');
  return false;
}
