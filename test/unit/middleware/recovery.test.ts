/** Recovery, on virtual time: who starts a lost server again, how often, and what the callers are told. */
import assert from 'node:assert/strict';
import { abortError } from '../../../src/base/abort.ts';
import { ConductorError, isConductorError } from '../../../src/base/errors.ts';
import type { Call, CallRecord, Invoke, Progress, ServerSnapshot } from '../../../src/contracts/index.ts';
import { recovery, type RecoveryOptions } from '../../../src/middleware/recovery.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { settle, VirtualClock } from '../../fixtures/virtual-clock.ts';

type Status = ServerSnapshot['state']['status'];

/** A server whose starts go as scripted; every start lists the tool with the next hash. */
class FakeServer {
  readonly clock = new VirtualClock(0);
  /** Milliseconds at which starts began. */
  readonly starts: number[] = [];
  status: Status = 'ready';
  hashes: (string | undefined)[] = ['h1'];
  failures: Error[] = [];
  startMs = 0;
  stops = 0;

  readonly servers: RecoveryOptions['servers'] = {
    get: () => {
      const hash = this.hashes[0];
      const tools = hash === undefined ? [] : [{ name: 'echo', inputSchema: {}, definitionHash: hash }];
      return {
        state: { status: this.status },
        catalog: { tools, resources: [], prompts: [], warnings: [] },
      } as unknown as ServerSnapshot;
    },
    start: (_, signal) => this.#start(signal),
  };

  async #start(signal: AbortSignal): Promise<ServerSnapshot> {
    this.starts.push(this.clock.now());
    signal.addEventListener('abort', () => (this.stops += 1), { once: true });
    if (this.startMs > 0) await new Promise<void>((done) => void this.clock.schedule(this.startMs, done));
    if (signal.aborted) throw abortError(signal);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.status = 'ready';
    if (this.hashes.length > 1) this.hashes.shift();
    return {} as ServerSnapshot;
  }

  /** Fails a call as a crash does. */
  readonly crash: Invoke = () => {
    this.status = 'failed';
    return Promise.reject(new ConductorError('CONNECTION_LOST', 'it crashed', { sent: true, details: { pid: 7 } }));
  };

  layered(terminal: Invoke = this.crash): Invoke {
    return recovery({ clock: this.clock, servers: this.servers })(terminal);
  }

  async failureOf(invoke: Invoke, call: Call = toolCall()): Promise<ConductorError> {
    const failed = invoke(call).then(
      () => assert.fail('the call should have failed'),
      (error: unknown) => error,
    );
    await this.clock.runAll();
    const error = await failed;
    assert.ok(isConductorError(error), String(error));
    return error;
  }
}

const cannotStart = (): ConductorError => new ConductorError('SERVER_START_FAILED', 'port in use');

describe('recovery', () => {
  it('starts the server again and says so in the error that it leaves to retry', async () => {
    const server = new FakeServer();
    const error = await server.failureOf(server.layered());
    assert.deepEqual(server.starts, [0]);
    assert.equal(error.code, 'CONNECTION_LOST');
    assert.equal(error.sent, true);
    assert.equal(error.message, 'it crashed');
    assert.deepEqual(error.details, { pid: 7, recovered: true, incident: 1 });
    assert.ok(isConductorError(error.cause));
  });

  it('tries three times, 1 s and 2 s apart, and says why that was in vain', async () => {
    const server = new FakeServer();
    server.failures = [cannotStart(), cannotStart(), cannotStart()];
    const error = await server.failureOf(server.layered());
    assert.deepEqual(server.starts, [0, 1_000, 3_000]);
    assert.equal(error.message, 'it crashed; and then: port in use');
    assert.equal(error.details.recovered, false);
  });

  it('does not insist where a start is refused', async () => {
    const server = new FakeServer();
    server.failures = [new ConductorError('PERMISSION_DENIED', 'not trusted')];
    const error = await server.failureOf(server.layered());
    assert.deepEqual(server.starts, [0]);
    assert.equal(error.details.recovered, false);
  });

  it('is shared by all calls that were lost together, and the next loss is another one', async () => {
    const server = new FakeServer();
    server.startMs = 500;
    const invoke = server.layered();
    const together = await Promise.all([1, 2, 3].map(() => server.failureOf(invoke)));
    assert.deepEqual(server.starts, [0]);
    assert.deepEqual(
      together.map((error) => error.details.incident),
      [1, 1, 1],
    );
    assert.equal((await server.failureOf(invoke)).details.incident, 2);
  });

  it('gives up waiting when the call is cancelled, while others go on waiting', async () => {
    const server = new FakeServer();
    server.startMs = 500;
    const invoke = server.layered();
    const controller = new AbortController();
    const other = server.failureOf(invoke);
    const cancelled = assert.rejects(invoke(toolCall({ signal: controller.signal })), { code: 'CANCELLED' });
    await settle();
    controller.abort();
    await cancelled;
    assert.equal(server.stops, 0);
    assert.equal((await other).details.recovered, true);
  });

  it('stops trying when the last one waiting is cancelled', async () => {
    const server = new FakeServer();
    server.failures = [cannotStart(), cannotStart()];
    const controller = new AbortController();
    const cancelled = assert.rejects(server.layered()(toolCall({ signal: controller.signal })), { code: 'CANCELLED' });
    await server.clock.advance(500);
    controller.abort();
    await cancelled;
    await server.clock.runAll();
    assert.deepEqual(server.starts, [0]);
    assert.equal(server.clock.pending, 0);
  });

  it('begins anew for a call that comes after everybody turned away', async () => {
    const server = new FakeServer();
    server.startMs = 500;
    const invoke = server.layered();
    const controller = new AbortController();
    const cancelled = assert.rejects(invoke(toolCall({ signal: controller.signal })), { code: 'CANCELLED' });
    await settle();
    controller.abort();
    await cancelled;
    assert.equal(server.stops, 1);
    assert.equal((await server.failureOf(invoke)).details.recovered, true);
  });

  it('does not let a changed tool run on what was approved before', async () => {
    const server = new FakeServer();
    server.hashes = ['h1', 'h2'];
    const error = await server.failureOf(server.layered());
    assert.equal(error.code, 'TOOL_CHANGED');
    assert.deepEqual(error.details, { server: 'fake', tool: 'echo', before: 'h1', after: 'h2' });
  });

  it('takes a tool that is no longer listed for changed', async () => {
    const server = new FakeServer();
    server.hashes = ['h1', undefined];
    const error = await server.failureOf(server.layered());
    assert.equal(error.code, 'TOOL_CHANGED');
    assert.equal(error.details.after, null);
  });

  it('notices the change in a later attempt when the server came back by itself', async () => {
    const server = new FakeServer();
    const invoke = server.layered((call) =>
      server.status === 'failed' ? Promise.reject(new ConductorError('TIMEOUT', 'late')) : server.crash(call),
    );
    server.failures = [cannotStart(), cannotStart(), cannotStart()];
    const record: CallRecord = { attempts: 0, events: [] };
    assert.equal((await server.failureOf(invoke, toolCall({ record }))).code, 'CONNECTION_LOST');
    server.hashes = ['h2'];
    assert.equal((await server.failureOf(invoke, toolCall({ record }))).code, 'TOOL_CHANGED');
    assert.equal((await server.failureOf(invoke, toolCall())).code, 'TIMEOUT');
  });

  it('leaves a server alone that was stopped', async () => {
    const server = new FakeServer();
    const invoke = server.layered((call) => {
      const failed = server.crash(call);
      server.status = 'stopped';
      return failed;
    });
    const error = await server.failureOf(invoke);
    assert.equal(error.code, 'CONNECTION_LOST');
    assert.deepEqual(server.starts, []);
  });

  it('has nothing to do with other failures and with replies', async () => {
    const server = new FakeServer();
    const late = new ConductorError('TIMEOUT', 'late');
    assert.equal(await server.failureOf(server.layered(() => Promise.reject(late))), late);
    const reply = textReply('fine');
    assert.equal(await server.layered(() => Promise.resolve(reply))(toolCall()), reply);
    assert.deepEqual(server.starts, []);
  });

  it('tells of it as progress and in the record', async () => {
    const server = new FakeServer();
    server.failures = [cannotStart()];
    const told: Progress[] = [];
    const record: CallRecord = { attempts: 0, events: [] };
    await server.failureOf(server.layered(), toolCall({ record, onProgress: (progress) => told.push(progress) }));
    assert.deepEqual(told, [{ progress: 0, message: 'the connection to fake was lost; connecting again' }]);
    assert.deepEqual(record.events, [{ name: 'recovery', at: 1_000, data: { recovered: true, tries: 2 } }]);
  });

  it('refuses options out of their range by name', () => {
    const { clock, servers } = new FakeServer();
    assert.throws(() => recovery({ clock, servers, tries: 0 }), /recovery\.tries must be a whole number of at least 1/);
  });
});
