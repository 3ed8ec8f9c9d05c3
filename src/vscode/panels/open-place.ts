/** Opens a place that a report names, as long as it lies in the repository that was reviewed. */
import * as vscode from 'vscode';
import { withoutLinks } from '../text.ts';
import { placeIn } from './place.ts';

/** @param line From 1. */
export async function openInEditor(root: string, file: string, line: number): Promise<void> {
  const path = placeIn(root, file);
  if (path === undefined) {
    await vscode.window.showWarningMessage(`${withoutLinks(file)} lies outside of ${root} and is not opened.`);
    return;
  }
  const document = await openDocument(path);
  if (document === undefined) {
    await vscode.window.showWarningMessage(`${withoutLinks(file)} is not there any more, or cannot be shown as text.`);
    return;
  }
  const at = new vscode.Position(Math.min(Math.max(line - 1, 0), Math.max(document.lineCount - 1, 0)), 0);
  await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.Beside,
    selection: new vscode.Range(at, at),
    preview: true,
  });
}

async function openDocument(path: string): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  } catch {
    return undefined;
  }
}
