/** The breaker, on virtual time: when it opens, whom it lets probe, when it closes. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConductorError, type ErrorCode, isConductorError } from '../../../src/base/errors.ts';
import type { CallRecord, Invoke, Reply } from '../../../src/contracts/index.ts';
import { breaker, type BreakerOptions, Breakers, type BreakerState } from '../../../src/middleware/breaker.ts';
import { textReply, toolCall } from '../../fixtures/calls.ts';
import { settle, VirtualClock } from '../../fixtures/virtual-clock.ts';

const lost = (details: Record<string, unknown> = {}): ConductorError =>
  new ConductorError('CONNECTION_LOST', 'gone', { details });

interface Open {
  readonly answer: (reply: Reply) => void;
  readonly fail: (error: Error) => void;
}

/** A server that answers when told to. */
class Harness {
  readonly clock = new VirtualClock();
  readonly open: Open[] = [];
  readonly breakers: Breakers;
  readonly invoke: Invoke;

  constructor(options: Partial<BreakerOptions> = {}) {
    const all = { clock: this.clock, ...options };
    this.breakers = new Breakers(all);
    this.invoke = breaker(
      all,
      this.breakers,
    )(() => new Promise((answer, fail) => void this.open.push({ answer, fail })));
  }

  get state(): BreakerState | undefined {
    return this.breakers.list()[0]?.state;
  }

  /** One call from its start to its end. @returns the code it failed with, or `ok` */
  async once(outcome: Error | 'ok'): Promise<string> {
    const ended = this.start();
    const opened = this.open.pop();
    if (outcome === 'ok') opened?.answer(textReply('done'));
    else opened?.fail(outcome);
    return ended;
  }

  start(record?: CallRecord): Promise<string> {
    return this.invoke(toolCall({ record })).then(
      () => 'ok',
      (error: unknown) => (isConductorError(error) ? error.code : String(error)),
    );
  }

  async failTimes(times: number): Promise<void> {
    for (let index = 0; index < times; index += 1) await this.once(lost());
  }
}

describe('breaker', () => {
  it('opens after five failures in a row, and says when it will try again and why', async () => {
    const made = new Harness();
    await made.failTimes(4);
    assert.deepEqual(made.state, { kind: 'closed', failures: 4 });
    await made.failTimes(1);
    assert.deepEqual(made.state, {
      kind: 'open',
      until: made.clock.now() + 10_000,
      because: 'it failed 5 times in a row',
    });
    await made.clock.advance(1_500);
    await assert.rejects(made.invoke(toolCall()), {
      code: 'BREAKER_OPEN',
      message:
        'server "fake" is given a rest, because it failed 5 times in a row; it is tried again in 8.5 s; the last failure: gone',
      details: { server: 'fake', retryAfterMs: 8_500 },
    });
    assert.equal(made.open.length, 0);
  });

  it('counts again from nothing after an answer', async () => {
    const made = new Harness();
    await made.failTimes(4);
    await made.once('ok');
    assert.deepEqual(made.state, { kind: 'closed', failures: 0 });
  });

  it('opens when half of ten calls within 30 s failed, though never five in a row', async () => {
    const made = new Harness();
    for (let index = 0; index < 4; index += 1) {
      await made.once(lost());
      await made.once('ok');
    }
    await made.once('ok');
    await made.once(lost());
    assert.equal(made.state?.kind, 'open');
  });

  it('forgets failures that are older than the window', async () => {
    const made = new Harness();
    for (let index = 0; index < 4; index += 1) {
      await made.once(lost());
      await made.once('ok');
    }
    await made.clock.advance(33_000);
    await made.once('ok');
    await made.once(lost());
    assert.equal(made.state?.kind, 'closed');
  });

  it('does not count what is not the fault of the way', async () => {
    const codes: ErrorCode[] = ['CANCELLED', 'PERMISSION_DENIED', 'RATE_LIMITED', 'TOOL_NOT_FOUND', 'PROTOCOL_ERROR'];
    const made = new Harness({ failures: 1 });
    for (const code of codes) await made.once(new ConductorError(code, 'x'));
    await made.once(new Error('a bug'));
    assert.deepEqual(made.state, { kind: 'closed', failures: 0 });
  });

  it('does not take a tool that reports an error for a server that fails', async () => {
    const made = new Harness({ failures: 1 });
    const ended = made.start();
    made.open[0]?.answer({ ...textReply('no'), isError: true });
    assert.equal(await ended, 'ok');
    assert.equal(made.state?.kind, 'closed');
  });

  it('does not blame the server for a deadline that was too near', async () => {
    const made = new Harness({ failures: 1 });
    const call = made.invoke(toolCall({ deadline: made.clock.now() }));
    made.open[0]?.fail(new ConductorError('TIMEOUT', 'late'));
    await assert.rejects(call, { code: 'TIMEOUT' });
    assert.equal(made.state?.kind, 'closed');
  });

  it('counts one lost connection once, however many calls it took with it', async () => {
    const made = new Harness({ failures: 2 });
    for (let index = 0; index < 10; index += 1) await made.once(lost({ incident: 1 }));
    assert.deepEqual(made.state, { kind: 'closed', failures: 1 });
    await made.once(lost({ incident: 2 }));
    assert.equal(made.state?.kind, 'open');
  });

  it('lets one call probe after its rest, and closes when that is answered', async () => {
    const made = new Harness();
    await made.failTimes(5);
    await made.clock.advance(10_000);
    const probe = made.start();
    assert.equal(await made.start(), 'BREAKER_OPEN');
    assert.deepEqual(made.state, { kind: 'half-open', probing: true });
    made.open[0]?.answer(textReply('well'));
    assert.equal(await probe, 'ok');
    assert.deepEqual(made.state, { kind: 'closed', failures: 0 });
  });

  it('rests again when the probe fails', async () => {
    const made = new Harness();
    await made.failTimes(5);
    await made.clock.advance(10_000);
    await made.failTimes(1);
    assert.equal(made.state?.kind, 'open');
    await made.clock.advance(9_999);
    assert.equal(await made.start(), 'BREAKER_OPEN');
  });

  it('lets another call probe when the probe was cancelled', async () => {
    const made = new Harness();
    await made.failTimes(5);
    await made.clock.advance(10_000);
    await made.once(new ConductorError('CANCELLED', 'stopped'));
    assert.deepEqual(made.state, { kind: 'half-open', probing: false });
    assert.equal(await made.once('ok'), 'ok');
    assert.equal(made.state?.kind, 'closed');
  });

  it('does not listen to calls from before it opened', async () => {
    const made = new Harness();
    const early = [made.start(), made.start()];
    const [first, second] = made.open.splice(0);
    await made.failTimes(5);
    first?.answer(textReply('late'));
    await early[0];
    assert.equal(made.state?.kind, 'open');
    await made.clock.advance(10_000);
    const probe = made.start();
    second?.fail(lost());
    await early[1];
    assert.deepEqual(made.state, { kind: 'half-open', probing: true });
    made.open[0]?.answer(textReply('well'));
    await probe;
  });

  it('writes into the record of the call that opened it', async () => {
    const made = new Harness({ failures: 1 });
    const record: CallRecord = { attempts: 0, events: [] };
    const ended = made.start(record);
    made.open[0]?.fail(lost());
    await ended;
    assert.deepEqual(record.events, [{ name: 'breaker.opened', at: made.clock.now() }]);
  });

  it('keeps one breaker per server', async () => {
    const made = new Harness({ failures: 1 });
    await made.failTimes(1);
    const other = made.invoke(toolCall({ server: 'other' }));
    made.open[0]?.answer(textReply('fine'));
    await other;
    assert.deepEqual(
      made.breakers.list().map(({ server, state }) => [server, state.kind]),
      [
        ['fake', 'open'],
        ['other', 'closed'],
      ],
    );
  });

  it('refuses options out of their range by name', () => {
    const clock = new VirtualClock();
    assert.throws(
      () => breaker({ clock, failures: 0 }),
      /breaker\.failures must be a whole number of at least 1, not 0/,
    );
    assert.throws(() => breaker({ clock, failureShare: 2 }), /breaker\.failureShare must be a number from 0.01 to 1/);
  });
});

type Happening =
  | { readonly kind: 'start' }
  | { readonly kind: 'end'; readonly which: number; readonly outcome: 'ok' | ErrorCode }
  | { readonly kind: 'wait'; readonly ms: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'start' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat({ max: 20 }),
      outcome: fc.constantFrom('ok' as const, 'CONNECTION_LOST' as const, 'TIMEOUT' as const, 'CANCELLED' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 12_000 }) }) },
);

/** Starts a call and checks it against what the breaker said of itself just before. */
async function checkedStart(made: Harness, probes: Set<Open>): Promise<void> {
  const before = made.state;
  const inside = made.open.length;
  const ended = made.start();
  await settle();
  const passed = made.open.length > inside;
  const resting = before?.kind === 'open' && before.until > made.clock.now();
  const probing = before?.kind === 'half-open' && before.probing;
  assert.equal(passed, !(resting || probing), JSON.stringify(before));
  if (!passed) assert.equal(await ended, 'BREAKER_OPEN');
  const entered = made.open.at(-1);
  if (passed && before?.kind !== 'closed' && before !== undefined && entered !== undefined) probes.add(entered);
  assert.ok(probes.size <= 1, 'two probes at once');
}

async function checkedEnd(made: Harness, probes: Set<Open>, which: number, outcome: 'ok' | ErrorCode): Promise<void> {
  if (made.open.length === 0) return;
  const [ended] = made.open.splice(which % made.open.length, 1);
  if (outcome === 'ok') ended?.answer(textReply('done'));
  else ended?.fail(new ConductorError(outcome, 'x'));
  if (ended !== undefined) probes.delete(ended);
  await settle();
}

/** What may follow what, besides the same again. A rest ends with a probe, and a probe with its outcome. */
const FOLLOWS: Readonly<Record<string, readonly string[]>> = {
  closed: ['open'],
  open: ['half-open'],
  'half-open': ['open', 'closed'],
};

const kindOf = (made: Harness): string => made.state?.kind ?? 'closed';

async function play(made: Harness, probes: Set<Open>, event: Happening): Promise<void> {
  if (event.kind === 'wait') await made.clock.advance(event.ms);
  else if (event.kind === 'start') await checkedStart(made, probes);
  else await checkedEnd(made, probes, event.which, event.outcome);
}

function assertFollows(before: string, after: string, event: Happening): void {
  assert.ok(FOLLOWS[before]?.includes(after), `${before} became ${after}`);
  const answered = event.kind === 'end' && event.outcome === 'ok';
  assert.ok(answered || after !== 'closed', 'closed without an answer');
}

describe('breaker, whatever the order of events', () => {
  it('goes from closed to open to one probe, and is closed again by an answered probe alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 120 }), async (happenings) => {
        const made = new Harness({ failures: 2, restMs: 5_000 });
        const probes = new Set<Open>();
        for (const event of happenings) {
          const before = kindOf(made);
          await play(made, probes, event);
          const after = kindOf(made);
          if (after !== before) assertFollows(before, after, event);
        }
        // However it stands, it lets somebody pass in the end, and an answer closes it.
        for (const left of made.open.splice(0)) left.fail(new ConductorError('CANCELLED', 'x'));
        await made.clock.advance(5_000);
        const last = made.start();
        await settle();
        made.open.at(-1)?.answer(textReply('well'));
        assert.notEqual(await last, 'BREAKER_OPEN');
        assert.equal(made.state?.kind, 'closed');
      }),
      { numRuns: 150 },
    );
  });

  it('never lets a call pass while it rests, and never more than one probe', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 120 }), async (happenings) => {
        const made = new Harness({ failures: 2, restMs: 5_000 });
        const probes = new Set<Open>();
        for (const event of happenings) {
          await play(made, probes, event);
        }
      }),
      { numRuns: 150 },
    );
  });
});
