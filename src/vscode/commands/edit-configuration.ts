/** *Open Configuration*: the user's own file or a folder's, made with every section explained when it is missing. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { configFiles } from '../configuration/places.ts';
import type { Parts } from '../parts.ts';

export async function editConfiguration(parts: Parts): Promise<void> {
  const [userFile = '', ...others] = configFiles(parts.configLanguage);
  const file = others.length === 0 ? userFile : await pick(userFile, others);
  if (file === undefined) return;
  const uri = vscode.Uri.file(file);
  if (!(await exists(uri))) {
    await vscode.workspace.fs.createDirectory(vscode.Uri.file(dirname(file)));
    const text = parts.configLanguage().firstText(file === userFile ? 'user' : 'workspace');
    await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  }
  await vscode.window.showTextDocument(uri, { preview: false });
}

async function pick(userFile: string, others: readonly string[]): Promise<string | undefined> {
  const mine = { label: 'My configuration', description: 'counts everywhere', file: userFile };
  const folders = others.map((file) => ({
    label: `Configuration of ${basename(dirname(dirname(file)))}`,
    description: 'counts in this folder, and may only tighten',
    file,
  }));
  const picked = await vscode.window.showQuickPick([mine, ...folders], { title: 'Open Configuration' });
  return picked?.file;
}

function exists(uri: vscode.Uri): Thenable<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
