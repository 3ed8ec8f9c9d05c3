/** One live connection to one server: its era, its catalog kept fresh, and calls with every failure named. */
import type { Client, Transport } from '@modelcontextprotocol/client';
import { raceAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { ConductorError, messageOf } from '../base/errors.ts';
import type { Call, Reply, ServerId, ToolReply } from '../contracts/call.ts';
import type { ServerCatalog, ToolInfo } from '../contracts/server.ts';
import { type ErrorContext, type SdkErrors, toCallError } from './call-errors.ts';
import { watchLists } from './change-feed.ts';
import type { KnownDefinitions } from './known-definitions.ts';
import { EMPTY_CATALOG, type Listing, listEverything } from './listing.ts';
import { nearestNames } from './nearest.ts';
import type { Era } from './negotiation.ts';
import { compileOutputSchema, type OutputValidator } from './output-schema.ts';
import { describeRequest, sendRequest } from './requests.ts';
import type { CloseReason } from './transport/stdio-transport.ts';

/** What a transport of either kind tells besides the SDK's interface. */
export interface Link {
  readonly transport: Transport;
  readonly pid: number | undefined;
  /** Why the connection ended by itself; undefined while it lives. */
  reason(): CloseReason | undefined;
}

export interface ConnectionOptions {
  readonly server: ServerId;
  readonly client: Client;
  readonly link: Link;
  readonly sdk: SdkErrors;
  readonly clock: Clock;
  /** Milliseconds for one list request. */
  readonly listTimeoutMs: number;
  readonly definitions: KnownDefinitions;
  readonly redact: (text: string) => string;
  readonly note: (text: string) => void;
  readonly onCatalog: (catalog: ServerCatalog) => void;
  /** The connection has ended, and nobody here asked it to. */
  readonly onLost: (reason: CloseReason) => void;
}

/** Milliseconds between two listings because of notices, at least. */
const REFRESH_GAP_MS = 300;
const MAX_NAMES = 20;
/** Milliseconds to say goodbye to an HTTP session. */
const END_SESSION_MS = 2_000;

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #validators = new Map<string, OutputValidator>();
  #listing: Listing = { catalog: EMPTY_CATALOG, toolsKnown: false };
  #refresh: Promise<void> | undefined;
  #again = false;
  #closed = false;
  #feed: Disposable | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get era(): Era {
    return this.#options.client.getProtocolEra() ?? 'legacy';
  }

  get protocolVersion(): string {
    return this.#options.client.getNegotiatedProtocolVersion() ?? 'unknown';
  }

  get pid(): number | undefined {
    return this.#options.link.pid;
  }

  get catalog(): ServerCatalog {
    return this.#listing.catalog;
  }

  /** The transport's end, as the SDK reports it. */
  ended(): void {
    if (this.#closed) return;
    this.#end();
    this.#options.onLost(this.#options.link.reason() ?? { code: 'CONNECTION_LOST', message: 'closed the connection' });
  }

  async list(signal: AbortSignal): Promise<void> {
    const listing = await listEverything(
      this.#options.client,
      { signal, timeout: this.#options.listTimeoutMs },
      this.#listing.catalog,
    );
    this.#listing = listing;
    this.#options.definitions.remember(listing.catalog);
    for (const warning of listing.catalog.warnings) this.#options.note(warning);
    this.#options.onCatalog(listing.catalog);
  }

  /** Whether the server still answers, asked by what costs it least. @throws ConductorError when it does not */
  async check(signal: AbortSignal): Promise<void> {
    const { client, sdk, redact, server, link } = this.#options;
    const options = { signal, timeout: this.#options.listTimeoutMs };
    try {
      await (this.era === 'modern' ? client.discover(options) : client.ping(options));
    } catch (error) {
      if (error instanceof sdk.ProtocolError) return; // it does not know the question, but it answers
      throw toCallError(error, sdk, { server, what: 'health check', signal, reason: link.reason(), redact });
    }
  }

  /** From now on the catalog follows what the server says of its lists. */
  watch(): void {
    const { client, clock, note } = this.#options;
    this.#feed = watchLists({ client, clock, note, onChange: () => this.refresh() });
  }

  /** Lists again soon; any number of calls meanwhile make one more listing. */
  refresh(): void {
    if (this.#closed) return;
    if (this.#refresh !== undefined) {
      this.#again = true;
      return;
    }
    this.#refresh = this.#listAgain().finally(() => {
      this.#refresh = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#options.clock.schedule(REFRESH_GAP_MS, () => this.refresh());
    });
  }

  async call(call: Call): Promise<Reply> {
    const what = describeRequest(call.request);
    const tool =
      call.request.kind === 'tool' ? await this.#knownTool(call.request.tool, call.definitionHash) : undefined;
    try {
      const reply = await sendRequest(this.#options.client, call, tool);
      if (reply.kind === 'tool' && tool !== undefined) this.#checkOutput(tool, reply);
      return reply;
    } catch (error) {
      const failure = toCallError(error, this.#options.sdk, this.#context(call, what));
      if (failure.code === 'CONNECTION_LOST') this.#lost(failure.message);
      throw failure;
    }
  }

  async close(): Promise<void> {
    this.#end();
    if (this.era === 'legacy') await this.#endSession();
    await this.#options.client.close();
    // The client forgets a transport that has closed already; its process may still have to be reaped.
    await this.#options.link.transport.close();
  }

  /** An old HTTP server keeps a session until it is told otherwise; one that is past listening is not waited for. */
  async #endSession(): Promise<void> {
    const { link, clock, note } = this.#options;
    const { transport } = link;
    if (!('terminateSession' in transport) || typeof transport.terminateSession !== 'function') return;
    const limit = new AbortController();
    const timer = clock.schedule(END_SESSION_MS, () => limit.abort());
    try {
      await raceAbort(Promise.resolve(transport.terminateSession()), limit.signal);
    } catch (error) {
      note(`its session could not be ended: ${messageOf(error)}`);
    } finally {
      timer.dispose();
    }
  }

  #end(): void {
    this.#closed = true;
    this.#feed?.dispose();
  }

  #context(call: Call, what: string): ErrorContext {
    const { server, link, redact } = this.#options;
    return { server, what, signal: call.signal, reason: link.reason(), redact };
  }

  /** Over HTTP nothing but a failed call tells that the server has gone. */
  #lost(message: string): void {
    if (this.#closed || this.#options.link.pid !== undefined) return;
    this.#end();
    this.#options.onLost({ code: 'CONNECTION_LOST', message });
    void this.#options.client.close().catch((error: unknown) => this.#options.note(messageOf(error)));
  }

  async #listAgain(): Promise<void> {
    try {
      await this.list(new AbortController().signal);
    } catch (error) {
      if (!this.#closed) this.#options.note(`could not be listed again: ${messageOf(error)}`);
    }
  }

  /** A name that is not in the catalog is looked for once more before it is refused: not every server tells of changes. */
  async #knownTool(name: string, expected: string | undefined): Promise<ToolInfo | undefined> {
    const found = this.#tool(name);
    if (found !== undefined ? isAsExpected(found, expected) : !this.#listing.toolsKnown) return found;
    this.refresh();
    await this.#refresh;
    const now = this.#tool(name);
    if (expected !== undefined && !isAsExpected(now, expected)) {
      throw this.#options.definitions.changed(this.#options.server, name, expected, now);
    }
    if (now === undefined && this.#listing.toolsKnown) throw this.#toolNotFound(name);
    return now;
  }

  #tool(name: string): ToolInfo | undefined {
    return this.#listing.catalog.tools.find((tool) => tool.name === name);
  }

  #toolNotFound(name: string): ConductorError {
    const { server } = this.#options;
    const names = this.#listing.catalog.tools.map((tool) => tool.name);
    const nearest = nearestNames(name, names);
    const hint =
      nearest.length > 0
        ? `did you mean ${nearest.map((near) => `"${near}"`).join(' or ')}?`
        : `its tools are: ${names.slice(0, MAX_NAMES).join(', ')}${names.length > MAX_NAMES ? ', …' : ''}`;
    const said = names.length === 0 ? 'it has no tools' : hint;
    return new ConductorError('TOOL_NOT_FOUND', `server "${server}" has no tool "${name}"; ${said}`, {
      details: { server, tool: name },
    });
  }

  #checkOutput(tool: ToolInfo, reply: ToolReply): void {
    if (tool.outputSchema === undefined || reply.isError) return;
    const validator = this.#validator(tool);
    const problems =
      reply.structuredContent === undefined
        ? ['the tool declares an output schema but sent no structuredContent']
        : validator.check(reply.structuredContent);
    if (problems.length === 0) return;
    const { server, redact } = this.#options;
    throw new ConductorError(
      'VALIDATION_FAILED',
      redact(
        `server "${server}", tool "${tool.name}": the result breaks the tool's own output schema: ${problems.join('; ')}`,
      ),
      { details: { server, tool: tool.name } },
    );
  }

  #validator(tool: ToolInfo): OutputValidator {
    const known = this.#validators.get(tool.definitionHash);
    if (known !== undefined) return known;
    const made = compileOutputSchema(tool.outputSchema ?? {});
    this.#validators.set(tool.definitionHash, made);
    for (const note of made.notes) this.#options.note(`tool "${tool.name}": ${note}`);
    return made;
  }
}

function isAsExpected(tool: ToolInfo | undefined, expected: string | undefined): boolean {
  return expected === undefined || tool?.definitionHash === expected;
}
