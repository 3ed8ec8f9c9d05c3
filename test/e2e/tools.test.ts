/** *Run Tool…* as a person uses it: tool, arguments, and the reply as a read-only document. */
import assert from 'node:assert/strict';
import { openSample, openSidebar, type SampleWindow, textOf } from './kit.ts';

describe('running a tool', function () {
  this.timeout(90_000);
  let window: SampleWindow;

  before(async () => {
    window = await openSample({
      theme: 'light',
      config: 'version: 1\npermissions:\n  - { effect: ask, tools: security-scanner.* }\n',
    });
  });
  after(() => window?.dispose());

  const pick = async (text: string): Promise<void> => {
    await window.page.locator('.quick-input-widget input[type=text]').fill(text);
    await window.page.keyboard.press('Enter');
  };

  it('asks for server, tool and arguments, and shows the reply', async () => {
    await openSidebar(window);
    await window.runCommand('MCP Conductor: Run Tool…');
    const title = window.page.locator('.quick-input-title');
    await title.filter({ hasText: 'Run Tool' }).waitFor();
    await pick('Start code-analysis');
    await title.filter({ hasText: 'Run Tool of code-analysis' }).waitFor({ timeout: 20_000 });
    await window.screenshot('tool-pick');
    await pick('list_files');
    await title.filter({ hasText: /list_files \(1\// }).waitFor();
    await window.screenshot('tool-argument');
    await answerAll(window, { path: window.folder });
    const tab = window.page.locator('.tab.active').filter({ hasText: 'code-analysis.list_files.json' });
    await tab.waitFor({ timeout: 30_000 });
    await window.page.locator('.view-lines').getByText('customers.js').first().waitFor();
    await window.screenshot('tool-reply');
    await window.page.keyboard.type('x');
    await window.page.getByText('Cannot edit in read-only editor').first().waitFor();
  });

  it('takes the name of a tool whose server is ready', async () => {
    await window.runCommand('MCP Conductor: Run Tool…');
    const list = window.page.locator('.quick-input-list');
    await list.getByText('code-analysis.list_files').waitFor();
    await list.getByText('Start security-scanner').waitFor();
    await window.screenshot('tool-pick-any');
    await pick('list_files');
    await window.page
      .locator('.quick-input-title')
      .filter({ hasText: /list_files \(1\// })
      .waitFor();
    await window.page.keyboard.press('Escape');
  });

  it('asks in a dialog where a rule says so, remembers the yes, and asks again once it is revoked', async () => {
    const { page } = window;
    const dialog = page.locator('.monaco-dialog-box');
    const scan = async (isRunning: boolean): Promise<void> => {
      await window.runCommand('MCP Conductor: Run Tool…');
      const title = page.locator('.quick-input-title');
      await title.filter({ hasText: 'Run Tool' }).waitFor();
      if (!isRunning) {
        await pick('Start security-scanner');
        await title.filter({ hasText: 'Run Tool of security-scanner' }).waitFor({ timeout: 20_000 });
      }
      await pick('scan_repository');
      await title.filter({ hasText: /scan_repository \(1\// }).waitFor();
      await answerAll(window, { path: window.folder });
    };
    const tab = page.locator('.tab').filter({ hasText: 'security-scanner.scan_repository' });
    await scan(false);
    await dialog.getByText('a person wants to run security-scanner.scan_repository').waitFor();
    const shown = await dialog.innerText();
    for (const text of [
      /Risk: medium/,
      /Goes to: a program on this machine/,
      /Asked by: person local/,
      /"scan_types": /,
    ]) {
      assert.match(shown, text);
    }
    await window.screenshot('approval-dialog');
    await dialog.getByRole('button', { name: 'Approve in This Workspace' }).click();
    await tab.first().waitFor({ timeout: 30_000 });
    await window.runCommand('View: Close All Editors');
    await window.runCommand('MCP Conductor: Revoke Approval…');
    await page.locator('.quick-input-list').getByText('security-scanner.scan_repository').waitFor();
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await scan(true);
    await dialog.getByText('a person wants to run').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });
});

/** Types what is known by the property's name and leaves the rest as it is. */
async function answerAll(window: SampleWindow, values: Readonly<Record<string, string>>): Promise<void> {
  const title = window.page.locator('.quick-input-title');
  for (;;) {
    const text = await textOf(title);
    const [, at, of] = /\((\d+)\/(\d+)\)$/.exec(text) ?? [];
    const message = await window.page
      .locator('.quick-input-message, .quick-input-widget input[type=text]')
      .allInnerTexts();
    const known = Object.entries(values).find(([name]) => message.join(' ').startsWith(name));
    if (known !== undefined) await window.page.locator('.quick-input-widget input[type=text]').fill(known[1]);
    await window.page.keyboard.press('Enter');
    if (at === of) return;
    await title.filter({ hasText: `(${Number(at) + 1}/${of})` }).waitFor();
  }
}
