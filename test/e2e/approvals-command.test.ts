/** A call that needs a yes, on a command line where nobody can be asked: parked, decided elsewhere, made once. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fakeServerDefinition, type FakeServer } from '../fixtures/fake-server/index.ts';
import { writeSampleRepository } from '../fixtures/sample-repository.ts';
import { CommandLine, type Outcome } from '../harness/command-line.ts';

interface Listed {
  readonly pending: readonly { readonly id: string; readonly request: { readonly args: unknown } }[];
  readonly decided: readonly { readonly id: string }[];
  readonly grants: readonly { readonly id: string; readonly scope: string; readonly reach: string }[];
}

describe('approvals on the command line', function () {
  this.timeout(60_000);
  let cli: CommandLine;
  let wiki: FakeServer;

  beforeEach(async () => {
    cli = await CommandLine.open();
    wiki = fakeServerDefinition('wiki', {
      tools: {
        delete_page: { description: 'Deletes a page.', reply: { text: 'deleted' } },
        move_page: { reply: { text: 'moved' } },
      },
    });
    await configure(
      'permissions:\n  - { effect: ask, tools: wiki.* }\ntools:\n  wiki.delete_page: { risk: high, affects: [the wiki, its readers] }\n',
    );
    await offer(wiki);
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
  const offer = ({ definition }: FakeServer): Promise<void> =>
    writeFile(join(cli.folder, 'wiki.json'), JSON.stringify({ servers: { wiki: definition.launch } }));
  const call = (tool: string, page = 'home'): Promise<Outcome> =>
    cli.run(['tools', 'call', `wiki.${tool}`, '--arg', `page=${page}`, '--config', 'wiki.json']);
  const approvals = (...args: readonly string[]): Promise<Outcome> => cli.run(['approvals', ...args]);
  const listed = async (): Promise<Listed> => JSON.parse((await approvals('list', '--json')).stdout) as Listed;
  const onlyPending = async (): Promise<string> => {
    const { pending } = await listed();
    assert.equal(pending.length, 1);
    return pending[0]?.id ?? '';
  };
  const called = (): readonly string[] => wiki.calls().map(({ tool }) => tool);

  it('parks the call, shows all that it is about, and lets it through once after a yes', async () => {
    const page = 'home\u202egpj.exe\u200b';
    const parked = await call('delete_page', page);
    assert.equal(parked.code, 3);
    assert.match(
      parked.stderr,
      /wiki\.delete_page is parked until somebody decides about approval [\w-]+ \[APPROVAL_EXPIRED\]/,
    );
    assert.match(parked.stderr, /mcp-conductor approvals list\n.*mcp-conductor approvals decide ID allow\|deny/);
    const id = await onlyPending();

    const list = await approvals('list');
    assert.equal(list.code, 0);
    assert.match(list.stdout, new RegExp(`${id} {2}a person wants to run wiki\\.delete_page`));
    for (const line of [
      /Risk: high \(.*rule 1 of .*config\.yaml:3.*your policy calls its risk high\)/,
      /Affects: the wiki, its readers/,
      /Goes to: a program on this machine: /,
      /Asked by: person local/,
      /Time left: 59 min/,
      /"page": "home\\u\{202e\}gpj\.exe\\u\{200b\}"/,
    ]) {
      assert.match(list.stdout, line);
    }
    assert.deepEqual((await listed()).pending[0]?.request.args, { page });

    const decided = await approvals('decide', id, 'allow');
    assert.deepEqual([decided.code, decided.stdout], [0, 'wiki.delete_page is allowed (once). Run the same again.\n']);
    assert.deepEqual(called(), []);
    assert.deepEqual(await call('delete_page', page), { code: 0, stdout: 'deleted\n', stderr: '' });
    assert.equal((await call('delete_page', page)).code, 3, 'a yes for once is used up');
    assert.deepEqual(called(), ['delete_page']);
    const audit = (await cli.run(['audit', 'export'])).stdout.trim().split('\n');
    const decision = audit
      .map((line) => JSON.parse(line))
      .find((record) => record.approval === id && record.kind === 'approval');
    assert.match(decision.decision.because, /^approved once by /);
    assert.equal((await cli.run(['audit', 'verify'])).code, 0);
  });

  it('makes one of two calls that come for the same yes, and none after a no', async () => {
    await call('delete_page');
    await approvals('decide', await onlyPending(), 'allow');
    const outcomes = await Promise.all([1, 2].map(() => call('delete_page')));
    assert.deepEqual(outcomes.map(({ code }) => code).sort(), [0, 3]);
    assert.deepEqual(called(), ['delete_page']);
    await call('delete_page');
    await approvals('decide', await onlyPending(), 'deny');
    const denied = await call('delete_page');
    assert.equal(denied.code, 3);
    assert.match(denied.stderr, /said no \[APPROVAL_DENIED\]/);
    assert.deepEqual(called(), ['delete_page']);
  });

  it('remembers what is granted for the whole server until it is revoked, or the server is another', async () => {
    await call('delete_page');
    await approvals('decide', await onlyPending(), 'allow', '--scope', 'workspace', '--whole-server');
    for (const tool of ['delete_page', 'move_page']) assert.equal((await call(tool)).code, 0);
    const [grant] = (await listed()).grants;
    assert.deepEqual([grant?.scope, grant?.reach], ['workspace', 'server']);
    assert.match((await approvals('list')).stdout, /every tool of wiki, in its workspace, for person local; by /);
    const revoked = await approvals('revoke', grant?.id ?? '');
    assert.equal(revoked.code, 0);
    assert.equal((await call('move_page')).code, 3);
  });

  it('asks again when the definition of the tool has changed, and shows the difference', async () => {
    await call('delete_page');
    await approvals('decide', await onlyPending(), 'allow', '--scope', 'always');
    assert.equal((await call('delete_page')).code, 0);
    wiki.rewrite({ tools: { delete_page: { description: 'Deletes everything.', reply: { text: 'deleted' } } } });
    assert.equal((await call('delete_page')).code, 3);
    const { stdout } = await approvals('list');
    assert.match(stdout, /its definition has changed since: description/);
    assert.match(stdout, /"before": "Deletes a page\."/);
    assert.match(stdout, /"after": "Deletes everything\."/);
    assert.match(stdout, /Nothing is granted beyond one call\./);
  });

  it('parks steps of a run, and lets them through when the run is started anew', async () => {
    const folder = join(cli.folder, 'sample');
    await writeSampleRepository(folder);
    await configure(
      "permissions:\n  - { effect: ask, tools: security-scanner.scan_repository, principals: ['pipeline:review'] }\n",
    );
    const review = (): Promise<Outcome> => cli.run(['review', '.', '--json'], { cwd: folder });
    const here = (...args: readonly string[]): Promise<Outcome> => cli.run(['approvals', ...args], { cwd: folder });
    const parked = await review();
    assert.equal(parked.code, 3, parked.stderr);
    assert.match(parked.stderr, /mcp-conductor approvals decide ID allow\|deny/);
    const { pending } = JSON.parse((await here('list', '--json')).stdout) as Listed;
    assert.equal(pending.length, 2, 'the scan for dangerous code, and that of the dependencies');
    for (const { id } of pending) assert.equal((await here('decide', id, 'allow', '--scope', 'run')).code, 0);
    const passed = await review();
    assert.equal(passed.code, 0, passed.stderr);
    const { grants } = JSON.parse((await here('list', '--json')).stdout) as Listed;
    assert.deepEqual(grants, [], 'what was granted for the run ends with it');
  });
});
