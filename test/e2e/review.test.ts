/** The main job as a person does it: the packaged extension in a real VS Code, reviewed, filtered, clicked, looked at. */
import assert from 'node:assert/strict';
import type { Frame } from 'playwright-core';
import type { ReviewPanelState } from '../../src/contracts/review-panel.ts';
import type { Theme } from '../harness/user-settings.ts';
import {
  assertAccessible,
  expectNotification,
  openSample,
  openSidebar,
  type SampleWindow,
  textOf,
  viewRow,
} from './kit.ts';

const TABS = ['findings', 'actions', 'recommendations', 'metrics', 'dependencies', 'documentation', 'steps'] as const;

describe('reviewing a repository', function () {
  this.timeout(120_000);
  let window: SampleWindow;
  let report: Frame;
  /** What the panel's content security policy refused. */
  const refused: string[] = [];
  const settle = (): Promise<void> => window.page.waitForTimeout(250);
  const rows = (): Promise<number> => report.locator('.group .row').count();
  const tab = async (id: (typeof TABS)[number]): Promise<void> => {
    await report.locator(`#tab-${id}`).click();
    await settle();
  };

  before(async () => {
    window = await openSample({ theme: 'dark' });
    window.page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) refused.push(message.text());
    });
  });
  after(() => window?.dispose());

  it('shows the servers, and what is wrong with mcp.json', async () => {
    await openSidebar(window);
    for (const text of ['code-analysis', 'security-scanner', 'crasher', 'mcp.json:7'])
      await viewRow(window, text).waitFor();
    await window.screenshot('sidebar');
  });

  it('says in its row why a server cannot be started', async () => {
    await viewRow(window, 'crasher').hover();
    await viewRow(window, 'crasher').getByRole('button', { name: 'Start Server' }).click();
    await viewRow(window, /crasher.*failed/).waitFor({ timeout: 20_000 });
    await expectNotification(window, 'crasher could not be started', 'server-failed');
  });

  it('runs from the palette and ends in a report', async () => {
    await window.runCommand('MCP Conductor: Review Current Repository');
    await window.webview('.steps');
    await window.screenshot('review-running');
    report = await window.webview('.tabs', 60_000);
    await settle();
    assert.ok((await rows()) > 3, 'there are findings');
    assert.match(await textOf(report.locator('.status')), /Finished in/);
    await viewRow(window, /shop.*succeeded/).waitFor();
    await window.screenshot('review-dark');
  });

  it('counts no severity that was left out', async () => {
    const low = report.locator('.severities .figure').filter({ hasText: 'Low' });
    assert.equal(await textOf(low.locator('dd')), 'left out');
  });

  it('fills every tab, readable for everyone', async () => {
    for (const id of TABS) {
      await tab(id);
      assert.equal(await report.locator('.tab-panel .empty').count(), 0, `${id} is not empty`);
      await window.screenshot(`review-tab-${id}`);
      await assertAccessible(report, id);
    }
    await tab('findings');
  });

  it('filters by severity, kind and text, and groups by file', async () => {
    const all = await rows();
    await report.locator('.search input').fill('settings.py');
    await settle();
    const matching = await rows();
    assert.ok(matching > 0 && matching < all, `${matching} of ${all}`);
    await report.locator('.search input').fill('');
    await report.locator('.select select').first().selectOption('secret');
    await settle();
    assert.ok((await report.locator('.group .row').allInnerTexts()).every((text) => text.includes('secret/')));
    await report.locator('.select select').first().selectOption('all');
    await report.locator('.chip').first().click();
    await report.locator('.select select').nth(1).selectOption('file');
    await settle();
    assert.ok((await rows()) < all);
    await window.screenshot('review-filtered');
    await report.locator('.chip').first().click();
    await report.locator('.select select').nth(1).selectOption('severity');
    await settle();
    assert.equal(await rows(), all);
  });

  it('opens the editor at the line of a finding', async () => {
    const link = report.locator('.group .row .place').filter({ hasText: 'customers.js' }).first();
    const line = /:(\d+)$/.exec(await textOf(link))?.[1];
    await link.click();
    await window.page.locator('.tab.active').filter({ hasText: 'customers.js' }).waitFor();
    await window.page.locator('.statusbar').getByText(`Ln ${line},`).waitFor();
    await window.screenshot('review-opened');
    await window.runCommand('View: Close Editor');
  });

  it('is accessible and readable in every theme', async () => {
    for (const theme of ['light', 'high-contrast', 'high-contrast-light', 'dark'] satisfies Theme[]) {
      await window.setTheme(theme);
      await settle();
      await window.screenshot(`review-${theme}`);
      await assertAccessible(report, theme);
    }
  });

  it('can be walked through with the keyboard alone', async () => {
    await report.locator('#tab-findings').focus();
    await window.page.keyboard.press('ArrowRight');
    assert.equal(await report.locator('[role=tab][aria-selected=true]').getAttribute('id'), 'tab-actions');
    await window.page.keyboard.press('Home');
    assert.equal(await report.locator('[role=tab][aria-selected=true]').getAttribute('id'), 'tab-findings');
    await window.page.keyboard.press('Tab');
    await window.page.keyboard.press('Space');
    assert.equal(await report.locator('.chip').first().getAttribute('aria-pressed'), 'false');
    await window.page.keyboard.press('Space');
    await report.locator('.group-title').first().focus();
    await window.page.keyboard.press('Enter');
    assert.equal(await report.locator('.group-title').first().getAttribute('aria-expanded'), 'false');
    await window.page.keyboard.press('Enter');
  });

  it('fits a width of 400 pixels', async () => {
    await window.runCommand('View: Toggle Primary Side Bar Visibility');
    await window.page.setViewportSize({ width: 460, height: 900 });
    await settle();
    const width = await report.evaluate('[document.documentElement.scrollWidth, document.documentElement.clientWidth]');
    assert.ok(Array.isArray(width) && width[0] <= width[1], `nothing sticks out: ${String(width)}`);
    await window.screenshot('review-narrow');
    await report.locator('.group .row').first().scrollIntoViewIfNeeded();
    await window.screenshot('review-narrow-findings');
    await window.page.setViewportSize({ width: 1400, height: 900 });
  });

  it('asks for nothing that its content security policy refuses', () => {
    assert.deepEqual(refused, []);
  });

  it('comes back after a reload', async () => {
    const before = await textOf(report.locator('.tab-count').first());
    await window.page.reload();
    report = await window.webview('.tabs', 60_000);
    assert.equal(await textOf(report.locator('.tab-count').first()), before);
    await report.evaluate('document.fonts.ready.then(() => undefined)');
    // The editor remembers a sidebar that was hidden, when it found the time to write it down before the reload.
    if (!(await window.page.locator('.part.sidebar').isVisible())) await openSidebar(window);
    await viewRow(window, /shop.*succeeded/).waitFor();
    await window.screenshot('review-restored');
  });

  it('shows a cancelled review as no result, and what was left out on purpose without alarm', async () => {
    await report.evaluate(`document.querySelector('review-panel').show(${JSON.stringify(cancelled(window.folder))})`);
    await report.locator('.status-cancelled').waitFor();
    for (const id of ['findings', 'actions', 'recommendations'] as const) {
      await tab(id);
      assert.match(await textOf(report.locator(`#tab-${id}`)), /(cancelled|skipped)$/);
      assert.match(await textOf(report.locator('.tab-panel .empty')), /nothing is known/);
    }
    await report.locator('.notes summary').click();
    assert.match(await textOf(report.locator('.notes li')), /big\.json/);
    await assertAccessible(report, 'cancelled');
    await window.screenshot('review-cancelled');
    await tab('metrics');
    await report.locator('.partial a').filter({ hasText: 'src/odd.c' }).waitFor();
    await window.screenshot('review-partial');
    await window.setTheme('light');
    await settle();
    await assertAccessible(report, 'cancelled, light');
    await window.screenshot('review-partial-light');
  });
});

/** What the panel is sent of a review that was cancelled between its analyses and what is made of them. */
function cancelled(folder: string): ReviewPanelState {
  const steps = [
    { id: 'retrieve', status: 'succeeded', durationMs: 20 },
    { id: 'static', status: 'cancelled', durationMs: 10 },
    { id: 'actions', status: 'skipped', durationMs: 0 },
    { id: 'recommendations', status: 'skipped', durationMs: 0 },
  ] as const;
  const languages = { c: { files: 2, lines: 3990 }, python: { files: 1, lines: 1 } };
  return {
    runId: 'cancelled',
    title: 'Review of shop',
    status: 'cancelled',
    steps: steps.map((step) => ({ ...step, label: step.id })),
    durationMs: 30,
    report: {
      version: 1,
      complete: false,
      root: folder,
      source: folder,
      runId: 'cancelled',
      findings: [],
      metrics: { files: 3, lines: 3991, languages, functions: [] },
      partial: ['src/odd.c'],
      dependencies: [],
      documentation: null,
      recommendations: [],
      actionItems: [],
      steps,
      severity: 'medium',
      notes: ['data/big.json: over the size limit of 1 MB'],
      problems: ['Static analysis: cancelled'],
    },
  };
}
