/** Where `config.yaml` files are: the user's own, and one in each folder. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { userConfigDir } from '../../node/state-dir.ts';

const WORKSPACE_CONFIG = ['.mcp-conductor', 'config.yaml'] as const;

export function userConfigFile(): string {
  return join(userConfigDir(), 'config.yaml');
}

function folderConfigFile(folder: vscode.WorkspaceFolder): string {
  return join(folder.uri.fsPath, ...WORKSPACE_CONFIG);
}

/** Those of this window, whether they exist or not; the user's own first. */
export function configFiles(): readonly string[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  return [userConfigFile(), ...folders.map(folderConfigFile)];
}

export function isConfigFile(document: vscode.TextDocument): boolean {
  return document.uri.scheme === 'file' && configFiles().includes(document.uri.fsPath);
}

/** What is in the editor goes before what is on disk; undefined for a file that is not there. */
export async function textOf(file: string): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && uri.fsPath === file);
  if (open !== undefined) return open.getText();
  try {
    return Buffer.from(await vscode.workspace.fs.readFile(vscode.Uri.file(file))).toString('utf8');
  } catch {
    // What cannot be read is told by the engine, which reads it as well.
    return undefined;
  }
}
