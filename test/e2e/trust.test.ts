/** Workspace Trust: nothing starts before it is given, the views say why, and afterwards all works without a reload. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { expectNotification, openSample, openSidebar, type SampleWindow, viewRow } from './kit.ts';

describe('a workspace that is not trusted', function () {
  this.timeout(90_000);
  let window: SampleWindow;

  before(async () => {
    window = await openSample({ trust: true });
  });
  after(() => window?.dispose());

  it('lists what is configured, says why nothing is started, and starts nothing', async () => {
    await openSidebar(window);
    await viewRow(window, 'no server is started').waitFor();
    await window.page.locator('.sidebar').getByText('nothing can be run in it').waitFor();
    for (const name of ['code-analysis', 'security-scanner', 'crasher'])
      await viewRow(window, new RegExp(`${name}.*stopped`)).waitFor();
    await viewRow(window, 'crasher').hover();
    await window.screenshot('untrusted');
    assert.equal(await viewRow(window, 'crasher').getByRole('button', { name: 'Start Server' }).count(), 0);
    assert.deepEqual(serversOf(window.folder), []);
  });

  it('says so when a review is asked for', async () => {
    await window.runCommand('MCP Conductor: Review Current Repository');
    await expectNotification(
      window,
      'A review needs a trusted workspace',
      'untrusted-review',
      'Manage Workspace Trust',
    );
    assert.deepEqual(serversOf(window.folder), []);
  });

  it('shows its servers as soon as trust is given', async () => {
    await window.page.locator('.sidebar').getByRole('button', { name: 'Manage Workspace Trust' }).first().click();
    await window.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: 'Trust', exact: true })
      .first()
      .click();
    await viewRow(window, 'no server is started').waitFor({ state: 'detached' });
    await viewRow(window, 'code-analysis').waitFor();
    await window.page.keyboard.press('Escape');
    await window.screenshot('trusted');
  });
});

/** Command lines of bundled servers that serve this folder; without `/proc`, the rows alone tell. */
function serversOf(folder: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(commandLine)
    .filter((line) => line.includes(`--root ${folder}`));
}

/** A process may end while it is looked at. */
function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
