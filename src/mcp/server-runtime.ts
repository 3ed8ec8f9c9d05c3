/** One server over its life: stopped, starting, ready, failed; started once however many ask, restarted by the next call. */
import { abortError, raceAbort, throwIfAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { ConductorError, isConductorError, messageOf, toConductorError } from '../base/errors.ts';
import type { Call, Reply, RunId } from '../contracts/call.ts';
import type {
  ServerCatalog,
  ServerDefinition,
  ServerLogLine,
  ServerSnapshot,
  ServerState,
} from '../contracts/server.ts';
import type { Connection } from './connection.ts';
import { KnownDefinitions } from './known-definitions.ts';
import { ConnectionPool, type Want } from './pool/connection-pool.ts';
import { PoolKeeper } from './pool/keeper.ts';
import type { PoolSettings } from './pool/settings.ts';

/** What an opening is given, and what it tells while the connection lives. */
export interface StartHooks {
  readonly definitions: KnownDefinitions;
  /** Whether what the server says of its lists is to be followed on this connection. */
  readonly follows: boolean;
  readonly log: (stream: ServerLogLine['stream'], text: string) => void;
  readonly onCatalog: (catalog: ServerCatalog) => void;
  readonly onLost: (message: string) => void;
}

export interface ServerRuntimeOptions {
  readonly definition: ServerDefinition;
  readonly clock: Clock;
  readonly settings: () => PoolSettings;
  /** Resolves the definition and connects. @throws ConductorError */
  readonly open: (definition: ServerDefinition, hooks: StartHooks, signal: AbortSignal) => Promise<Connection>;
  /** Why nothing may be started now; undefined when it may. */
  readonly refusal: () => ConductorError | undefined;
  readonly log: (stream: ServerLogLine['stream'], text: string) => void;
  /** The state or the catalog has changed. */
  readonly onChange: () => void;
}

interface Starting {
  readonly controller: AbortController;
  readonly done: Promise<Connection>;
  /** How many are waiting; when the last of them gives up, so does the start. */
  waiters: number;
}

const NONE: ReadonlySet<Connection> = new Set();

export class ServerRuntime {
  readonly #options: ServerRuntimeOptions;
  readonly #pool: ConnectionPool<Connection>;
  readonly #keeper: PoolKeeper<Connection>;
  readonly #definitions = new KnownDefinitions();
  /** Which connection each copy of a hedged call went over last. */
  readonly #copies = new WeakMap<object, Map<number, Connection>>();
  #definition: ServerDefinition;
  #state: ServerState = { status: 'stopped' };
  #catalog: ServerCatalog | undefined;
  /** The one whose lists are the catalog; undefined when there is none at all. */
  #leader: Connection | undefined;
  #starting: Starting | undefined;
  #closing: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(options: ServerRuntimeOptions) {
    this.#options = options;
    this.#definition = options.definition;
    const { clock, settings, log } = options;
    this.#pool = new ConnectionPool<Connection>({
      clock,
      settings,
      open: (signal) => this.#openFurther(signal),
      discard: (connection, why) => this.#close([connection], why),
      onOpenFailed: (error) => log('lifecycle', `another connection could not be opened: ${messageOf(error)}`),
    });
    this.#keeper = new PoolKeeper<Connection>({
      pool: this.#pool,
      clock,
      settings,
      check: (connection, signal) => connection.check(signal),
      onUnwell: (connection, error) => this.#lost(connection, `does not answer any more (${messageOf(error)})`),
      onSpare: (connection) => this.#letGo([connection], 'closed a connection that was not needed'),
      onIdle: () => void this.stop(`stopped, because it was not used for ${minutes(settings().idleMs)}`),
    });
  }

  snapshot(): ServerSnapshot {
    const { max } = this.#options.settings();
    const connections = { max, open: this.#pool.size, calls: this.#pool.calls, waiting: this.#pool.waiting };
    return { definition: this.#definition, state: this.#state, catalog: this.#catalog, connections };
  }

  /** The same server, written elsewhere. */
  moved(definition: ServerDefinition): void {
    this.#definition = definition;
  }

  /** @throws ConductorError SERVER_START_FAILED, CANCELLED, PERMISSION_DENIED where nothing may be started */
  async start(signal: AbortSignal): Promise<Connection> {
    throwIfAborted(signal);
    if (this.#leader !== undefined) return this.#leader;
    await this.#givenUp(signal);
    if (this.#leader !== undefined) return this.#leader;
    const starting = this.#starting ?? this.#begin();
    starting.waiters += 1;
    try {
      return await raceAbort(starting.done, signal);
    } finally {
      starting.waiters -= 1;
      if (starting.waiters === 0 && this.#starting === starting) starting.controller.abort(abortError(signal));
    }
  }

  async call(call: Call): Promise<Reply> {
    const connection = await this.#connectionFor(call);
    try {
      call.onPhase?.('sent');
      return await connection.call(connection === this.#leader ? call : this.#heldToCatalog(call));
    } catch (error) {
      // Two connections that disagree on a tool: what was shown may be the older one.
      if (isConductorError(error) && error.code === 'TOOL_CHANGED') this.#leader?.refresh();
      throw error;
    } finally {
      this.#pool.release(connection);
    }
  }

  /** What a stateful server was told by this run is forgotten with the connection that heard it. */
  endRun(run: RunId): void {
    if (!this.#options.settings().stateful) return;
    this.#letGo(this.#pool.endOwner(run), 'closed the connection of a run that is over');
  }

  async stop(why = 'stopped'): Promise<void> {
    const { id } = this.#definition;
    const reason = new ConductorError('CANCELLED', `server "${id}" was ${why}`);
    this.#starting?.controller.abort(
      new ConductorError('CANCELLED', `server "${id}" was ${why} while it was starting`),
    );
    this.#leader = undefined;
    this.#keeper.stop();
    const connections = this.#pool.clear(reason);
    this.#setState({ status: 'stopped' });
    if (connections.length > 0) this.#close(connections, why);
    await this.#closing;
    await this.#starting?.done.catch(() => undefined); // its failure is its waiters' to hear of
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.stop('shut down');
  }

  /** At once where one is free; starts the server and waits where that has to be. */
  async #connectionFor(call: Call): Promise<Connection> {
    for (;;) {
      if (this.#leader === undefined) {
        call.onPhase?.('waiting');
        await this.start(call.signal);
      }
      const want = this.#wantOf(call);
      let connection = this.#pool.tryTake(want);
      if (connection === undefined) {
        call.onPhase?.('waiting');
        connection = await this.#pool.wait(want, call.signal);
      }
      if (connection === undefined) continue; // the last one was lost meanwhile
      if (call.copies !== undefined) this.#copiesOf(call.copies).set(want.leg, connection);
      return connection;
    }
  }

  #wantOf({ run = '', leg = 0, copies }: Call): Want<Connection> {
    if (leg === 0 || copies === undefined) return { owner: run, leg, avoid: NONE };
    const others = [...this.#copiesOf(copies)].filter(([other]) => other !== leg);
    return { owner: run, leg, avoid: new Set(others.map(([, connection]) => connection)) };
  }

  #copiesOf(copies: object): Map<number, Connection> {
    const known = this.#copies.get(copies) ?? new Map<number, Connection>();
    this.#copies.set(copies, known);
    return known;
  }

  /** Over another connection than the catalog came from, the tool has to be the one in the catalog all the same. */
  #heldToCatalog(call: Call): Call {
    const { request, definitionHash } = call;
    if (request.kind !== 'tool' || definitionHash !== undefined) return call;
    const shown = this.#catalog?.tools.find((tool) => tool.name === request.tool);
    return shown === undefined ? call : { ...call, definitionHash: shown.definitionHash };
  }

  /** A start that everybody has turned away from is not joined: it ends first. */
  async #givenUp(signal: AbortSignal): Promise<void> {
    while (this.#starting?.controller.signal.aborted === true) {
      const ending = this.#starting.done.then(
        () => undefined,
        () => undefined,
      );
      await raceAbort(ending, signal);
    }
  }

  #begin(): Starting {
    const refusal = this.#disposed
      ? new ConductorError('CANCELLED', `server "${this.#definition.id}" is shut down`)
      : this.#options.refusal();
    if (refusal !== undefined) throw refusal;
    const controller = new AbortController();
    this.#setState({ status: 'starting' });
    this.#options.log('lifecycle', 'starting');
    const starting: Starting = { controller, done: this.#open(controller.signal), waiters: 0 };
    this.#starting = starting;
    return starting;
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    await this.#closing; // the old process first, so that two never share a port or a file
    try {
      const { connection, lost } = await this.#connect(true, signal);
      this.#starting = undefined;
      if (signal.aborted) {
        this.#close([connection], 'stopped');
        throw abortError(signal);
      }
      this.#ready(connection);
      if (lost() !== undefined) this.#lost(connection, lost() ?? '');
      return connection;
    } catch (error) {
      this.#starting = undefined;
      throw this.#startFailed(error, signal);
    }
  }

  async #openFurther(signal: AbortSignal): Promise<Connection> {
    const { connection, lost } = await this.#connect(false, signal);
    const reason = lost();
    if (reason !== undefined) {
      this.#close([connection], undefined);
      throw new ConductorError('CONNECTION_LOST', reason, { sent: false });
    }
    const process = connection.pid === undefined ? '' : `, process ${connection.pid}`;
    this.#options.log('lifecycle', `opened connection ${this.#pool.size + 1}${process}`);
    this.#options.onChange();
    return connection;
  }

  /** @param isFirst whether its lists are the catalog from the beginning */
  async #connect(
    isFirst: boolean,
    signal: AbortSignal,
  ): Promise<{ readonly connection: Connection; readonly lost: () => string | undefined }> {
    let lost: string | undefined;
    let connection: Connection | undefined;
    const hooks: StartHooks = {
      definitions: this.#definitions,
      follows: isFirst,
      log: this.#options.log,
      onCatalog: (catalog) => {
        if (connection === undefined ? isFirst : connection === this.#leader) this.#listed(catalog);
      },
      onLost: (message) => {
        lost = message;
        if (connection !== undefined) this.#lost(connection, message);
      },
    };
    connection = await this.#options.open(this.#definition, hooks, signal);
    return { connection, lost: () => lost };
  }

  #ready(connection: Connection): void {
    const { era, protocolVersion, pid } = connection;
    this.#leader = connection;
    this.#pool.add(connection);
    this.#keeper.start();
    this.#setState({ status: 'ready', era, protocolVersion, pid });
    const { tools, resources, prompts } = connection.catalog;
    const process = pid === undefined ? '' : `, process ${pid}`;
    this.#options.log(
      'lifecycle',
      `ready: protocol ${protocolVersion}${process}; ${tools.length} tools, ${resources.length} resources, ${prompts.length} prompts`,
    );
  }

  #startFailed(error: unknown, signal: AbortSignal): ConductorError {
    const failure = signal.aborted ? abortError(signal) : toConductorError(error, 'SERVER_START_FAILED');
    if (failure.code === 'CANCELLED') {
      this.#options.log('lifecycle', `not started: ${failure.message}`);
      this.#setState({ status: 'stopped' });
    } else {
      this.#options.log('lifecycle', failure.message);
      this.#setState({ status: 'failed', reason: failure.message });
    }
    return failure;
  }

  #lost(connection: Connection, message: string): void {
    if (!this.#pool.has(connection)) return;
    this.#options.log('lifecycle', message);
    // Over HTTP the connections that wait lead to the same place: whoever comes next finds out whether it is there.
    const others = connection.pid === undefined ? this.#pool.unused().map((unused) => unused.connection) : [];
    const gone = [connection, ...others.filter((other) => other !== connection)];
    for (const one of gone) this.#pool.remove(one);
    this.#close(gone, undefined);
    this.#left({ status: 'failed', reason: message });
  }

  /** Connections that are well, and not wanted any more. */
  #letGo(connections: readonly Connection[], why: string): void {
    if (connections.length === 0) return;
    for (const connection of connections) this.#pool.remove(connection);
    this.#close(connections, why);
    this.#left({ status: 'stopped' });
  }

  /** Another one leads when the leader has gone, and what is missing is replaced. @param last the state without any */
  #left(last: ServerState): void {
    const first = this.#pool.first;
    if (first === undefined) {
      this.#leader = undefined;
      this.#keeper.stop();
      this.#setState(last);
      return;
    }
    if (this.#leader !== first) {
      this.#leader = first;
      const { era, protocolVersion, pid } = first;
      this.#setState({ status: 'ready', era, protocolVersion, pid });
      first.watch();
      first.refresh();
    }
    this.#pool.refill();
  }

  /** @param why for the log; undefined where it has been said */
  #close(connections: readonly Connection[], why: string | undefined): void {
    const closing = connections.map((connection) =>
      connection
        .close()
        .catch((error: unknown) => this.#options.log('lifecycle', `could not be closed: ${messageOf(error)}`)),
    );
    this.#closing = Promise.all([this.#closing, ...closing]).then(() => {
      if (why !== undefined) this.#options.log('lifecycle', why);
    });
  }

  #listed(catalog: ServerCatalog): void {
    this.#catalog = catalog;
    this.#options.onChange();
    // The others are connections to the same server: what has changed here has changed there.
    for (const connection of this.#pool.connections()) if (connection !== this.#leader) connection.refresh();
  }

  #setState(state: ServerState): void {
    if (this.#state.status === 'stopped' && state.status === 'stopped') return;
    this.#state = state;
    this.#options.onChange();
  }
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${Number((ms / 1_000).toFixed(1))} s` : `${Number((ms / 60_000).toFixed(1))} min`;
}
