/** What the end-to-end suites share: a sample workspace, a window on it, and axe-core on a frame of that window. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Frame, Locator } from 'playwright-core';
import { writeSampleRepository } from '../fixtures/sample-repository.ts';
import { temporaryFolder } from '../harness/processes.ts';
import { openWorkbench, type Workbench, type WorkbenchOptions } from '../harness/workbench.ts';

export interface SampleWindow extends Workbench {
  readonly folder: string;
}

export interface SampleOptions extends Omit<WorkbenchOptions, 'folder'> {
  /** The person's own `config.yaml`. */
  readonly config?: string;
}

/** A window on a fresh sample repository, with a state folder of its own. */
export async function openSample(options: SampleOptions = {}): Promise<SampleWindow> {
  const home = await temporaryFolder('sample');
  if (options.config !== undefined) {
    const place = join(home.path, 'config', 'mcp-conductor');
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'config.yaml'), options.config);
  }
  const folder = join(home.path, 'shop');
  await writeSampleRepository(folder);
  const workbench = await openWorkbench({
    ...options,
    folder,
    env: { ...options.env, XDG_DATA_HOME: join(home.path, 'state'), XDG_CONFIG_HOME: join(home.path, 'config') },
  });
  return {
    ...workbench,
    folder,
    dispose: async () => {
      await workbench.dispose();
      await home.dispose();
    },
  };
}

export async function openSidebar({ page }: Workbench): Promise<void> {
  await page.locator('.activitybar [aria-label^="MCP Conductor"]').first().click();
  await page.locator('.sidebar').getByText('Servers', { exact: true }).waitFor();
}

/** The row of a view in the sidebar whose accessible name or text begins like this. */
export function viewRow({ page }: Workbench, text: string | RegExp): Locator {
  return page.locator('.sidebar .monaco-list-row').filter({ hasText: text }).first();
}

/** Opens what was notified, checks that it is said, with its button, and clears it: the smoke test driver hides toasts. */
export async function expectNotification(
  workbench: Workbench,
  text: string,
  screenshot: string,
  button?: string,
): Promise<void> {
  await workbench.runCommand('Notifications: Show Notifications');
  const center = workbench.page.locator('.notifications-center');
  await center.getByText(text).first().waitFor();
  if (button !== undefined) await center.getByRole('button', { name: button }).waitFor();
  await workbench.screenshot(screenshot);
  await workbench.runCommand('Notifications: Clear All Notifications');
}

export async function textOf(locator: Locator): Promise<string> {
  return ((await locator.textContent()) ?? '').trim();
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly any: readonly { readonly message: string }[] }[];
  }[];
}

/** Fails on any violation that axe-core calls serious or critical. */
export async function assertAccessible(frame: Frame, what: string): Promise<void> {
  await frame.evaluate(axe.source);
  const result = (await frame.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResult;
  const bad = result.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const text = bad.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes
        .slice(0, 5)
        .map(
          ({ html, any }) => `    ${html.replaceAll(/<!--.*?-->/g, '').slice(0, 200)}\n      ${any[0]?.message ?? ''}`,
        )
        .join('\n')}`,
  );
  assert.equal(bad.length, 0, `${what}:\n${text.join('\n')}`);
}
