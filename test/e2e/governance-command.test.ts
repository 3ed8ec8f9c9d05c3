/** Rules and questions on the command line, where nobody can be asked. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fakeServerDefinition, type FakeServer } from '../fixtures/fake-server/index.ts';
import { CommandLine, type Outcome } from '../harness/command-line.ts';

describe('governance on the command line', function () {
  this.timeout(30_000);
  let cli: CommandLine;
  let wiki: FakeServer;

  beforeEach(async () => {
    cli = await CommandLine.open();
    wiki = fakeServerDefinition('wiki', { tools: { delete_page: { reply: { text: 'deleted' } } } });
    const { launch } = wiki.definition;
    await writeFile(join(cli.folder, 'wiki.json'), JSON.stringify({ servers: { wiki: launch } }));
  });

  afterEach(async () => {
    await wiki.dispose();
    await cli.dispose();
  });

  const configure = async (yaml: string): Promise<void> => {
    const folder = join(cli.folder, 'config', 'mcp-conductor');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'config.yaml'), `version: 1\n${yaml}`);
  };
  const remove = (): Promise<Outcome> => cli.run(['tools', 'call', 'wiki.delete_page', '--config', 'wiki.json']);

  it("lets a person's own call pass", async () => {
    assert.deepEqual(await remove(), { code: 0, stdout: 'deleted\n', stderr: '' });
  });

  it('exits with 3 when a rule denies the call, and names the rule', async () => {
    await configure("permissions:\n  - { effect: deny, tools: '*.delete_*' }\n");
    const outcome = await remove();
    assert.equal(outcome.code, 3);
    assert.match(outcome.stderr, /wiki\.delete_page: denied by rule 1 of .*config\.yaml:3/);
    assert.deepEqual(wiki.calls(), []);
  });

  it('exits with 3 when the call would have to be asked for and nobody is there', async () => {
    await configure('permissions:\n  - { effect: ask, tools: wiki.* }\n');
    const outcome = await remove();
    assert.equal(outcome.code, 3);
    assert.deepEqual(wiki.calls(), []);
  });

  it('names the line of a rule that cannot be read, and calls nothing that it may have guarded', async () => {
    await configure('permissions:\n  - { effect: forbid, tools: wiki.* }\n');
    const outcome = await remove();
    assert.equal(outcome.code, 3);
    assert.match(outcome.stderr, /config\.yaml:3:\d+: error: permissions\.0\.effect/);
    assert.deepEqual(wiki.calls(), []);
  });
});
