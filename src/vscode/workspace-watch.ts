/** What changes around the engine: trust is granted, folders come and go, an `mcp.json` is written. */
import * as vscode from 'vscode';
import { type Disposable, disposable } from '../base/disposables.ts';
import { background } from './background.ts';
import type { Parts } from './parts.ts';

/** Milliseconds of quiet after a write before the file is read: editors write in several steps. */
const QUIET_MS = 200;

export function watchWorkspace(parts: Parts): Disposable {
  let pending: Disposable | undefined;
  const refresh = (): void => {
    parts.servers.refresh();
    parts.runs.refresh();
  };
  const reload = async (): Promise<void> => {
    await parts.engine.current?.servers.reload();
    parts.servers.refresh();
  };
  const reloadSoon = (): void => {
    pending?.dispose();
    pending = parts.clock.schedule(QUIET_MS, () => background(reload(), 'reading mcp.json', parts.log));
  };
  const replaceEngine = async (): Promise<void> => {
    await parts.engine.reset();
    refresh();
  };
  const files = vscode.workspace.createFileSystemWatcher('**/.vscode/mcp.json');
  const subscriptions = [
    files,
    files.onDidChange(reloadSoon),
    files.onDidCreate(reloadSoon),
    files.onDidDelete(reloadSoon),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      reloadSoon();
      refresh();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => background(replaceEngine(), 'change of folders', parts.log)),
  ];
  return disposable(() => {
    pending?.dispose();
    for (const subscription of subscriptions) subscription.dispose();
  });
}
