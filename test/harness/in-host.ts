/** Runs a suite inside a real extension host: VS Code's server edition in Chromium, or the desktop where it can be had. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from './chromium.ts';
import { type EditionName, ensureEdition } from './editions.ts';
import { failed, parseResults, type Results, resultsVariable } from './mocha-results.ts';
import { root } from './paths.ts';
import { temporaryFolder, within } from './processes.ts';
import { startVsCodeServer } from './vscode-server.ts';

export interface InHostOptions {
  readonly edition: EditionName;
  /** Absolute; opened as the workspace. */
  readonly workspaceFolder: string;
  /** Absolute path of a CommonJS file that exports `run()`. */
  readonly suitePath: string;
  /** Absolute path of the extension under test. Default: this repository. */
  readonly extensionPath?: string;
  /** Milliseconds for everything. Default: 120,000. */
  readonly timeout?: number;
  /** Receives what the suite prints. Default: stdout. */
  readonly print?: (line: string) => void;
}

/** The suite's results; whatever keeps it from reporting is itself a failure. */
export async function runInHost(options: InHostOptions): Promise<Results> {
  const folder = await temporaryFolder(`host-${options.edition}`);
  const resultsFile = join(folder.path, 'results.json');
  try {
    const code = await within(
      options.timeout ?? 120_000,
      `the in-host suite on VS Code ${options.edition}`,
      runOnServer(options, folder.path, resultsFile),
    );
    return await readResults(options, resultsFile, code);
  } finally {
    await folder.dispose();
  }
}

async function readResults({ edition }: InHostOptions, file: string, code: number): Promise<Results> {
  const what = `the in-host suite on VS Code ${edition}`;
  if (!existsSync(file)) return failed(what, `ended with exit code ${code} and left no results`);
  const results = parseResults(await readFile(file, 'utf8'));
  return code !== 0 && results.failures.length === 0 ? failed(what, `ended with exit code ${code}`) : results;
}

async function runOnServer(options: InHostOptions, folder: string, resultsFile: string): Promise<number> {
  const edition = await ensureEdition(options.edition);
  const server = await startVsCodeServer({
    edition,
    extensionsDir: join(folder, 'extensions'),
    userDataDir: join(folder, 'user-data'),
    env: { [resultsVariable]: resultsFile },
  });
  try {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      const exit = automation(page, options.print ?? ((line) => process.stdout.write(`${line}\n`)));
      const code = await exit;
      await page.goto(windowUrl(server.url, options));
      return await code.promise;
    } finally {
      await browser.close();
    }
  } finally {
    await server.dispose();
  }
}

/** The two functions through which VS Code in a browser reports to whoever drives it. */
async function automation(page: Page, print: (line: string) => void): Promise<{ readonly promise: Promise<number> }> {
  const { promise, resolve } = Promise.withResolvers<number>();
  await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
    print(args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' '));
  });
  await page.exposeFunction('codeAutomationExit', (code: number) => resolve(code));
  page.once('crash', () => resolve(1));
  return { promise };
}

/** Absolute paths reach the server's own extension host only as `vscode-remote` addresses. */
function windowUrl(base: string, { workspaceFolder, suitePath, extensionPath = root }: InHostOptions): string {
  const remote = (path: string): string => `vscode-remote://${new URL(base).host}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(extensionPath)],
    ['extensionTestsPath', remote(suitePath)],
  ];
  return `${base}/?folder=${encodeURIComponent(workspaceFolder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}
