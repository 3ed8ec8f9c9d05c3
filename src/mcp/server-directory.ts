/** All servers of a window or a command, from every place they are defined in: seen, started, stopped and asked. */
import type { Transport } from '@modelcontextprotocol/client';
import { raceAbort } from '../base/abort.ts';
import { Emitter } from '../base/events.ts';
import type { Clock } from '../base/clock.ts';
import { ConductorError, isConductorError, messageOf } from '../base/errors.ts';
import type { Credentials } from '../contracts/credentials.ts';
import type { Invoke, RunId, ServerId } from '../contracts/call.ts';
import type {
  AskInput,
  EraMemory,
  HostEnvironment,
  Problem,
  ProcessHost,
  SecretStore,
  ServerDefinition,
  ServerDirectory,
  ServerLogLine,
  ServerLogSink,
  ServerSnapshot,
  VariableSource,
} from '../contracts/server.ts';
import { discoverServers } from './config/discover.ts';
import { InputValues } from './config/inputs.ts';
import { resolveLaunch, type WorkspaceFolder } from './config/resolve-launch.ts';
import type { Connection } from './connection.ts';
import { type ConnectionLimits, DEFAULT_LIMITS } from './limits.ts';
import { nearestNames } from './nearest.ts';
import { definitionDigest, EraVerdicts } from './negotiation.ts';
import { type GivenPool, poolSettings, type PoolSettings } from './pool/settings.ts';
import { redactDeep, redactValues, withoutControls } from './redact.ts';
import { ServerRuntime, type StartHooks } from './server-runtime.ts';
import type { Fetch } from './transport/guarded-fetch.ts';

export interface ServerDirectoryOptions {
  /** Servers that come with the product; nothing takes their ids. @default none */
  readonly bundled?: readonly ServerDefinition[] | undefined;
  /** The open folders, asked for anew on every `reload`; their `.vscode/mcp.json` is read. @default none */
  readonly folders?: (() => readonly WorkspaceFolder[]) | undefined;
  /** Whether the folders' own servers are listed at all; the command line wants a flag for it. @default true */
  readonly includeWorkspaceServers?: boolean | undefined;
  /** Absolute paths of further files of servers, before those of the folders. @default none */
  readonly configFiles?: readonly string[] | undefined;
  /** Whether anything may be started. @default always */
  readonly trusted?: (() => boolean) | undefined;
  readonly processes: ProcessHost;
  readonly secrets: SecretStore;
  readonly askInput: AskInput;
  readonly variables: VariableSource;
  readonly environment: HostEnvironment;
  /** What `${{ secrets.NAME }}` means. @default a server that needs one does not start */
  readonly credentials?: Credentials | undefined;
  readonly eras: EraMemory;
  readonly clock: Clock;
  readonly log: ServerLogSink;
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** Takes what must not be shown out of a text. @default every value that was put into a definition, as it is */
  readonly redact?: ((text: string) => string) | undefined;
  /** @default DEFAULT_LIMITS */
  readonly limits?: Partial<ConnectionLimits> | undefined;
  /** What is configured of a server's connections; the same object while nothing changes. @default nothing */
  readonly pool?: ((server: ServerId) => GivenPool | undefined) | undefined;
  /** @default the global `fetch` */
  readonly fetch?: Fetch | undefined;
  /** Connects to a server of this process, instead of what its definition says; undefined for any other. @default none */
  readonly inProcess?: ((id: ServerId) => Transport | undefined) | undefined;
}

/** A directory that also knows which values must never be shown. */
export interface ServerDirectoryWithSecrets extends ServerDirectory {
  /** The same array while nothing changes. */
  readonly knownSecrets: () => readonly string[];
}

/**
 * Knows the bundled servers at once, and those of files after the first `reload`.
 * @example
 * const servers = createServerDirectory({ bundled, folders: () => folders, processes, secrets, … });
 * await servers.reload();
 * const reply = await servers.invoke({ server: 'code-analysis', request: { kind: 'tool', tool: 'list_files', args: {} }, … });
 */
export function createServerDirectory(options: ServerDirectoryOptions): ServerDirectoryWithSecrets {
  return new Directory(options);
}

interface Entry {
  readonly runtime: ServerRuntime;
  readonly digest: string;
}

const NO_CREDENTIALS: Credentials = {
  value: ({ id }, name) =>
    Promise.reject(
      new ConductorError('SERVER_START_FAILED', `server "${id}" needs the credential ${name}: none are kept here`),
    ),
};

class Directory implements ServerDirectoryWithSecrets {
  readonly #options: ServerDirectoryOptions;
  readonly #limits: ConnectionLimits;
  readonly #eras: EraVerdicts;
  readonly #inputs: InputValues;
  /** Replaced as a whole when a secret is added, so that who keeps it notices. */
  #secrets: readonly string[] = [];
  readonly #changes: Emitter<ServerId | undefined>;
  readonly #pools = new WeakMap<
    ServerDefinition,
    { readonly given: GivenPool | undefined; readonly settings: PoolSettings }
  >();
  #entries = new Map<ServerId, Entry>();
  #problems: readonly Problem[] = [];
  #reloading: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(options: ServerDirectoryOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#eras = new EraVerdicts(options.eras, options.clock);
    this.#inputs = new InputValues({ ask: options.askInput, secrets: options.secrets, variables: options.variables });
    this.#changes = new Emitter((error) =>
      this.#log('directory', 'lifecycle', `a listener failed: ${messageOf(error)}`),
    );
    for (const definition of options.bundled ?? []) this.#entries.set(definition.id, this.#entry(definition));
  }

  get onChange(): ServerDirectory['onChange'] {
    return this.#changes.event;
  }

  readonly invoke: Invoke = (call) => this.#runtime(call.server).then((runtime) => runtime.call(call));

  list(): readonly ServerSnapshot[] {
    return [...this.#entries.values()].map(({ runtime }) => runtime.snapshot());
  }

  get(id: ServerId): ServerSnapshot | undefined {
    return this.#entries.get(id)?.runtime.snapshot();
  }

  problems(): readonly Problem[] {
    return this.#problems;
  }

  readonly knownSecrets = (): readonly string[] => this.#secrets;

  async start(id: ServerId, signal: AbortSignal): Promise<ServerSnapshot> {
    const runtime = await this.#runtime(id);
    await runtime.start(signal);
    return runtime.snapshot();
  }

  async stop(id: ServerId): Promise<void> {
    await (await this.#runtime(id)).stop();
  }

  async restart(id: ServerId, signal: AbortSignal): Promise<ServerSnapshot> {
    await this.stop(id);
    return this.start(id, signal);
  }

  endRun(run: RunId): void {
    for (const { runtime } of this.#entries.values()) runtime.endRun(run);
  }

  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reload());
    return this.#reloading;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#entries.values()].map(({ runtime }) => runtime.dispose()));
    this.#changes.dispose();
  }

  async #reload(): Promise<void> {
    if (this.#disposed) return;
    const { bundled = [], configFiles = [], includeWorkspaceServers = true } = this.#options;
    const folders = includeWorkspaceServers ? this.#folders() : [];
    const found = await discoverServers({ bundled, configFiles, folders });
    if (this.#disposed) return;
    const before = this.#entries;
    this.#entries = new Map(found.servers.map((definition) => [definition.id, this.#kept(before, definition)]));
    this.#problems = found.problems;
    const gone = [...before].filter(([id, entry]) => this.#entries.get(id) !== entry);
    this.#changes.fire(undefined);
    await Promise.all(gone.map(([, { runtime }]) => runtime.dispose()));
  }

  /** A server whose definition has not changed keeps its process, its catalog and its state. */
  #kept(before: ReadonlyMap<ServerId, Entry>, definition: ServerDefinition): Entry {
    const entry = before.get(definition.id);
    if (entry === undefined || entry.digest !== definitionDigest(definition)) return this.#entry(definition);
    entry.runtime.moved(definition);
    return entry;
  }

  #entry(definition: ServerDefinition): Entry {
    const { id } = definition;
    const runtime: ServerRuntime = new ServerRuntime({
      definition,
      clock: this.#options.clock,
      settings: () => this.#poolOf(definition),
      open: (current, hooks, signal) => this.#open(current, hooks, signal),
      refusal: () => this.#refusal(id),
      log: (stream, text) => this.#log(id, stream, text),
      onChange: () => {
        if (this.#entries.get(id)?.runtime === runtime) this.#changes.fire(id);
      },
    });
    return { runtime, digest: definitionDigest(definition) };
  }

  /** The configuration may be read anew while servers run; what it says is worked out once per reading. */
  #poolOf(definition: ServerDefinition): PoolSettings {
    const given = this.#options.pool?.(definition.id);
    const known = this.#pools.get(definition);
    if (known !== undefined && known.given === given) return known.settings;
    const settings = poolSettings(definition.launch.type, given);
    this.#pools.set(definition, { given, settings });
    return settings;
  }

  async #open(definition: ServerDefinition, hooks: StartHooks, signal: AbortSignal): Promise<Connection> {
    const { environment, variables, credentials = NO_CREDENTIALS, processes, clock } = this.#options;
    const { clientInfo, fetch, inProcess } = this.#options;
    const note = (text: string): void => hooks.log('protocol', text);
    const context = { folders: this.#folders(), environment, variables, inputs: this.#inputs, credentials, note };
    const { launch, secrets } = await raceAbort(resolveLaunch(definition, context, signal), signal).catch(
      (error: unknown) => {
        throw notAgain(error);
      },
    );
    const added = secrets.filter((secret) => !this.#secrets.includes(secret));
    if (added.length > 0) this.#secrets = [...this.#secrets, ...added];
    // The SDK and the validators load with the first server, so that listing servers costs nothing.
    const { openConnection } = await import('./open-connection.ts');
    const server = definition.id;
    return openConnection(
      {
        server,
        launch,
        digest: definitionDigest(definition),
        eras: this.#eras,
        processes,
        clock,
        limits: this.#limits,
        definitions: hooks.definitions,
        follows: hooks.follows,
        clientInfo,
        fetch,
        transport: inProcess?.(server),
        redact: (text) => this.#fit(text),
        onStderr: (line) => hooks.log('stderr', line),
        note,
        onCatalog: (catalog) => hooks.onCatalog(redactDeep(catalog, (text) => this.#redact(text))),
        onLost: (reason) => hooks.onLost(this.#fit(reason.message)),
      },
      signal,
    );
  }

  #refusal(id: ServerId): ConductorError | undefined {
    if (this.#options.trusted === undefined || this.#options.trusted()) return undefined;
    return new ConductorError(
      'PERMISSION_DENIED',
      `server "${id}" was not started: this workspace is not trusted, and nothing is started in it until it is`,
      {
        details: { server: id },
      },
    );
  }

  #folders(): readonly WorkspaceFolder[] {
    return this.#options.folders?.() ?? [];
  }

  async #runtime(id: ServerId): Promise<ServerRuntime> {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry.runtime;
    const ids = [...this.#entries.keys()];
    const nearest = nearestNames(id, ids);
    const hint = nearest.length > 0 ? `did you mean "${nearest[0]}"?` : `known servers: ${ids.join(', ') || 'none'}`;
    throw new ConductorError('TOOL_NOT_FOUND', `there is no server "${id}"; ${hint}`, { details: { server: id } });
  }

  #log(server: ServerId, stream: ServerLogLine['stream'], text: string): void {
    this.#options.log({ server, at: this.#options.clock.now(), stream, text: this.#fit(text) });
  }

  /** Fit to be seen: whatever servers say passes here on its way to a log, a message or a row. */
  #fit(text: string): string {
    return this.#redact(withoutControls(text));
  }

  #redact(text: string): string {
    return this.#options.redact?.(text) ?? redactValues(text, this.#secrets);
  }
}

/** What is wrong with a definition stays wrong until somebody corrects it. */
function notAgain(error: unknown): unknown {
  if (!isConductorError(error) || error.code !== 'SERVER_START_FAILED') return error;
  return new ConductorError(error.code, error.message, { cause: error, retryable: false, details: error.details });
}
