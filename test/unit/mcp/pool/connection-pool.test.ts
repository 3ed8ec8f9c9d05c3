/** Who gets which connection, who waits, and that none is lost, whatever happens in whatever order. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConductorError, isConductorError } from '../../../../src/base/errors.ts';
import { ConnectionPool, type Want } from '../../../../src/mcp/pool/connection-pool.ts';
import { type GivenPool, type PoolSettings, poolSettings } from '../../../../src/mcp/pool/settings.ts';
import { settle, VirtualClock } from '../../../fixtures/virtual-clock.ts';

class Fake {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

interface Opening {
  readonly succeed: () => Fake;
  readonly fail: (error: Error) => void;
  readonly signal: AbortSignal;
}

function setUp(given: GivenPool = {}, launch: 'http' | 'stdio' = 'http') {
  const settings: PoolSettings = poolSettings(launch, { prefill: 1, ...given });
  const openings: Opening[] = [];
  const discarded: string[] = [];
  const failures: unknown[] = [];
  let made = 0;
  const pool = new ConnectionPool<Fake>({
    settings: () => settings,
    clock: new VirtualClock(),
    open: (signal) =>
      new Promise((resolve, reject) => {
        const succeed = (): Fake => {
          made += 1;
          const fake = new Fake(`c${made}`);
          resolve(fake);
          return fake;
        };
        openings.push({ succeed, fail: reject, signal });
      }),
    discard: ({ name }) => discarded.push(name),
    onOpenFailed: (error) => failures.push(error),
  });
  const first = new Fake('first');
  pool.add(first);
  const taken: string[] = [];
  const get = (change: Partial<Want<Fake>> = {}, signal = never): Promise<Fake | undefined> => {
    const want = wantOf(change);
    const now = pool.tryTake(want);
    const got = now === undefined ? pool.wait(want, signal) : Promise.resolve(now);
    void got.then(
      (connection) => taken.push(connection?.name ?? 'none'),
      () => undefined,
    );
    return got;
  };
  return { pool, first, get, openings, discarded, failures, taken, settings };
}

const never = new AbortController().signal;
const wantOf = (change: Partial<Want<Fake>>): Want<Fake> => ({ owner: '', leg: 0, avoid: new Set(), ...change });

describe('the connections to a server', () => {
  it('have the documented defaults', () => {
    const any = Number.POSITIVE_INFINITY;
    const times = { idleMs: 300_000, healthMs: 30_000 };
    assert.deepEqual(poolSettings('http'), { max: 10, prefill: 3, calls: 1, stateful: false, ...times });
    assert.deepEqual(poolSettings('stdio'), { max: 1, prefill: 1, calls: any, stateful: false, ...times });
    const stateful = { max: 10, prefill: 1, calls: any, stateful: true, ...times };
    assert.deepEqual(poolSettings('stdio', { stateful: true }), stateful);
    assert.equal(poolSettings('http', { max: 2 }).prefill, 2);
  });

  it('grow when all are busy, up to the limit; then calls wait in the order they came', async () => {
    const { pool, first, get, openings, taken } = setUp({ max: 2 });
    const waiting = [get(), get(), get()];
    await settle();
    assert.equal(openings.length, 1, 'the third call would make a third connection');
    openings[0]?.succeed();
    await settle();
    assert.deepEqual(taken, ['first', 'c1']);
    assert.equal(pool.waiting, 1);
    const late = get();
    pool.release(first);
    assert.equal((await waiting[2])?.name, 'first');
    assert.equal(pool.waiting, 1);
    pool.release(first);
    assert.equal((await late)?.name, 'first');
  });

  it('are opened up to the prefill with the first call, and not before', async () => {
    const { pool, get, openings } = setUp({ prefill: 3 });
    pool.refill();
    assert.equal(openings.length, 0);
    await get();
    assert.equal(openings.length, 2);
  });

  it('carry any number of calls at once where they may', async () => {
    const { get, openings, taken } = setUp({}, 'stdio');
    await Promise.all([get(), get(), get()]);
    assert.deepEqual([taken, openings.length], [['first', 'first', 'first'], 0]);
  });

  it('stop being waited for when the call is cancelled', async () => {
    const { pool, first, get } = setUp({ max: 1 });
    await get();
    const controller = new AbortController();
    const cancelled = get({}, controller.signal);
    const next = get();
    controller.abort(new ConductorError('TIMEOUT', 'enough'));
    await assert.rejects(cancelled, { code: 'TIMEOUT' });
    pool.release(first);
    assert.equal((await next)?.name, 'first');
    assert.equal(pool.calls, 1);
  });

  it('are different ones for the copies of a call, one more than the limit if that is one', async () => {
    const { first, get, openings, taken } = setUp({}, 'stdio');
    await get();
    const second = get({ leg: 1, avoid: new Set([first]) });
    await settle();
    openings[0]?.succeed();
    await second;
    await get();
    assert.deepEqual(taken, ['first', 'c1', 'first'], 'other calls stay where they were');
    assert.equal(openings.length, 1);
  });

  it('refuse a copy that no second connection can be had for', async () => {
    const stateful = setUp({ stateful: true }, 'stdio');
    await stateful.get();
    await assert.rejects(stateful.get({ leg: 1, avoid: new Set([stateful.first]) }), { code: 'CANCELLED' });
    const { first, get, openings, failures } = setUp({}, 'stdio');
    await get();
    const copy = get({ leg: 1, avoid: new Set([first]) });
    await settle();
    openings[0]?.fail(new Error('no more licences'));
    await assert.rejects(copy, { code: 'CANCELLED' });
    assert.equal(failures.length, 1);
  });

  it('belong to one run each where the server remembers what it is told', async () => {
    const { pool, get, openings, taken } = setUp({ stateful: true }, 'stdio');
    await get({ owner: 'a' });
    const other = [get({ owner: 'b' }), get({ owner: 'b' })];
    await settle();
    assert.equal(openings.length, 1, 'two calls of one run share one');
    openings[0]?.succeed();
    await Promise.all(other);
    await get({ owner: 'a' });
    assert.deepEqual(taken, ['first', 'c1', 'c1', 'first']);
    assert.deepEqual(
      pool.endOwner('a').map(({ name }) => name),
      ['first'],
    );
    assert.equal(pool.size, 1);
  });

  it('send those who wait away when the last one is lost, to start the server again', async () => {
    const { pool, first, get, openings, discarded } = setUp({ max: 2 });
    await get();
    const waiting = get();
    await settle();
    pool.remove(first);
    assert.equal(await waiting, undefined);
    assert.equal(openings[0]?.signal.aborted, true);
    openings[0]?.succeed();
    await settle();
    assert.deepEqual([discarded, pool.size], [['c1'], 0]);
  });

  it('do not grow over and over while opening fails; who waits gets what is given back', async () => {
    const { pool, first, get, openings } = setUp({ max: 3 });
    await get();
    const waiting = get();
    await settle();
    openings[0]?.fail(new Error('refused'));
    await settle();
    assert.equal(openings.length, 1);
    pool.release(first);
    assert.equal((await waiting)?.name, 'first');
    void get().catch(() => undefined);
    pool.refill();
    assert.equal(openings.length, 2, 'the next sweep tries again');
  });

  it('are let go of together, with the reason for those who wait', async () => {
    const { pool, get, discarded, openings } = setUp({ max: 2 });
    await get();
    const waiting = get();
    await settle();
    assert.equal(pool.clear(new ConductorError('CANCELLED', 'stopped')).length, 1);
    await assert.rejects(waiting, { code: 'CANCELLED', message: 'stopped' });
    openings[0]?.succeed();
    await settle();
    assert.deepEqual(discarded, ['c1']);
  });
});

type Move =
  | { readonly kind: 'get'; readonly leg: 0 | 1; readonly owner: string }
  | { readonly kind: 'release' | 'abort' | 'open' | 'fail' | 'lose'; readonly pick: number }
  | { readonly kind: 'refill' | 'clear' };

const pick = fc.nat(20);
const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('get' as const),
        leg: fc.constant(0 as const),
        owner: fc.constantFrom('', 'a', 'b'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('get' as const), leg: fc.constant(1 as const), owner: fc.constant('') }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('release' as const), pick }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('open' as const), pick }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('abort' as const, 'fail' as const, 'lose' as const), pick }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('refill' as const, 'clear' as const) }) },
  ),
  { minLength: 5, maxLength: 80 },
);

/** Plays moves against a pool and checks after each what must always hold. */
class Game {
  readonly made: ReturnType<typeof setUp>;
  readonly #held: { connection: Fake; owner: string }[] = [];
  readonly #controllers: AbortController[] = [];
  #answered = 0;
  #asked = 0;

  constructor(given: GivenPool) {
    this.made = setUp(given);
  }

  async play(move: Move): Promise<void> {
    const { pool, openings, first } = this.made;
    switch (move.kind) {
      case 'get':
        this.#get(move.leg, move.owner);
        break;
      case 'release': {
        const [held] = this.#held.splice(move.pick % Math.max(1, this.#held.length), 1);
        if (held !== undefined) pool.release(held.connection);
        break;
      }
      case 'abort':
        this.#controllers[move.pick % Math.max(1, this.#controllers.length)]?.abort();
        break;
      case 'open':
        openings.splice(move.pick % Math.max(1, openings.length), 1)[0]?.succeed();
        break;
      case 'fail':
        openings.splice(move.pick % Math.max(1, openings.length), 1)[0]?.fail(new Error('refused'));
        break;
      case 'lose':
        pool.remove(pool.connections()[move.pick % Math.max(1, pool.size)] ?? first);
        break;
      case 'refill':
        pool.refill();
        break;
      case 'clear':
        pool.clear(new ConductorError('CANCELLED', 'stopped'));
    }
    await settle();
    this.check();
  }

  #get(leg: 0 | 1, owner: string): void {
    const controller = new AbortController();
    this.#controllers.push(controller);
    this.#asked += 1;
    const avoid = new Set(leg === 0 ? [] : this.made.pool.connections().slice(0, 1));
    void this.made.get({ leg, owner, avoid }, controller.signal).then(
      (connection) => {
        this.#answered += 1;
        if (connection === undefined) return;
        assert.ok(!avoid.has(connection), 'a copy went over the same connection');
        this.#held.push({ connection, owner });
      },
      (error: unknown) => {
        this.#answered += 1;
        assert.ok(isConductorError(error) || error instanceof Error);
      },
    );
  }

  check(): void {
    const { pool, settings } = this.made;
    const max = settings.stateful ? settings.max : Math.max(2, settings.max);
    assert.ok(pool.size <= max, `${pool.size} connections of ${max}`);
    assert.equal(this.#asked - this.#answered, pool.waiting, 'a call was lost');
    const held = this.#held.filter(({ connection }) => pool.has(connection));
    assert.equal(pool.calls, held.length, 'calls under way are miscounted');
    for (const connection of pool.connections()) {
      const users = held.filter((one) => one.connection === connection);
      assert.ok(users.length <= settings.calls, 'too many calls over one connection');
      if (settings.stateful) assert.ok(new Set(users.map(({ owner }) => owner)).size <= 1, 'two runs share a state');
    }
  }

  /** Everything is given back and everything opens: then nobody waits any more. */
  async finish(): Promise<void> {
    const { pool, openings, settings } = this.made;
    const owners = ['', 'a', 'b'];
    for (let turn = 0; turn < 200 && (pool.waiting > 0 || this.#held.length > 0); turn += 1) {
      for (const held of this.#held.splice(0)) pool.release(held.connection);
      pool.refill();
      for (const opening of openings.splice(0)) opening.succeed();
      await settle();
      if (settings.stateful && this.#held.length === 0) pool.endOwner(owners[turn % owners.length] ?? '');
      await settle();
    }
    assert.equal(pool.waiting, 0, 'somebody waits for ever');
    assert.equal(pool.calls, 0);
  }
}

describe('the connections to a server, whatever happens', () => {
  it('are never too many, never shared by copies or by runs, and keep nobody waiting for ever', async () => {
    const settings = fc.record({
      max: fc.integer({ min: 1, max: 4 }),
      prefill: fc.integer({ min: 1, max: 3 }),
      calls: fc.integer({ min: 1, max: 3 }),
      stateful: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(settings, moves, async (given, script) => {
        const game = new Game(given);
        for (const move of script) await game.play(move);
        await game.finish();
      }),
      { numRuns: 300 },
    );
  });
});
