/** One VS Code window under Playwright's hands, as a user has it: the VSIX installed, no tests path, real dialogs. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { launchBrowser } from './chromium.ts';
import { type EditionName, ensureEdition, type InstalledEdition } from './editions.ts';
import { screenshots, vsixFile } from './paths.ts';
import { temporaryFolder, within } from './processes.ts';
import { type Settings, type Theme, themeSettings, themes, writeSettings } from './user-settings.ts';
import { installVsix, startVsCodeServer, type VsCodeServer } from './vscode-server.ts';

export interface WorkbenchOptions {
  /** Absolute; opened as the workspace. */
  readonly folder: string;
  /** Default: '1.139'. */
  readonly edition?: EditionName;
  /** Absolute path of the packaged extension. Default: the one that `npm run package` makes. */
  readonly vsix?: string;
  /** Default: 'dark'. */
  readonly theme?: Theme;
  /** User settings besides the theme. */
  readonly settings?: Settings;
  /** Whether Workspace Trust asks. Default: false. */
  readonly trust?: boolean;
  /** Added to the server's environment, which the extension host inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Pixels. Default: 1400 × 900. */
  readonly viewport?: { readonly width: number; readonly height: number };
}

export interface Workbench {
  readonly page: Page;
  readonly server: VsCodeServer;
  /** Opens the palette, types the title and runs the entry of exactly that name. */
  runCommand(title: string): Promise<void>;
  /** The inner frame of the first webview in which the selector finds something. */
  webview(selector: string, timeout?: number): Promise<Frame>;
  setTheme(theme: Theme): Promise<void>;
  /** Writes out/screenshots/NAME.png and returns its path. */
  screenshot(name: string): Promise<string>;
  /** Closes the window and its server, and removes their folders. */
  dispose(): Promise<void>;
}

export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const edition = await ensureEdition(options.edition ?? '1.139');
  const home = await temporaryFolder('e2e');
  const userDataDir = join(home.path, 'user-data');
  const closers: (() => Promise<void>)[] = [() => home.dispose()];
  const dispose = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const theme = options.theme ?? 'dark';
    await writeSettings(userDataDir, { ...options.settings, ...themeSettings(edition.name, theme) });
    const extensionsDir = await installed(edition, options.vsix ?? vsixFile);
    const server = await startServer(edition, options, { userDataDir, extensionsDir });
    closers.push(() => server.dispose());
    const browser = await launchBrowser();
    closers.push(() => browser.close());
    const page = await openPage(browser, server, options);
    await untilTheme(page, theme);
    return {
      page,
      server,
      runCommand: (title) => runCommand(page, title),
      webview: (selector, timeout) => webview(page, selector, timeout),
      setTheme: (next) => setTheme(page, next),
      screenshot: (name) => screenshot(page, name),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const installations = new Map<string, Promise<string>>();

/** Installing takes seconds and changes nothing from window to window: once per process, which removes it at its end. */
function installed(edition: InstalledEdition, vsix: string): Promise<string> {
  const key = `${edition.name} ${vsix}`;
  const known = installations.get(key) ?? install(edition, vsix);
  installations.set(key, known);
  return known;
}

async function install(edition: InstalledEdition, vsix: string): Promise<string> {
  const { path } = await temporaryFolder('extensions');
  const extensionsDir = join(path, 'extensions');
  await installVsix(edition, vsix, { extensionsDir, userDataDir: join(path, 'user-data') });
  return extensionsDir;
}

function startServer(
  edition: InstalledEdition,
  { trust, env }: WorkbenchOptions,
  folders: { readonly userDataDir: string; readonly extensionsDir: string },
): Promise<VsCodeServer> {
  return startVsCodeServer({ edition, ...folders, ...(trust && { trust }), ...(env && { env }) });
}

async function openPage(browser: Browser, server: VsCodeServer, options: WorkbenchOptions): Promise<Page> {
  const page = await browser.newPage({ viewport: options.viewport ?? { width: 1400, height: 900 } });
  await page.goto(`${server.url}/?folder=${encodeURIComponent(options.folder)}`);
  await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 30_000 });
  // Commands of extensions are in the palette only once the remote has said which extensions there are.
  await page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 30_000 });
  return page;
}

async function setTheme(page: Page, theme: Theme): Promise<void> {
  await runCommand(page, 'Preferences: Color Theme');
  const input = page.locator(quickInput);
  await input.fill(themes[theme].label);
  await quickPick(page, themes[theme].label).click();
  await input.waitFor({ state: 'hidden' });
  await untilTheme(page, theme);
}

async function untilTheme(page: Page, theme: Theme): Promise<void> {
  await page.locator(`.monaco-workbench.${themes[theme].cssClass}`).first().waitFor({ timeout: 10_000 });
}

const quickInput = '.quick-input-widget input[type=text]';

function quickPick(page: Page, label: string): Locator {
  return page
    .locator('.quick-input-list [role=option]')
    .filter({ has: page.getByText(label, { exact: true }) })
    .first();
}

/** A palette entry may be late: its extension may still be being found. So the question is asked again. */
async function runCommand(page: Page, title: string): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    await page.keyboard.press('F1');
    const input = page.locator(quickInput);
    await input.waitFor({ timeout: 5000 });
    await input.fill(`>${title}`);
    try {
      await quickPick(page, title).click({ timeout: 3000 });
      return;
    } catch {
      await page.keyboard.press('Escape');
    }
  }
  throw new Error(`the palette has no command '${title}'`);
}

async function webview(page: Page, selector: string, timeout = 20_000): Promise<Frame> {
  let over = false;
  const search = async (): Promise<Frame> => {
    while (!over) {
      for (const frame of page.frames()) {
        if (await shows(frame, selector)) return frame;
      }
      await sleep(100);
    }
    throw new Error('given up');
  };
  try {
    return await within(timeout, `a webview that shows '${selector}'`, search());
  } finally {
    over = true;
  }
}

/** A frame may be replaced while it is asked: then it does not show anything. */
async function shows(frame: Frame, selector: string): Promise<boolean> {
  if (!frame.url().includes('fake.html')) return false;
  return frame
    .locator(selector)
    .count()
    .then(
      (count) => count > 0,
      () => false,
    );
}

async function screenshot(page: Page, name: string): Promise<string> {
  await mkdir(screenshots, { recursive: true });
  const path = join(screenshots, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled' });
  return path;
}
