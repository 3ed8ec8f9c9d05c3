/** Commands that only show something: logs, the place a server is configured at, fresh lists. */
import * as vscode from 'vscode';
import type { SourceRange } from '../../contracts/index.ts';
import { editorRange } from '../diagnostics/configuration.ts';
import type { Parts } from '../parts.ts';
import { isProblemNode, isServerNode } from './arguments.ts';
import { pickServer } from './pick-server.ts';

export async function showLog(parts: Parts): Promise<void> {
  parts.channels.summary.show();
  return Promise.resolve();
}

export async function showServerLog(parts: Parts, argument: unknown): Promise<void> {
  const id = await pickServer(parts, argument, { title: 'Show Server Log', none: 'There is no server.' });
  if (id !== undefined) parts.channels.server(id).show();
}

export async function openConfiguration(_parts: Parts, argument: unknown): Promise<void> {
  const range = rangeOf(argument);
  if (range === undefined) return;
  const selection = editorRange(range);
  await vscode.window.showTextDocument(vscode.Uri.file(range.file), {
    selection: new vscode.Range(selection.start, selection.start),
    preview: true,
  });
}

function rangeOf(argument: unknown): SourceRange | undefined {
  if (isProblemNode(argument)) return argument.problem.range;
  return isServerNode(argument) ? argument.server.definition.range : undefined;
}

export async function refresh(parts: Parts): Promise<void> {
  await (await parts.engine.load()).servers.reload();
  parts.servers.refresh();
  parts.runs.refresh();
}

export async function clearFindings(parts: Parts): Promise<void> {
  await parts.findings.clear();
}
