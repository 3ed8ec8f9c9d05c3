/** Taking the extension down: no process, no watcher, no timer is left. The last file of the suite, by its name. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { COMMANDS } from '../../src/contracts/ids.ts';
import { activated, children, childrenBefore, eventually, handlesBefore } from './kit.ts';

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

function surplus(): string[] {
  const before = count(handlesBefore);
  return [...count(process.getActiveResourcesInfo())]
    .filter(([name, n]) => n > (before.get(name) ?? 0))
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

    await api.dispose();

    for (const pid of pids) await eventually(`process ${pid} is gone`, () => !alive(pid));
    const left = (): string[] => children().filter((child) => !childrenBefore.includes(child));
    await eventually('no child is left', () => left().length === 0, 5000).catch(() => assert.deepEqual(left(), []));
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
