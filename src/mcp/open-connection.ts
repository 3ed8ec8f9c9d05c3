/** From a resolved launch to a ready connection: process or address, era, handshake, first catalog, all within one time limit. */
import type { Client, ClientOptions, Transport } from '@modelcontextprotocol/client';
import { childController, raceAbort, throwIfAborted } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { ConductorError, isConductorError, messageOf } from '../base/errors.ts';
import type { ServerId } from '../contracts/call.ts';
import type { HttpLaunch, ProcessHost, ProcessSpec, ServerCatalog } from '../contracts/server.ts';
import { refusalDetails, refusalText } from './call-errors.ts';
import { Connection, type Link } from './connection.ts';
import type { KnownDefinitions } from './known-definitions.ts';
import type { ConnectionLimits } from './limits.ts';
import { type Approach, type EraVerdicts, LEGACY_APPROACH, probing } from './negotiation.ts';
import { type Fetch, guardedFetch } from './transport/guarded-fetch.ts';
import { refusalIn } from './transport/retry-after.ts';
import { type CloseReason, StdioTransport } from './transport/stdio-transport.ts';

/** A launch with every variable resolved. */
export type ResolvedLaunch = ({ readonly type: 'stdio' } & ProcessSpec) | HttpLaunch;

export interface OpenOptions {
  readonly server: ServerId;
  readonly launch: ResolvedLaunch;
  /** Under which the era is remembered. */
  readonly digest: string;
  readonly eras: EraVerdicts;
  readonly processes: ProcessHost;
  readonly clock: Clock;
  readonly limits: ConnectionLimits;
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly fetch?: Fetch | undefined;
  /** Shared by all connections to the server. */
  readonly definitions: KnownDefinitions;
  /** Already leads to the server, which runs in this process. */
  readonly transport?: Transport | undefined;
  /** Whether what the server says of its lists is followed on this connection. */
  readonly follows: boolean;
  readonly redact: (text: string) => string;
  readonly onStderr: (line: string) => void;
  readonly note: (text: string) => void;
  readonly onCatalog: (catalog: ServerCatalog) => void;
  readonly onLost: (reason: CloseReason) => void;
}

type Sdk = typeof import('@modelcontextprotocol/client');

/** @throws ConductorError SERVER_START_FAILED, or the reason of the signal */
export async function openConnection(options: OpenOptions, signal: AbortSignal): Promise<Connection> {
  const sdk = await import('@modelcontextprotocol/client');
  throwIfAborted(signal);
  const limit = childController(signal);
  const timer = options.clock.schedule(options.limits.startTimeoutMs, () => limit.controller.abort(tooSlow(options)));
  try {
    return await connectSomehow(sdk, options, limit.controller.signal);
  } catch (error) {
    throw startError(error, options);
  } finally {
    timer.dispose();
    limit.dispose();
  }
}

/** First as the last time; if that fails, with a probe; and a server that the probe ended is taken for an old one. */
async function connectSomehow(sdk: Sdk, options: OpenOptions, signal: AbortSignal): Promise<Connection> {
  const { eras, digest } = options;
  const remembered = await eras.approach(digest);
  const attempts: readonly Approach[] =
    remembered === LEGACY_APPROACH ? [remembered, probing()] : [remembered, LEGACY_APPROACH];
  let failure: unknown;
  for (const approach of attempts) {
    try {
      const connection = await attempt(sdk, options, approach, signal);
      await eras.remember(digest, connection.era);
      return connection;
    } catch (error) {
      throwIfAborted(signal);
      failure ??= error;
      if (!(error instanceof AttemptFailed) || !error.tryOtherwise) break;
      await eras.forget(digest);
    }
  }
  throw failure;
}

/** A failed attempt, and whether another way of shaking hands could still succeed. */
class AttemptFailed extends Error {
  readonly tryOtherwise: boolean;
  /** Whether the same attempt may succeed later. */
  readonly retryable: boolean;

  constructor(message: string, verdict: { tryOtherwise: boolean; retryable: boolean }, cause: unknown) {
    super(message, { cause });
    this.tryOtherwise = verdict.tryOtherwise;
    this.retryable = verdict.retryable;
  }
}

async function attempt(sdk: Sdk, options: OpenOptions, approach: Approach, signal: AbortSignal): Promise<Connection> {
  const link = await openLink(sdk, options);
  const client = new sdk.Client({ ...options.clientInfo }, clientOptions(approach, options));
  const connection = makeConnection(sdk, options, client, link);
  client.onerror = (error) => options.note(error.message);
  client.onclose = () => connection.ended();
  let handshaken = false;
  try {
    const { prior } = approach;
    const timeout = options.limits.startTimeoutMs;
    await raceAbort(
      client.connect(link.transport, { signal, timeout, ...(prior === undefined ? {} : { prior }) }),
      signal,
    );
    handshaken = true;
    if (options.follows) connection.watch(); // before the first listing, so that no change falls between the two
    await raceAbort(connection.list(signal), signal);
    return connection;
  } catch (error) {
    const reason = link.reason();
    await connection.close().catch((closing: unknown) => options.note(messageOf(closing)));
    throwIfAborted(signal);
    const message = reason === undefined ? failureText(error) : `it ${reason.message}`;
    const tryOtherwise = !handshaken && mayBeEra(sdk, error, link, approach);
    throw new AttemptFailed(message, { tryOtherwise, retryable: mayPass(sdk, error, reason) }, error);
  }
}

/** An old server may die of the probe, and a new one refuses the old handshake; a broken address is neither. */
function mayBeEra(sdk: Sdk, error: unknown, link: Link, approach: Approach): boolean {
  if (link.reason()?.code === 'PROTOCOL_ERROR') return false;
  if (approach === LEGACY_APPROACH)
    return link.pid !== undefined || error instanceof sdk.SdkHttpError || error instanceof sdk.ProtocolError;
  return link.pid !== undefined && link.reason()?.code === 'CONNECTION_LOST';
}

/** What a server is killed by, and an outage, may pass; what it decided by itself it decides again. */
function mayPass(sdk: Sdk, error: unknown, reason: CloseReason | undefined): boolean {
  if (reason !== undefined) return reason.isFinal !== true;
  if (error instanceof sdk.SdkHttpError) return error.status === 429 || error.status >= 500;
  return !(error instanceof sdk.ProtocolError);
}

function makeConnection(sdk: Sdk, options: OpenOptions, client: Client, link: Link): Connection {
  const { server, clock, definitions, redact, note, onCatalog } = options;
  return new Connection({
    server,
    client,
    link,
    sdk,
    clock,
    definitions,
    redact,
    note,
    onCatalog,
    listTimeoutMs: options.limits.listTimeoutMs,
    onLost: options.onLost,
  });
}

function clientOptions(approach: Approach, { launch, limits }: OpenOptions): ClientOptions {
  // Silence over HTTP is an outage or a slow start and says nothing of the era: there the probe may take its time.
  const patient = launch.type === 'http' && approach !== LEGACY_APPROACH;
  return {
    versionNegotiation: patient ? probing(limits.startTimeoutMs).versionNegotiation : approach.versionNegotiation,
    // The SDK's own validator runs a server's patterns as backtracking expressions; results are checked in `connection.ts`.
    jsonSchemaValidator: {
      getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
    },
    inputRequired: { autoFulfill: false },
  };
}

async function openLink(sdk: Sdk, options: OpenOptions): Promise<Link> {
  const { transport } = options;
  if (transport !== undefined) return { transport, pid: undefined, reason: () => undefined };
  return options.launch.type === 'stdio'
    ? openProcess(options, options.launch)
    : openHttp(sdk, options, options.launch);
}

async function openProcess(options: OpenOptions, launch: ProcessSpec): Promise<Link> {
  const child = await options.processes.spawn(launch).catch((error: unknown) => {
    if (isConductorError(error) && typeof error.details.path === 'string') {
      options.note(`"${launch.command}" was looked for in: ${error.details.path}`);
    }
    throw error;
  });
  options.note(`started process ${child.pid}`);
  const transport = new StdioTransport({
    child,
    clock: options.clock,
    maxMessageBytes: options.limits.maxMessageBytes,
    onStderr: options.onStderr,
    onNote: options.note,
  });
  return { transport, pid: child.pid, reason: () => transport.reason };
}

function openHttp(sdk: Sdk, options: OpenOptions, launch: HttpLaunch): Link {
  const transport: Transport = new sdk.StreamableHTTPClientTransport(new URL(launch.url), {
    requestInit: { headers: { ...launch.headers } },
    fetch: guardedFetch({
      maxBytes: options.limits.maxMessageBytes,
      onNote: options.note,
      now: () => options.clock.now(),
      fetch: options.fetch,
    }),
  });
  return { transport, pid: undefined, reason: () => undefined };
}

function tooSlow(options: OpenOptions): ConductorError {
  const seconds = options.limits.startTimeoutMs / 1_000;
  return new ConductorError(
    'SERVER_START_FAILED',
    `server "${options.server}" did not answer initialize within ${seconds} s`,
    {
      details: { server: options.server },
    },
  );
}

function startError(error: unknown, options: OpenOptions): ConductorError {
  const { server, redact } = options;
  if (isConductorError(error) && (error.code === 'CANCELLED' || error.message.includes(`"${server}"`))) return error;
  const refusal = refusalIn(error);
  const isFinal = (error instanceof AttemptFailed || isConductorError(error)) && !error.retryable;
  return new ConductorError(
    'SERVER_START_FAILED',
    redact(
      `server "${server}" could not be started: ${refusal === undefined ? failureText(error) : refusalText(refusal)}`,
    ),
    {
      cause: error,
      ...(isFinal ? { retryable: false } : {}),
      details: { server, ...(refusal === undefined ? {} : refusalDetails(refusal)) },
    },
  );
}

/** The message of an error and, unless we wrote it ourselves, of what caused it. */
function failureText(error: unknown): string {
  if (error instanceof AttemptFailed || isConductorError(error)) return error.message;
  const parts: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    const { message } = current;
    if (message !== '' && !parts.some((part) => part.includes(message))) parts.push(message);
  }
  return parts.join(': ') || messageOf(error);
}
