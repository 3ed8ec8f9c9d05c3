/** The connections to one server: who uses which, who waits for one, and when another is opened (guide: Connection Pooling). */
import { abortError } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import { ConductorError } from '../../base/errors.ts';
import type { PoolSettings } from './settings.ts';

export interface PoolOptions<C extends object> {
  /** Asked for each decision: it may be configured anew while calls are under way. */
  readonly settings: () => PoolSettings;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Opens one more; settles when the signal aborts. What it opens and nobody wants any more goes to `discard`. */
  readonly open: (signal: AbortSignal) => Promise<C>;
  /** Ends a connection that the pool has let go of. */
  readonly discard: (connection: C, why: string) => void;
  /** Told why one more could not be opened, when others go on. */
  readonly onOpenFailed: (error: unknown) => void;
}

/** What a call wants of its connection. */
export interface Want<C extends object> {
  /** Whose state the connection holds, where the server is stateful. */
  readonly owner: string;
  /** Number of the copy of a hedged call; 0 when there is one. */
  readonly leg: number;
  /** Connections that other copies of the same call went over. */
  readonly avoid: ReadonlySet<C>;
}

interface Member<C extends object> {
  readonly connection: C;
  /** Of a stateful server; undefined until somebody has used it. */
  owner: string | undefined;
  /** Calls under way. */
  load: number;
  /** Monotonic milliseconds of the end of the last call. */
  calledAt: number;
  /** Monotonic milliseconds of that, or of the last answer to whether it is well. */
  answeredAt: number;
}

interface Waiter<C extends object> {
  readonly want: Want<C>;
  readonly resolve: (connection: C | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Never holds more than `max` connections, one more for the second copy of a hedged call where `max` is 1. Calls that
 * find none free wait in the order they came. Members keep their order, so that what is not needed stays unused.
 */
export class ConnectionPool<C extends object> {
  readonly #options: PoolOptions<C>;
  readonly #members = new Map<C, Member<C>>();
  #waiters: Waiter<C>[] = [];
  #opening = 0;
  #openings = new AbortController();
  /** Whether a connection has failed to open since one did open: growing is then left to the next sweep. */
  #reluctant = false;
  /** A server that is only looked at needs one connection. */
  #isUsed = false;

  constructor(options: PoolOptions<C>) {
    this.#options = options;
  }

  get size(): number {
    return this.#members.size;
  }

  get calls(): number {
    let calls = 0;
    for (const { load } of this.#members.values()) calls += load;
    return calls;
  }

  get waiting(): number {
    return this.#waiters.length;
  }

  /** The first that was added and is still there. */
  get first(): C | undefined {
    return this.#members.keys().next().value;
  }

  /** Connections without a call, the oldest first. */
  unused(): readonly Readonly<Member<C>>[] {
    return [...this.#members.values()].filter(({ load }) => load === 0);
  }

  has(connection: C): boolean {
    return this.#members.has(connection);
  }

  connections(): readonly C[] {
    return [...this.#members.keys()];
  }

  add(connection: C): void {
    const now = this.#options.clock.monotonic();
    this.#members.set(connection, { connection, owner: undefined, load: 0, calledAt: now, answeredAt: now });
    this.#reluctant = false;
    this.#serve();
  }

  /** A free connection at once, or undefined; to be given back by `release`. */
  tryTake(want: Want<C>): C | undefined {
    if (this.#waiters.length > 0) return undefined;
    const member = this.#candidate(want);
    if (member === undefined) return undefined;
    if (!this.#isUsed) this.#firstUse();
    return take(member, want);
  }

  /**
   * Waits for a connection. Undefined when the pool has lost its last one, so that there is nothing to wait for.
   * @throws ConductorError CANCELLED when no second connection can ever be had, or the reason of the signal
   */
  wait(want: Want<C>, signal: AbortSignal): Promise<C | undefined> {
    if (signal.aborted) return Promise.reject(abortError(signal));
    if (this.#members.size === 0) return Promise.resolve(undefined);
    if (want.leg > 0 && this.#neverSecond(want)) return Promise.reject(noSecond());
    if (this.#isHopeless(want)) this.#reluctant = false;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(abortError(signal));
      };
      const settled = (): void => signal.removeEventListener('abort', onAbort);
      const waiter: Waiter<C> = {
        want,
        resolve: (connection) => {
          settled();
          resolve(connection);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.push(waiter);
      this.#serve();
    });
  }

  release(connection: C): void {
    const member = this.#members.get(connection);
    if (member === undefined) return; // it was lost while it was used
    member.load -= 1;
    member.calledAt = this.#options.clock.monotonic();
    member.answeredAt = member.calledAt;
    this.#serve();
  }

  /** It has answered, so that it need not be asked again for a while. */
  isWell(connection: C): void {
    const member = this.#members.get(connection);
    if (member !== undefined) member.answeredAt = this.#options.clock.monotonic();
  }

  /** Lets go of one that is of no use any more; who closes it is the caller's affair. */
  remove(connection: C): void {
    if (!this.#members.delete(connection)) return;
    if (this.#members.size > 0) this.#serve();
    else this.#emptied();
  }

  /** Ends what belonged to a stateful server's run. */
  endOwner(owner: string): readonly C[] {
    const owned = [...this.#members.values()].filter((member) => member.owner === owner);
    for (const { connection } of owned) this.remove(connection);
    return owned.map(({ connection }) => connection);
  }

  /** Opens what is missing, in the background, once the server has been called. */
  refill(): void {
    if (this.#members.size === 0) return;
    this.#reluctant = false;
    this.#serve();
    if (!this.#isUsed) return;
    const { prefill } = this.#options.settings();
    for (let missing = prefill - this.#members.size - this.#opening; missing > 0; missing -= 1) this.#open();
  }

  /** Lets go of everything; those who wait are refused with `reason`. @returns what has to be closed */
  clear(reason: ConductorError): readonly C[] {
    const connections = this.connections();
    this.#members.clear();
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#giveUpOpening();
    for (const waiter of waiters) waiter.reject(reason);
    return connections;
  }

  #emptied(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#giveUpOpening();
    for (const waiter of waiters) waiter.resolve(undefined);
  }

  #firstUse(): void {
    this.#isUsed = true;
    this.refill();
  }

  /** Of an empty pool. */
  #giveUpOpening(): void {
    this.#isUsed = false;
    this.#openings.abort(new ConductorError('CANCELLED', 'there is nothing left to open another connection beside'));
    this.#openings = new AbortController();
    this.#opening = 0;
  }

  /** Serves whom it can in the order they came, and opens what the others need. */
  #serve(): void {
    if (this.#waiters.length === 0) return;
    const left: Waiter<C>[] = [];
    for (const waiter of this.#waiters) {
      const member = this.#candidate(waiter.want);
      if (member === undefined) left.push(waiter);
      else waiter.resolve(take(member, waiter.want));
    }
    this.#waiters = left;
    if (!this.#reluctant) this.#grow();
  }

  #grow(): void {
    const { stateful } = this.#options.settings();
    const owners = new Set<string>();
    let wanted = 0;
    for (const { want } of this.#waiters) {
      if (this.#members.size + this.#opening >= this.#limit(want)) continue;
      if (stateful && (owners.has(want.owner) || this.#owned(want.owner))) continue;
      owners.add(want.owner);
      wanted += 1;
      if (wanted > this.#opening) this.#open();
    }
  }

  /** A second copy may have a second connection even where one is enough for everything else. */
  #limit({ leg }: Want<C>): number {
    const { max, stateful } = this.#options.settings();
    return leg > 0 && !stateful ? Math.max(2, max) : max;
  }

  #candidate(want: Want<C>): Member<C> | undefined {
    const { calls, stateful } = this.#options.settings();
    let fresh: Member<C> | undefined;
    for (const member of this.#members.values()) {
      if (want.avoid.has(member.connection)) continue;
      if (stateful && member.owner !== want.owner) {
        if (member.owner === undefined && !this.#owned(want.owner)) fresh ??= member;
        continue;
      }
      if (member.load < calls) return member;
    }
    return fresh;
  }

  #owned(owner: string): boolean {
    for (const member of this.#members.values()) if (member.owner === owner) return true;
    return false;
  }

  #open(): void {
    const { signal } = this.#openings;
    this.#opening += 1;
    void this.#options.open(signal).then(
      (connection) => {
        if (signal.aborted) {
          this.#options.discard(connection, 'not needed any more');
          return;
        }
        this.#opening -= 1;
        this.add(connection);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.#opening -= 1;
        this.#reluctant = true;
        this.#options.onOpenFailed(error);
        if (this.#opening === 0) this.#refuseHopeless(error);
      },
    );
  }

  /** Nobody waits for what cannot be opened; where others are busy, there is still something to wait for. */
  #refuseHopeless(error: unknown): void {
    const left: Waiter<C>[] = [];
    for (const waiter of this.#waiters) {
      if (!this.#isHopeless(waiter.want)) left.push(waiter);
      else waiter.reject(waiter.want.leg > 0 ? noSecond(error) : error);
    }
    this.#waiters = left;
  }

  /** Whether none of the connections there are will ever do, busy or not. */
  #isHopeless({ avoid, owner }: Want<C>): boolean {
    const { stateful } = this.#options.settings();
    for (const member of this.#members.values()) {
      if (!avoid.has(member.connection) && (!stateful || (member.owner ?? owner) === owner)) return false;
    }
    return true;
  }

  #neverSecond(want: Want<C>): boolean {
    return this.#options.settings().stateful || this.#limit(want) <= want.avoid.size;
  }
}

function take<C extends object>(member: Member<C>, want: Want<C>): C {
  member.load += 1;
  member.owner ??= want.owner;
  return member.connection;
}

function noSecond(cause?: unknown): ConductorError {
  return new ConductorError('CANCELLED', 'there is no second connection to send another copy over', { cause });
}
