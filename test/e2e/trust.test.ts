/** Workspace Trust: nothing starts before it is given, the views say why, and afterwards all works without a reload. */
import assert from 'node:assert/strict';
import { expectNotification, openSample, openSidebar, type SampleWindow, viewRow } from './kit.ts';

describe('a workspace that is not trusted', function () {
  this.timeout(90_000);
  let window: SampleWindow;

  before(async () => {
    window = await openSample({ trust: true });
  });
  after(() => window?.dispose());

  it('starts nothing, and the views say why', async () => {
    await openSidebar(window);
    await window.page.locator('.sidebar').getByText('no server is started').waitFor();
    await window.page.locator('.sidebar').getByText('nothing can be run in it').waitFor();
    assert.equal(await window.page.locator('.sidebar .monaco-list-row').count(), 0);
    await window.screenshot('untrusted');
  });

  it('says so when a review is asked for', async () => {
    await window.runCommand('MCP Conductor: Review Current Repository');
    await expectNotification(window, 'needs a trusted workspace', 'untrusted-review');
  });

  it('shows its servers as soon as trust is given', async () => {
    await window.page.locator('.sidebar').getByRole('button', { name: 'Manage Workspace Trust' }).first().click();
    await window.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: 'Trust', exact: true })
      .first()
      .click();
    await viewRow(window, 'code-analysis').waitFor();
    await window.page.keyboard.press('Escape');
    await window.screenshot('trusted');
  });
});
