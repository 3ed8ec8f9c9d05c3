/** Where `config.yaml` files are: the user's own, and one in each folder. */
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import type { ConfigLanguage } from './language-loader.ts';

const WORKSPACE_CONFIG = ['.mcp-conductor', 'config.yaml'] as const;

function folderConfigFile(folder: vscode.WorkspaceFolder): string {
  return join(folder.uri.fsPath, ...WORKSPACE_CONFIG);
}

/** Those of this window, whether they exist or not; the user's own first. */
export function configFiles(language: () => ConfigLanguage): readonly string[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  return [language().userConfigFile(), ...folders.map(folderConfigFile)];
}

/** Nothing is loaded for files of other names. */
export function isConfigFile(document: vscode.TextDocument, language: () => ConfigLanguage): boolean {
  const { scheme, fsPath } = document.uri;
  return scheme === 'file' && basename(fsPath) === 'config.yaml' && configFiles(language).includes(fsPath);
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
