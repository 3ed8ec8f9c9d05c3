/** The same in-host suite on VS Code's desktop edition, where it can be downloaded and there is a screen to open it on. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { editions } from './editions.ts';
import type { HostRun } from './host-run.ts';
import { root } from './paths.ts';
import { writeSettings } from './user-settings.ts';

const downloadHost = 'https://update.code.visualstudio.com/api/releases/stable';
/** Set to `desktop` or `server` to say which edition the in-host suite runs on; otherwise reach decides. */
const choiceVariable = 'MCP_CONDUCTOR_TEST_VSCODE';

let reachable: Promise<boolean> | undefined;

/** Asked once per process; an unreachable host costs at most 2 s. */
export function desktopIsReachable(): Promise<boolean> {
  reachable ??= probe();
  return reachable;
}

async function probe(): Promise<boolean> {
  const choice = process.env[choiceVariable];
  if (choice) return choice === 'desktop';
  const hasScreen = process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  if (!hasScreen) return false;
  try {
    return (await fetch(downloadHost, { method: 'HEAD', signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

export async function runOnDesktop(run: HostRun): Promise<number> {
  const userDataDir = join(run.folder, 'user-data');
  await writeSettings(userDataDir, {});
  const log = createWriteStream(run.logFile);
  try {
    return await runTests({
      // code-server 4.x.y carries VS Code 1.x.y.
      version: editions[run.edition].version.replace(/^4/, '1'),
      cachePath: join(root, '.vscode-test'),
      extensionDevelopmentPath: run.extensionPath ?? root,
      extensionTestsPath: run.suitePath,
      extensionTestsEnv: run.env,
      launchArgs: [
        run.workspaceFolder,
        `--user-data-dir=${userDataDir}`,
        `--extensions-dir=${join(run.folder, 'extensions')}`,
        '--disable-workspace-trust',
        '--disable-telemetry',
      ],
      stdout: log,
      stderr: log,
    });
  } finally {
    log.end();
  }
}
