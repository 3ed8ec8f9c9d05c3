/** Runs a suite inside a real extension host: VS Code's server edition in Chromium, or the desktop where it can be had. */
import { deferred } from '../../src/base/deferred.ts';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from './chromium.ts';
import { desktopIsReachable, runOnDesktop } from './desktop.ts';
import { ensureEdition } from './editions.ts';
import type { HostRun, InHostOptions } from './host-run.ts';
import { failed, outputFile, parseResults, type Results, resultsVariable } from './mocha-results.ts';
import { out, root } from './paths.ts';
import { temporaryFolder, within } from './processes.ts';
import { writeSettings } from './user-settings.ts';
import { startVsCodeServer } from './vscode-server.ts';

/** What the suite showed and what it printed; whatever keeps it from reporting is itself a failure. */
export interface InHostRun {
  readonly results: Results;
  readonly output: string;
  /** Everything that the window said, for a failure that the results do not explain. */
  readonly logFile: string;
}

export async function runInHost(options: InHostOptions): Promise<InHostRun> {
  const folder = await temporaryFolder('host');
  const what = `the in-host suite on VS Code ${options.edition}`;
  const resultsFile = join(folder.path, 'results.json');
  const workspaceFolder = join(folder.path, 'workspace');
  const logFile = join(out, 'logs', `host-${options.edition}.log`);
  const env = { [resultsVariable]: resultsFile, TMPDIR: folder.path };
  await mkdir(join(out, 'logs'), { recursive: true });
  await mkdir(workspaceFolder);
  try {
    const runner = (await desktopIsReachable()) ? runOnDesktop : await serverRunner(options);
    const work = runner({ ...options, folder: folder.path, workspaceFolder, env, logFile });
    const ended = await within(options.timeout ?? 120_000, what, work).catch((error: unknown) => String(error));
    const output = existsSync(outputFile(resultsFile)) ? await readFile(outputFile(resultsFile), 'utf8') : '';
    return { results: await readResults(what, resultsFile, ended, logFile), output, logFile };
  } finally {
    await folder.dispose();
  }
}

/** `ended` is the window's exit code, or what went wrong instead. */
async function readResults(what: string, file: string, ended: number | string, logFile: string): Promise<Results> {
  const end = typeof ended === 'number' ? `ended with exit code ${ended}` : ended;
  if (!existsSync(file)) return failed(what, `left no results: ${end} (log: ${logFile})`);
  const results = parseResults(await readFile(file, 'utf8'));
  return ended !== 0 && results.failures.length === 0 ? failed(what, `${end} (log: ${logFile})`) : results;
}

/** Installed before the clock starts: a download is no part of a test's time. */
async function serverRunner({ edition: name }: InHostOptions): Promise<(run: HostRun) => Promise<number>> {
  const edition = await ensureEdition(name);
  return async (run) => {
    const userDataDir = join(run.folder, 'user-data');
    await writeSettings(userDataDir, {});
    const server = await startVsCodeServer({
      edition,
      extensionsDir: join(run.folder, 'extensions'),
      userDataDir,
      env: run.env,
    });
    try {
      return await runInBrowser(server.url, run);
    } finally {
      await server.dispose();
    }
  };
}

async function runInBrowser(url: string, run: HostRun): Promise<number> {
  const log = createWriteStream(run.logFile);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const { exitCode } = await automation(page, (line) => log.write(`${line}\n`));
    await page.goto(windowUrl(url, run));
    return await exitCode;
  } finally {
    await browser.close();
    log.end();
  }
}

/** The two functions through which VS Code in a browser reports to whoever drives it. */
async function automation(page: Page, print: (line: string) => void): Promise<{ readonly exitCode: Promise<number> }> {
  const { promise, resolve } = deferred<number>();
  await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
    print(args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' '));
  });
  await page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
  page.once('crash', () => resolve(1));
  return { exitCode: promise };
}

/** Absolute paths reach the server's own extension host only as `vscode-remote` addresses. */
function windowUrl(base: string, { workspaceFolder, suitePath, extensionPath = root }: HostRun): string {
  const remote = (path: string): string => `vscode-remote://${new URL(base).host}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(extensionPath)],
    ['extensionTestsPath', remote(suitePath)],
  ];
  return `${base}/?folder=${encodeURIComponent(workspaceFolder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}
