/** *Run Tool…* as a person uses it: tool, arguments, and the reply as a read-only document. */
import { openSample, openSidebar, type SampleWindow, textOf } from './kit.ts';

describe('running a tool', function () {
  this.timeout(90_000);
  let window: SampleWindow;

  before(async () => {
    window = await openSample({ theme: 'light' });
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
