/** Servers that cannot be started, all at once and beside one that can: each failure names its server and its cause. */
import assert from 'node:assert/strict';
import type { StdioLaunch } from '../../src/contracts/server.ts';
import { createTestDirectory, type TestDirectory } from '../fixtures/fake-server/directory.ts';
import { type FakeServer, fakeServerDefinition } from '../fixtures/fake-server/index.ts';
import type { FakeTool } from '../fixtures/fake-server/script.ts';

const OK: FakeTool = { reply: { text: 'fine' } };
const TOOLS = { ok: OK };

/** The same server, launched in another way. */
function relaunched(fake: FakeServer, launch: FakeServer['definition']['launch']): FakeServer {
  return { ...fake, definition: { ...fake.definition, launch } };
}

const stdio = (launch: Partial<StdioLaunch>): StdioLaunch => ({
  type: 'stdio',
  command: process.execPath,
  args: [],
  env: {},
  ...launch,
});

describe('servers that cannot be started', () => {
  let test: TestDirectory;
  let failures: Map<string, Promise<unknown>>;
  const tookMs = new Map<string, number>();
  const from = process.memoryUsage().rss;

  before(() => {
    const fakes = [
      fakeServerDefinition('healthy', { tools: TOOLS }),
      fakeServerDefinition('crashing', { fault: 'crash', tools: TOOLS }),
      fakeServerDefinition('mute', { fault: 'mute', tools: TOOLS }),
      fakeServerDefinition('flooding', { fault: 'flood', tools: TOOLS }),
      fakeServerDefinition('elsewhere', {
        fault: 'mute',
        banner: ['Listening on http://localhost:3000'],
        tools: TOOLS,
      }),
      relaunched(fakeServerDefinition('missing', {}), stdio({ command: 'no-such-program', env: { PATH: '/nowhere' } })),
      relaunched(fakeServerDefinition('homeless', {}), stdio({ cwd: '/no/such/folder' })),
      relaunched(fakeServerDefinition('refused', {}), { type: 'http', url: 'http://127.0.0.1:1/mcp', headers: {} }),
    ];
    test = createTestDirectory(fakes, { limits: { maxMessageBytes: 4 * 1_048_576, startTimeoutMs: 9_000 } });
    const startedAt = performance.now();
    failures = new Map(
      fakes.map(({ definition: { id } }) => [
        id,
        test
          .callTool(id, 'ok')
          .catch((error: unknown) => error)
          .finally(() => tookMs.set(id, performance.now() - startedAt)),
      ]),
    );
  });
  after(() => test.dispose());

  async function assertFailed(id: string, message: RegExp): Promise<void> {
    const failure = (await failures.get(id)) as { code?: string; message?: string };
    assert.equal(failure.code, 'SERVER_START_FAILED');
    assert.match(failure.message ?? '', message);
    const state = test.servers.get(id)?.state;
    assert.equal(state?.status === 'failed' ? state.reason : state?.status, failure.message);
  }

  it('one that crashes: how it ended and what it last wrote', () =>
    assertFailed(
      'crashing',
      /^server "crashing" could not be started: it exited with code 7; it last wrote: .*cannot find my configuration$/,
    ));

  it('one that floods its output without a newline: the limit, and no more memory than that', async () => {
    await assertFailed(
      'flooding',
      /^server "flooding" could not be started: it sent more than 4 MB without ending the message/,
    );
    assert.ok(process.memoryUsage().rss - from < 300 * 1_048_576);
  });

  it('one whose command does not exist: the command', () =>
    assertFailed(
      'missing',
      /^server "missing" could not be started: could not start "no-such-program": there is no such command in PATH$/,
    ));

  it('the search path is for the log alone', async () => {
    await failures.get('missing');
    const looked = test.lines.find(({ server, text }) => server === 'missing' && text.includes('/nowhere'));
    assert.equal(looked?.text, '"no-such-program" was looked for in: /nowhere');
  });

  it('one that is another program: what it wrote where messages belong, long before its time is over', async () => {
    await assertFailed(
      'elsewhere',
      /^server "elsewhere" could not be started: it wrote "Listening on http:\/\/localhost:3000" to its standard output, where MCP messages belong/,
    );
    assert.ok((tookMs.get('elsewhere') ?? Number.POSITIVE_INFINITY) < 8_000);
  });

  it('only those that may start later are worth another try', async () => {
    const worth = await Promise.all(
      [...failures].map(async ([id, failed]) => [id, ((await failed) as { retryable?: boolean }).retryable]),
    );
    assert.deepEqual(Object.fromEntries(worth), {
      healthy: undefined,
      crashing: false,
      mute: true,
      flooding: false,
      elsewhere: false,
      missing: false,
      homeless: false,
      refused: true,
    });
  });

  it('one whose working folder does not exist: the folder', () =>
    assertFailed(
      'homeless',
      /^server "homeless" could not be started: .*working folder \/no\/such\/folder does not exist/,
    ));

  it('one at whose address nobody listens: the refusal', () =>
    assertFailed('refused', /^server "refused" could not be started: .*(?:ECONNREFUSED|bad port)/));

  it('one that never answers initialize: the time it was given', () =>
    assertFailed('mute', /^server "mute" did not answer initialize within 9 s$/));

  it('the one beside them works', async () => {
    const reply = (await failures.get('healthy')) as { content?: readonly { text?: string }[] };
    assert.equal(reply.content?.[0]?.text, 'fine');
  });
});

describe('old servers that do not know the probe', () => {
  let test: TestDirectory;
  before(() => {
    test = createTestDirectory([
      fakeServerDefinition('silent', { fault: 'ignores-probe', tools: TOOLS }),
      fakeServerDefinition('fragile', { fault: 'dies-of-probe', tools: TOOLS }),
    ]);
  });
  after(() => test.dispose());

  it('one that stays silent is waited for once, and not again', async () => {
    const first = performance.now();
    await test.callTool('silent', 'ok');
    assert.ok(performance.now() - first >= 1_500, 'the probe was waited for');
    assert.deepEqual(
      [...test.eras.values()].map((verdict) => verdict.era),
      ['legacy'],
    );
    const { state } = await test.servers.restart('silent', new AbortController().signal);
    assert.equal(state.status, 'ready');
    assert.deepEqual(
      test.lines.filter((line) => line.stream === 'stderr').map((line) => line.text),
      ['fake server: probed'],
    );
  });

  it('one that dies of it is started again without it', async () => {
    assert.equal((await test.callTool('fragile', 'ok')).content[0]?.text, 'fine');
    assert.equal(test.servers.get('fragile')?.state.status, 'ready');
  });
});
