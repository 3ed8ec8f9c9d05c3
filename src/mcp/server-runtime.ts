/** One server over its life: stopped, starting, ready, failed; started once however many ask, restarted by the next call. */
import { abortError, raceAbort, throwIfAborted } from '../base/abort.ts';
import { ConductorError, messageOf, toConductorError } from '../base/errors.ts';
import type { Call, Reply } from '../contracts/call.ts';
import type {
  ServerCatalog,
  ServerDefinition,
  ServerLogLine,
  ServerSnapshot,
  ServerState,
} from '../contracts/server.ts';
import type { Connection } from './connection.ts';
import { KnownDefinitions } from './known-definitions.ts';

/** What a start is given, and what it tells while the connection lives. */
export interface StartHooks {
  readonly definitions: KnownDefinitions;
  readonly log: (stream: ServerLogLine['stream'], text: string) => void;
  readonly onCatalog: (catalog: ServerCatalog) => void;
  readonly onLost: (message: string) => void;
}

export interface ServerRuntimeOptions {
  readonly definition: ServerDefinition;
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

export class ServerRuntime {
  readonly #options: ServerRuntimeOptions;
  #definition: ServerDefinition;
  #state: ServerState = { status: 'stopped' };
  #catalog: ServerCatalog | undefined;
  readonly #definitions = new KnownDefinitions();
  #connection: Connection | undefined;
  #starting: Starting | undefined;
  #closing: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(options: ServerRuntimeOptions) {
    this.#options = options;
    this.#definition = options.definition;
  }

  snapshot(): ServerSnapshot {
    return { definition: this.#definition, state: this.#state, catalog: this.#catalog };
  }

  /** The same server, written elsewhere. */
  moved(definition: ServerDefinition): void {
    this.#definition = definition;
  }

  /** @throws ConductorError SERVER_START_FAILED, CANCELLED, PERMISSION_DENIED where nothing may be started */
  async start(signal: AbortSignal): Promise<Connection> {
    throwIfAborted(signal);
    if (this.#connection !== undefined) return this.#connection;
    await this.#givenUp(signal);
    if (this.#connection !== undefined) return this.#connection;
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
    const connection = await this.start(call.signal);
    return connection.call(call);
  }

  async stop(why = 'stopped'): Promise<void> {
    const { id } = this.#definition;
    this.#starting?.controller.abort(
      new ConductorError('CANCELLED', `server "${id}" was ${why} while it was starting`),
    );
    const connection = this.#connection;
    this.#connection = undefined;
    this.#setState({ status: 'stopped' });
    if (connection !== undefined) this.#close(connection, why);
    await this.#closing;
    await this.#starting?.done.catch(() => undefined); // its failure is its waiters' to hear of
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.stop('shut down');
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
    let lost: string | undefined;
    let connection: Connection | undefined;
    const hooks: StartHooks = {
      definitions: this.#definitions,
      log: this.#options.log,
      onCatalog: (catalog) => this.#setCatalog(catalog),
      onLost: (message) => {
        lost = message;
        if (connection !== undefined) this.#lost(connection, message);
      },
    };
    try {
      connection = await this.#options.open(this.#definition, hooks, signal);
      this.#starting = undefined;
      if (signal.aborted) {
        this.#close(connection, 'stopped');
        throw abortError(signal);
      }
      this.#ready(connection);
      if (lost !== undefined) this.#lost(connection, lost);
      return connection;
    } catch (error) {
      this.#starting = undefined;
      throw this.#startFailed(error, signal);
    }
  }

  #ready(connection: Connection): void {
    const { era, protocolVersion, pid } = connection;
    this.#connection = connection;
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
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#options.log('lifecycle', message);
    this.#setState({ status: 'failed', reason: message });
    this.#close(connection, undefined);
  }

  #close(connection: Connection, why: string | undefined): void {
    const closing = connection
      .close()
      .catch((error: unknown) => this.#options.log('lifecycle', `could not be closed: ${messageOf(error)}`));
    this.#closing = Promise.all([this.#closing, closing]).then(() => {
      if (why !== undefined) this.#options.log('lifecycle', why);
    });
  }

  #setCatalog(catalog: ServerCatalog): void {
    this.#catalog = catalog;
    this.#options.onChange();
  }

  #setState(state: ServerState): void {
    if (this.#state.status === 'stopped' && state.status === 'stopped') return;
    this.#state = state;
    this.#options.onChange();
  }
}
