/** Taking the extension down: no process, no watcher, no timer is left. The last file of the suite, by its name. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contracts/ids.ts';
import { activated, children, childrenBefore, eventually, extension, handlesBefore } from './kit.ts';

/** Handles that the editor's own work makes come and go. */
const EDITORS_OWN = new Set([
  'Timeout',
  'Immediate',
  'FSReqCallback',
  'FSReqPromise',
  'TickObject',
  'GetAddrInfoReqWrap',
  'WriteWrap',
  'ShutdownWrap',
  'SimpleWriteWrap',
  'CloseReq',
]);

function count(handles: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const handle of handles) if (!EDITORS_OWN.has(handle)) counts.set(handle, (counts.get(handle) ?? 0) + 1);
  return counts;
}

/** Children that came since: the editor starts some of its own (a language server, `ps`), with their handles. */
function newChildren(): string[] {
  return children().filter((child) => !childrenBefore.includes(child));
}

/** Ours run the extension's own files, or what the sample workspace names. */
function ours(): string[] {
  return newChildren().filter(
    (child) => child.includes(join(extension().extensionPath, 'dist')) || child.includes('--no-such-option'),
  );
}

/** Handles that are neither from before nor explained by a child of the editor's: its process and three pipes. */
function surplus(): string[] {
  const before = count(handlesBefore);
  const foreign = newChildren().length - ours().length;
  const explained: Readonly<Record<string, number>> = { ProcessWrap: foreign, PipeWrap: 4 * foreign };
  return [...count(process.getActiveResourcesInfo())]
    .filter(([name, n]) => n > (before.get(name) ?? 0) + (explained[name] ?? 0))
    .map(([name, n]) => `${n} ${name}`);
}

describe('unloading', () => {
  it('leaves no process and no live handle', async () => {
    const api = await activated();
    await vscode.commands.executeCommand(COMMANDS.startServer, 'code-analysis');
    const pids = (await api.parts.engine.load()).servers
      .list()
      .flatMap(({ state }) => (state.status === 'ready' && state.pid !== undefined ? [state.pid] : []));
    assert.ok(pids.length > 0, 'a server is running');
    assert.ok(ours().length > 0 || process.platform !== 'linux', 'it is a child of this process');

    await api.dispose();

    for (const pid of pids) await eventually(`process ${pid} is gone`, () => !alive(pid));
    await eventually('no child is left', () => ours().length === 0, 5000).catch(() => assert.deepEqual(ours(), []));
    await eventually('no handle is left', () => surplus().length === 0, 5000).catch(() =>
      assert.deepEqual(surplus(), []),
    );
  });

  it('takes its commands away', async () => {
    const commands = await vscode.commands.getCommands(true);
    assert.ok(!commands.includes(COMMANDS.reviewRepository));
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
