/** Real servers, old and new, over stdio and HTTP: what they offer arrives, and what they answer comes back. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Progress } from '../../src/contracts/call.ts';
import { callTo, createTestDirectory, eventually, type TestDirectory } from '../fixtures/fake-server/directory.ts';
import { type FakeServer, fakeServerDefinition, startFakeServer } from '../fixtures/fake-server/index.ts';
import type { FakeScript } from '../fixtures/fake-server/script.ts';

const SCRIPT: FakeScript = {
  tools: {
    echo: { compute: 'echo' },
    structured: {
      reply: { structuredContent: { count: 3 } },
      outputSchema: { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] },
    },
    slow: { reply: { text: 'late' }, latencyMs: 20_000 },
    counting: { reply: { text: 'counted' }, progress: 3 },
    failing: { reply: { text: 'no such paper', isError: true } },
    unset: {},
    grow: { reply: { text: 'grown' }, adds: 'grown' },
  },
  resources: { 'notes://today': 'buy milk' },
  prompts: { greet: 'Say hello to {who}.' },
  completions: ['alpha', 'alpine', 'beta'],
  module: new URL('../fixtures/fake-server/replies.ts', import.meta.url).href,
};

const KINDS = [
  { name: 'v1 over stdio', protocol: 'v1', http: false, era: 'legacy' },
  { name: 'v2 over stdio', protocol: 'v2', http: false, era: 'modern' },
  { name: 'v1 over HTTP', protocol: 'v1', http: true, era: 'legacy' },
  { name: 'v2 over HTTP', protocol: 'v2', http: true, era: 'modern' },
] as const;

for (const kind of KINDS) {
  describe(`a connection to a server of ${kind.name}`, () => {
    let fake: FakeServer;
    let test: TestDirectory;

    before(async () => {
      const script = { ...SCRIPT, protocol: kind.protocol };
      fake = kind.http ? await startFakeServer('fake', script) : fakeServerDefinition('fake', script);
      test = createTestDirectory([fake]);
    });
    after(() => test.dispose());

    it('starts with the first call and speaks the newest protocol both know', async () => {
      assert.deepEqual(test.servers.get('fake')?.state, { status: 'stopped' });
      const reply = await test.callTool('fake', 'echo', { text: 'hello' });
      assert.equal(reply.content[0]?.text, 'you said hello');
      const state = test.servers.get('fake')?.state;
      assert.equal(state?.status === 'ready' ? state.era : state?.status, kind.era);
    });

    it('knows its tools, resources and prompts', () => {
      const catalog = test.servers.get('fake')?.catalog;
      assert.deepEqual(
        catalog?.tools.map((tool) => tool.name),
        Object.keys(SCRIPT.tools ?? {}),
      );
      assert.match(catalog?.tools[0]?.definitionHash ?? '', /^[0-9a-f]{64}$/);
      assert.deepEqual(
        catalog?.resources.map((resource) => resource.uri),
        ['notes://today'],
      );
      assert.deepEqual(catalog?.prompts, [
        { name: 'greet', description: undefined, arguments: [{ name: 'who', description: undefined, required: true }] },
      ]);
      assert.deepEqual(catalog?.warnings, []);
    });

    it('hands over structured content', async () => {
      assert.deepEqual((await test.callTool('fake', 'structured')).structuredContent, { count: 3 });
    });

    it('gives a tool that says it failed as a value', async () => {
      const reply = await test.callTool('fake', 'failing');
      assert.equal(reply.isError, true);
      assert.equal(reply.content[0]?.text, 'no such paper');
    });

    it('forwards progress', async () => {
      const seen: Progress[] = [];
      await test.callTool('fake', 'counting', {}, { onProgress: (progress) => seen.push(progress) });
      assert.deepEqual(
        seen.map(({ progress, total }) => [progress, total]),
        [
          [1, 3],
          [2, 3],
          [3, 3],
        ],
      );
    });

    it('reads resources, fills prompts and completes arguments', async () => {
      const resource = await test.servers.invoke(callTo('fake', { kind: 'resource', uri: 'notes://today' }));
      assert.equal(resource.kind === 'resource' ? resource.contents[0]?.text : undefined, 'buy milk');
      const prompt = await test.servers.invoke(callTo('fake', { kind: 'prompt', name: 'greet', args: { who: 'Ada' } }));
      assert.equal(prompt.kind === 'prompt' ? prompt.messages[0]?.content.text : undefined, 'Say hello to Ada.');
      const completion = await test.servers.invoke(
        callTo('fake', {
          kind: 'complete',
          ref: { kind: 'prompt', name: 'greet' },
          argument: { name: 'who', value: 'al' },
        }),
      );
      assert.deepEqual(completion.kind === 'complete' ? completion.values : undefined, ['alpha', 'alpine']);
    });

    it('carries a cancellation to the server', async () => {
      const controller = new AbortController();
      const call = test.callTool('fake', 'slow', {}, { signal: controller.signal });
      await eventually('the call arrives', () => fake.calls().some((record) => record.tool === 'slow'));
      controller.abort();
      await assert.rejects(call, { code: 'CANCELLED' });
      await eventually('the server hears of it', () => fake.calls().some((record) => record.cancelled === true));
    });

    it('names the nearest tools when there is none of that name', async () => {
      await assert.rejects(test.callTool('fake', 'ecko'), {
        code: 'TOOL_NOT_FOUND',
        message: 'server "fake" has no tool "ecko"; did you mean "echo"?',
      });
    });

    // Over HTTP the SDK's new server makes an instance for each request, and its notices reach nobody else.
    if (kind.protocol === 'v1' || !kind.http) {
      it('follows what the server says of its lists', async () => {
        await test.callTool('fake', 'grow');
        const names = () => test.servers.get('fake')?.catalog?.tools.map((tool) => tool.name) ?? [];
        await eventually('the new tool is listed', () => names().includes('grown'));
        assert.equal((await test.callTool('fake', 'grown')).content[0]?.text, 'I am grown');
      });
    }

    it('finds a tool that it was not told about', async () => {
      assert.equal((await test.callTool('fake', 'grow')).content[0]?.text, 'grown');
      assert.equal((await test.callTool('fake', 'grown')).content[0]?.text, 'I am grown');
    });

    it('passes on what a tool without a configured answer says', async () => {
      await assert.rejects(test.callTool('fake', 'unset'), {
        code: 'PROTOCOL_ERROR',
        message: /"fake", tool "unset".*tool unset is not configured/,
      });
    });
  });
}

describe('a slow HTTP server', () => {
  it('is not given up after the 1.5 s that mean something over stdio only', async () => {
    const fake = await startFakeServer('slow', { tools: { ok: { reply: { text: 'fine' } } } });
    let first = true;
    const test = createTestDirectory([fake], {
      fetch: async (url, init) => {
        if (first) await wait(1_700);
        first = false;
        return fetch(url, init);
      },
    });
    try {
      assert.equal((await test.callTool('slow', 'ok')).content[0]?.text, 'fine');
    } finally {
      await test.dispose();
    }
  });
});

describe('what a server says of itself', () => {
  it('reaches its log without the secrets it was given', async () => {
    const fake = fakeServerDefinition('chatty', { stderr: ['using $API_TOKEN'], tools: {} });
    const { launch } = fake.definition;
    assert.ok(launch.type === 'stdio');
    const definition = { ...fake.definition, launch: { ...launch, env: { API_TOKEN: 'tok-13579' } } };
    const test = createTestDirectory([{ ...fake, definition }]);
    try {
      await test.servers.start('chatty', new AbortController().signal);
      await eventually('the line', () => test.lines.some((line) => line.stream === 'stderr'));
      assert.deepEqual(
        test.lines.filter((line) => line.stream === 'stderr').map((line) => line.text),
        ['using [secret]'],
      );
    } finally {
      await test.dispose();
    }
  });
});
