/** The idempotency key reaches a server that could make use of it, however it is connected. */
import assert from 'node:assert/strict';
import { createTestDirectory, type TestDirectory } from '../fixtures/fake-server/directory.ts';
import { type FakeServer, fakeServerDefinition, startFakeServer } from '../fixtures/fake-server/index.ts';
import type { FakeScript } from '../fixtures/fake-server/script.ts';

const TOOLS: FakeScript['tools'] = { ok: { reply: { text: 'fine' } } };
const KINDS = [
  { id: 'v1-stdio', protocol: 'v1', http: false },
  { id: 'v2-stdio', protocol: 'v2', http: false },
  { id: 'v1-http', protocol: 'v1', http: true },
  { id: 'v2-http', protocol: 'v2', http: true },
] as const;

describe('an idempotency key', () => {
  let test: TestDirectory;
  const fakes = new Map<string, FakeServer>();
  before(async () => {
    for (const { id, protocol, http } of KINDS) {
      const script = { protocol, tools: TOOLS };
      fakes.set(id, http ? await startFakeServer(id, script) : fakeServerDefinition(id, script));
    }
    test = createTestDirectory([...fakes.values()]);
  });
  after(() => test.dispose());

  for (const { id, http } of KINDS) {
    it(`reaches ${id} in _meta${http ? ' and as a header' : ''}`, async () => {
      await test.callTool(id, 'ok', {}, { idempotencyKey: 'key-1', meta: { kept: 1 } });
      await test.callTool(id, 'ok');
      const [withKey, without] = fakes.get(id)?.calls() ?? [];
      assert.deepEqual(withKey?.idempotencyKeys, { meta: 'key-1', ...(http ? { header: 'key-1' } : {}) });
      assert.equal(without?.idempotencyKeys, undefined);
    });
  }
});
