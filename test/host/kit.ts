/** What the in-host suites share: the extension, its sample workspace, and waiting for something to become true. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ConductorApi } from '../../src/vscode/extension.ts';
import { writeSampleRepository } from '../fixtures/sample-repository.ts';

/** Each test file is a bundle of its own: what one leaves for another goes through the process. */
interface HostState {
  readonly handles: readonly string[];
  readonly children: readonly string[];
  prepared?: Promise<void>;
}
const shared = globalThis as typeof globalThis & { mcpConductorHost?: HostState };
shared.mcpConductorHost ??= { handles: process.getActiveResourcesInfo(), children: children() };
const host = shared.mcpConductorHost;

/** What kept the extension host alive, and its children, before the extension was activated. */
export const handlesBefore: readonly string[] = host.handles;
export const childrenBefore: readonly string[] = host.children;

/** Children of this process by `/proc`, as `PID command line`; where there is no `/proc`, handles alone have to tell. */
export function children(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && parentOf(pid) === process.pid)
    .map((pid) => `${pid} ${procFile(pid, 'cmdline').replaceAll('\0', ' ').slice(0, 200)}`);
}

function parentOf(pid: string): number {
  return Number(/^\d+ \(.*\) \S (\d+)/s.exec(procFile(pid, 'stat'))?.[1]);
}

/** A process may end while it is looked at. */
function procFile(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

export function extension(): vscode.Extension<ConductorApi> {
  const found = vscode.extensions.getExtension<ConductorApi>('mcp-conductor.mcp-conductor');
  assert.ok(found, 'the extension is installed');
  return found;
}

export function workspaceFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  assert.ok(folder, 'a folder is open');
  return folder;
}

/** Fills the workspace once, and gives the engine a state folder of its own, before the extension is activated. */
export function prepareWorkspace(): Promise<void> {
  host.prepared ??= prepare();
  return host.prepared;
}

async function prepare(): Promise<void> {
  const folder = workspaceFolder();
  const temporary = realpathSync(tmpdir());
  assert.ok(
    realpathSync(folder).startsWith(temporary),
    `the suite writes into its workspace, so it has to lie in ${temporary}: ${folder}`,
  );
  process.env.XDG_DATA_HOME = await mkdtemp(join(temporary, 'mcp-conductor-state-'));
  process.env.XDG_CONFIG_HOME = await mkdtemp(join(temporary, 'mcp-conductor-config-'));
  await writeSampleRepository(folder);
}

/** The extension's own parts, activated and with its sample workspace. */
export async function activated(): Promise<ConductorApi> {
  await prepareWorkspace();
  return extension().activate();
}

/** Polls until `read` yields something, and fails with `what` after `ms` milliseconds. */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | false | Promise<T | undefined | false>,
  ms = 10_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`not within ${ms / 1000} s: ${what}`);
    await sleep(50);
  }
}
