/** Which folder a command is about: the only one, or the one the person picks. */
import * as vscode from 'vscode';

export async function pickFolder(placeHolder: string): Promise<string | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const [only] = folders;
  if (only === undefined) {
    await vscode.window.showWarningMessage('There is no folder to review: open one first.');
    return undefined;
  }
  if (folders.length === 1) return only.uri.fsPath;
  const picked = await vscode.window.showWorkspaceFolderPick({ placeHolder });
  return picked?.uri.fsPath;
}
