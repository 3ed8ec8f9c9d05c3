/** The life of one server: shared starts, stops in between, losses, and starts that everybody has turned away from. */
import assert from 'node:assert/strict';
import { ConductorError } from '../../../src/base/errors.ts';
import type { ServerDefinition, ServerState } from '../../../src/contracts/server.ts';
import type { Connection } from '../../../src/mcp/connection.ts';
import { EMPTY_CATALOG } from '../../../src/mcp/listing.ts';
import { type GivenPool, poolSettings } from '../../../src/mcp/pool/settings.ts';
import { ServerRuntime, type StartHooks } from '../../../src/mcp/server-runtime.ts';
import { VirtualClock } from '../../fixtures/virtual-clock.ts';

const definition: ServerDefinition = {
  id: 'mine',
  label: 'mine',
  origin: { kind: 'bundled' },
  launch: { type: 'stdio', command: 'x', args: [], env: {} },
  inputs: [],
};

interface Attempt {
  readonly hooks: StartHooks;
  readonly signal: AbortSignal;
  readonly succeed: () => FakeConnection;
  readonly fail: (error: Error) => void;
}

class FakeConnection {
  readonly era = 'modern';
  readonly protocolVersion = '2026-07-28';
  readonly pid = 7;
  readonly catalog = EMPTY_CATALOG;
  closed = 0;
  async close(): Promise<void> {
    this.closed += 1;
  }
  async call(): Promise<string> {
    return 'answered';
  }
}

function setUp(refusal: () => ConductorError | undefined = () => undefined, pool: GivenPool = {}) {
  const attempts: Attempt[] = [];
  const states: ServerState['status'][] = [];
  const clock = new VirtualClock();
  const runtime: ServerRuntime = new ServerRuntime({
    definition,
    clock,
    settings: () => poolSettings('stdio', pool),
    open: (_definition, hooks, signal) =>
      new Promise<Connection>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        const succeed = (): FakeConnection => {
          const connection = new FakeConnection();
          resolve(connection as unknown as Connection);
          return connection;
        };
        attempts.push({ hooks, signal, succeed, fail: reject });
      }),
    refusal,
    log: () => undefined,
    onChange: () => states.push(runtime.snapshot().state.status),
  });
  const attempt = async (index: number): Promise<Attempt> => {
    for (let turn = 0; turn < 20 && attempts.length <= index; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    const found = attempts[index];
    assert.ok(found !== undefined, `no start number ${index + 1}`);
    return found;
  };
  return { runtime, clock, attempts, attempt, states, status: () => runtime.snapshot().state };
}

const never = new AbortController().signal;

describe('a server over its life', () => {
  it('is started once for all who ask, and is then ready', async () => {
    const { runtime, attempt, attempts, states } = setUp();
    const both = [runtime.start(never), runtime.start(never)];
    (await attempt(0)).succeed();
    const [one, two] = await Promise.all(both);
    assert.equal(one, two);
    assert.equal(await runtime.start(never), one);
    assert.equal(attempts.length, 1);
    assert.deepEqual(states, ['starting', 'ready']);
  });

  it('goes on starting while one of two still waits, and stops when the last has turned away', async () => {
    const { runtime, attempt, status } = setUp();
    const [first, second] = [new AbortController(), new AbortController()];
    const [start, other] = [runtime.start(first.signal), runtime.start(second.signal)];
    const { signal } = await attempt(0);
    first.abort();
    await assert.rejects(start, { code: 'CANCELLED' });
    assert.equal(signal.aborted, false);
    second.abort();
    await assert.rejects(other, { code: 'CANCELLED' });
    assert.equal(signal.aborted, true);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(status(), { status: 'stopped' });
  });

  it('starts anew for one who comes after everybody has turned away', async () => {
    const { runtime, attempt } = setUp();
    const controller = new AbortController();
    const given = runtime.start(controller.signal);
    await attempt(0);
    controller.abort();
    await assert.rejects(given, { code: 'CANCELLED' });
    const late = runtime.start(never);
    (await attempt(1)).succeed();
    await late;
  });

  it('keeps the reason of a failed start, and tries once more with the next call', async () => {
    const { runtime, attempt, attempts, status } = setUp();
    const failed = runtime.start(never);
    (await attempt(0)).fail(new ConductorError('SERVER_START_FAILED', 'it would not'));
    await assert.rejects(failed, { code: 'SERVER_START_FAILED' });
    assert.deepEqual(status(), { status: 'failed', reason: 'it would not' });
    const again = runtime.start(never);
    (await attempt(1)).succeed();
    await again;
    assert.equal(attempts.length, 2);
  });

  it('is failed when the connection is lost, and restarted by the next call', async () => {
    const { runtime, attempt, status } = setUp();
    const first = runtime.start(never);
    const { hooks, succeed } = await attempt(0);
    const connection = succeed();
    await first;
    hooks.onLost('exited with code 1');
    assert.deepEqual(status(), { status: 'failed', reason: 'exited with code 1' });
    assert.equal(connection.closed, 1);
    const again = runtime.start(never);
    (await attempt(1)).succeed();
    await again;
    assert.equal(status().status, 'ready');
    hooks.onLost('an old story');
    assert.equal(status().status, 'ready', 'a connection of the past has no say');
  });

  it('can be stopped while it is starting', async () => {
    const { runtime, attempt, status } = setUp();
    const start = runtime.start(never);
    await attempt(0);
    await Promise.all([
      assert.rejects(start, { code: 'CANCELLED', message: 'server "mine" was stopped while it was starting' }),
      runtime.stop(),
    ]);
    assert.deepEqual(status(), { status: 'stopped' });
  });

  it('is not started where that is refused, nor after it was disposed', async () => {
    const refused = setUp(() => new ConductorError('PERMISSION_DENIED', 'not trusted'));
    await assert.rejects(refused.runtime.start(never), { code: 'PERMISSION_DENIED' });
    assert.equal(refused.attempts.length, 0);
    const disposed = setUp();
    await disposed.runtime.dispose();
    await assert.rejects(disposed.runtime.start(never), { code: 'CANCELLED' });
  });
});
