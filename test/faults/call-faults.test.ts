/** Servers that fail while they are called: each failure names its server and its cause, and one beside them never notices. */
import assert from 'node:assert/strict';
import { createTestDirectory, eventually, type TestDirectory } from '../fixtures/fake-server/directory.ts';
import { type FakeServer, fakeServerDefinition, startFakeServer } from '../fixtures/fake-server/index.ts';
import type { FakeTool, ToolFault } from '../fixtures/fake-server/script.ts';

const LIMITS = { maxMessageBytes: 4 * 1_048_576 };
const OK: FakeTool = { reply: { text: 'fine' } };

interface Expected {
  readonly code: string;
  readonly sent?: boolean;
  readonly message: RegExp;
}

const ON_STDIO: Partial<Record<ToolFault, Expected>> = {
  'wrong-envelope': { code: 'PROTOCOL_ERROR', message: /"jsonrpc" is missing, expected "2.0"/ },
  'missing-id': { code: 'PROTOCOL_ERROR', message: /"id" is missing/ },
  'invalid-utf8': { code: 'PROTOCOL_ERROR', message: /not valid UTF-8/ },
  'rpc-error': { code: 'PROTOCOL_ERROR', message: /error -32050: .*wrong phase/ },
  flood: { code: 'PROTOCOL_ERROR', message: /the server sent more than 4 MB without ending the message/ },
  crash: { code: 'CONNECTION_LOST', sent: true, message: /the server exited with code 13/ },
};

const OVER_HTTP: Partial<Record<ToolFault, Expected>> = {
  'malformed-json': { code: 'PROTOCOL_ERROR', message: /not a JSON object/ },
  'wrong-envelope': { code: 'PROTOCOL_ERROR', message: /"jsonrpc" is missing/ },
  'missing-id': { code: 'PROTOCOL_ERROR', message: /"id" is missing/ },
  'rpc-error': { code: 'PROTOCOL_ERROR', message: /error -32050: .*wrong phase/ },
  flood: { code: 'PROTOCOL_ERROR', message: /longer than 4 MB/ },
  unavailable: { code: 'CONNECTION_LOST', sent: true, message: /HTTP 503/ },
  crash: { code: 'CONNECTION_LOST', sent: true, message: /terminated|closed|stream ended|ECONNRESET/ },
};

const KINDS = [
  { id: 'v1-stdio', protocol: 'v1', http: false, faults: ON_STDIO },
  { id: 'v2-stdio', protocol: 'v2', http: false, faults: ON_STDIO },
  { id: 'v1-http', protocol: 'v1', http: true, faults: OVER_HTTP },
  { id: 'v2-http', protocol: 'v2', http: true, faults: OVER_HTTP },
] as const;

/** One tool for each fault, named after it. */
function faultyTools(faults: Partial<Record<ToolFault, Expected>>): Record<string, FakeTool> {
  return Object.fromEntries((Object.keys(faults) as ToolFault[]).map((fault) => [fault, { fault }]));
}

describe('a fault of one server', () => {
  let test: TestDirectory;
  before(async () => {
    const fakes: FakeServer[] = [fakeServerDefinition('healthy', { tools: { ok: OK } })];
    for (const { id, protocol, http, faults } of KINDS) {
      const script = { protocol, tools: faultyTools(faults) };
      fakes.push(http ? await startFakeServer(id, script) : fakeServerDefinition(id, script));
    }
    test = createTestDirectory(fakes, { limits: LIMITS });
    await Promise.all(
      ['healthy', 'v1-stdio', 'v2-stdio'].map((id) => test.servers.start(id, new AbortController().signal)),
    );
  });
  after(() => test.dispose());

  for (const { id, faults } of KINDS) {
    for (const [fault, { code, sent, message }] of Object.entries(faults)) {
      it(`${id}, ${fault}: ${code}, and the others keep working`, async () => {
        const failure = test.callTool(id, fault).then(
          () => assert.fail('it succeeded'),
          (error: { code: string; sent?: boolean; message: string }) => error,
        );
        const [error, reply] = await Promise.all([failure, test.callTool('healthy', 'ok')]);
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`server "${id}", tool "${fault}": `), error.message);
        if (sent !== undefined) assert.equal(error.sent, sent);
        assert.equal(reply.content[0]?.text, 'fine');
      });
    }
  }
});

describe('a server that is hard to read', () => {
  let test: TestDirectory;
  let stuck: FakeServer;
  before(() => {
    const outputSchema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] };
    const evil = { type: 'object', properties: { name: { type: 'string', pattern: '^(a+)+$' } } };
    stuck = fakeServerDefinition('stuck', {
      tools: { garbled: { fault: 'malformed-json' }, crash: { fault: 'crash' }, ok: OK },
    });
    test = createTestDirectory([
      stuck,
      fakeServerDefinition('schemas', {
        banner: ['Welcome to the fake server!', '{"level":"info"}'],
        protocol: 'v1',
        tools: {
          wrong: { outputSchema, reply: { structuredContent: { count: 'three' } } },
          none: { outputSchema, reply: { text: 'three' } },
          evil: { outputSchema: evil, reply: { structuredContent: { name: `${'a'.repeat(40)}!` } } },
          twin: { ...OK, duplicate: true },
        },
      }),
      fakeServerDefinition('stormy-v1', { protocol: 'v1', tools: { storm: { fault: 'storm', ...OK } } }),
      fakeServerDefinition('stormy-v2', { protocol: 'v2', tools: { storm: { fault: 'storm', ...OK } } }),
    ]);
  });
  after(() => test.dispose());

  it('malformed JSON is noted in its log, and the call can still be cancelled', async () => {
    const controller = new AbortController();
    const call = test.callTool('stuck', 'garbled', {}, { signal: controller.signal });
    await eventually('the note', () =>
      test.lines.some((line) => line.server === 'stuck' && line.text.includes('not JSON')),
    );
    controller.abort();
    await assert.rejects(call, { code: 'CANCELLED' });
  });

  it('after a crash the next call starts it again', async () => {
    await assert.rejects(test.callTool('stuck', 'crash'), { code: 'CONNECTION_LOST' });
    assert.equal((await test.callTool('stuck', 'ok')).content[0]?.text, 'fine');
    assert.equal(test.servers.get('stuck')?.state.status, 'ready');
  });

  it('lines that are no messages are noted, and do no harm', async () => {
    await test.servers.start('schemas', new AbortController().signal);
    const notes = test.lines.filter((line) => line.server === 'schemas').map((line) => line.text);
    assert.ok(
      notes.some((text) => text.includes('Welcome to the fake server!')),
      notes.join('\n'),
    );
  });

  it('a result that breaks its own schema is refused, and so is a missing one', async () => {
    await assert.rejects(test.callTool('schemas', 'wrong'), {
      code: 'VALIDATION_FAILED',
      message: /^server "schemas", tool "wrong": .*\/count must be integer/,
    });
    await assert.rejects(test.callTool('schemas', 'none'), {
      code: 'VALIDATION_FAILED',
      message: /no structuredContent/,
    });
  });

  it('an evil pattern in a schema does not stop the clock', async () => {
    const from = performance.now();
    await assert.rejects(test.callTool('schemas', 'evil'), { code: 'VALIDATION_FAILED' });
    assert.ok(performance.now() - from < 2_000);
  });

  it('a tool listed twice is used once, and said to be', () => {
    const catalog = test.servers.get('schemas')?.catalog;
    const twins = catalog?.tools.filter((tool) => tool.name === 'twin') ?? [];
    assert.deepEqual(
      twins.map((tool) => tool.description),
      ['the fake tool twin'],
    );
    assert.match(catalog?.warnings[0] ?? '', /"twin" more than once/);
  });

  for (const id of ['stormy-v1', 'stormy-v2']) {
    it(`20,000 notices of changed tools cost next to nothing (${id})`, async () => {
      await test.servers.start(id, new AbortController().signal);
      const rss = process.memoryUsage().rss;
      let changes = 0;
      const listener = test.servers.onChange((changed) => {
        if (changed === id) changes += 1;
      });
      assert.equal((await test.callTool(id, 'storm')).content[0]?.text, 'fine');
      await eventually('a refresh', () => changes > 0);
      listener.dispose();
      assert.ok(changes < 20, `${changes} refreshes`);
      assert.ok(process.memoryUsage().rss - rss < 150 * 1_048_576);
    });
  }
});
