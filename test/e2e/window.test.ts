/** The packaged extension in a window as a user has it: installed, found in the palette, awake when asked. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { writeSampleRepository } from '../fixtures/sample-repository.ts';
import { type TemporaryFolder, temporaryFolder } from '../harness/processes.ts';
import { openWorkbench, type Workbench } from '../harness/workbench.ts';

describe('the packaged extension', function () {
  this.timeout(60_000);
  let folder: TemporaryFolder;
  let workbench: Workbench;

  before(async () => {
    folder = await temporaryFolder('workspace');
    await writeSampleRepository(folder.path);
    workbench = await openWorkbench({
      folder: folder.path,
      env: { XDG_DATA_HOME: join(folder.path, '.state'), XDG_CONFIG_HOME: join(folder.path, '.config') },
    });
  });

  after(async () => {
    await workbench?.dispose();
    await folder?.dispose();
  });

  it('lists its commands in the palette', async () => {
    await workbench.page.keyboard.press('F1');
    await workbench.page.locator('.quick-input-widget input[type=text]').fill('>MCP Conductor: Review Current');
    const entry = workbench.page.locator('.quick-input-list').getByText('MCP Conductor: Review Current Repository');
    await entry.waitFor();
    assert.ok(await entry.isVisible());
    await workbench.page.keyboard.press('Escape');
  });
});
