/** Servers as the rest of the house sees them: where they come from, how they are, what they offer. */
import type { Event } from '../base/events.ts';
import type { JsonObject } from '../base/json.ts';
import type { Invoke, RunId, ServerId } from './call.ts';

/** A place in a file a person can open. Lines and columns count from 1. */
export interface SourceRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number | undefined;
  readonly endColumn?: number | undefined;
}

/** Something wrong with what a person wrote: what, where, and what would be right. */
export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly code: string;
  readonly range?: SourceRange | undefined;
}

/** Who defined a server. The order here is the order of precedence. */
export type ServerOrigin =
  | { readonly kind: 'bundled' }
  | { readonly kind: 'workspace'; readonly folder: string; readonly file: string }
  | { readonly kind: 'config'; readonly file: string };

export interface StdioLaunch {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** `null` removes the variable from what the child inherits. Variables like `${input:x}` are still unresolved here. */
  readonly env: Readonly<Record<string, string | null>>;
  readonly envFile?: string | undefined;
}

export interface HttpLaunch {
  readonly type: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A value asked from the person the first time a server needs it. */
export interface InputDefinition {
  readonly id: string;
  readonly type: 'promptString' | 'pickString' | 'command';
  readonly description?: string | undefined;
  readonly default?: string | undefined;
  readonly password?: boolean | undefined;
  readonly options?: readonly string[] | undefined;
  readonly command?: string | undefined;
}

export interface ServerDefinition {
  readonly id: ServerId;
  /** As the file spells it; `id` is its slug. */
  readonly label: string;
  readonly origin: ServerOrigin;
  readonly launch: StdioLaunch | HttpLaunch;
  readonly inputs: readonly InputDefinition[];
  readonly range?: SourceRange | undefined;
}

export type ServerState =
  | { readonly status: 'stopped' }
  | { readonly status: 'starting' }
  | {
      readonly status: 'ready';
      readonly era: 'legacy' | 'modern';
      readonly protocolVersion: string;
      readonly pid?: number | undefined;
    }
  | { readonly status: 'failed'; readonly reason: string };

export interface ToolInfo {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject | undefined;
  /** The server's own claims; nothing is skipped because of them. */
  readonly annotations?: JsonObject | undefined;
  /** SHA-256 of the canonical definition: what approvals and caches are bound to. */
  readonly definitionHash: string;
}

export interface ResourceInfo {
  readonly uri: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
}

export interface PromptInfo {
  readonly name: string;
  readonly description?: string | undefined;
  readonly arguments: readonly {
    readonly name: string;
    readonly description?: string | undefined;
    readonly required: boolean;
  }[];
}

/** What one server offered when it was last asked. */
export interface ServerCatalog {
  readonly tools: readonly ToolInfo[];
  readonly resources: readonly ResourceInfo[];
  readonly prompts: readonly PromptInfo[];
  /** What was wrong with the listing: duplicate names, a list that failed. */
  readonly warnings: readonly string[];
}

/** The connections of one server, and what they are at. */
export interface ConnectionCounts {
  /** As many as there may be. */
  readonly max: number;
  readonly open: number;
  /** Calls under way. */
  readonly calls: number;
  /** Calls that wait for a connection. */
  readonly waiting: number;
}

export interface ServerSnapshot {
  readonly definition: ServerDefinition;
  readonly state: ServerState;
  /** Kept from the last time the server was ready; undefined before the first. */
  readonly catalog: ServerCatalog | undefined;
  readonly connections?: ConnectionCounts | undefined;
}

/** All servers of a window or a command: the one way to see, start and reach them. */
export interface ServerDirectory {
  list(): readonly ServerSnapshot[];
  get(id: ServerId): ServerSnapshot | undefined;
  /** Fires after a definition, a state or a catalog changed; the id is undefined when the set of servers changed. */
  readonly onChange: Event<ServerId | undefined>;
  /** Resolves when the server is ready. @throws ConductorError SERVER_START_FAILED, CANCELLED */
  start(id: ServerId, signal: AbortSignal): Promise<ServerSnapshot>;
  stop(id: ServerId): Promise<void>;
  restart(id: ServerId, signal: AbortSignal): Promise<ServerSnapshot>;
  /** The terminal of the middleware stack: starts the server when needed and asks it. */
  readonly invoke: Invoke;
  /** The run is over: connections that were its own, to servers that remember what they are told, are closed. */
  endRun(run: RunId): void;
  /** What is wrong with the files the servers come from. */
  problems(): readonly Problem[];
  /** Re-reads where servers are defined; running ones whose definition is unchanged keep running. */
  reload(): Promise<void>;
  dispose(): Promise<void>;
}

/** One line a server wrote to stderr, or that we say about it. */
export interface ServerLogLine {
  readonly server: ServerId;
  readonly at: number;
  readonly stream: 'stderr' | 'lifecycle' | 'protocol';
  readonly text: string;
}

export type ServerLogSink = (line: ServerLogLine) => void;

/** Asks the person for an input's value. Resolves to undefined when they dismiss it. */
export type AskInput = (
  input: InputDefinition,
  server: ServerDefinition,
  signal: AbortSignal,
) => Promise<string | undefined>;

/** What `${config:x}` and `${command:x}` mean where we run; undefined when they mean nothing. */
export interface VariableSource {
  config(key: string): string | undefined;
  command(id: string): Promise<string | undefined>;
}

export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** The whole environment of the child; nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

/** A child in a process group of its own, which dies with its host however the host dies. */
export interface ChildHandle {
  readonly pid: number;
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
  /** Settles when the child is gone. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Ends stdin, then SIGTERM, then SIGKILL to the whole group; resolves when it is gone. */
  stop(): Promise<void>;
}

export interface ProcessHost {
  /** @throws ConductorError SERVER_START_FAILED naming the command that could not be started. */
  spawn(spec: ProcessSpec): Promise<ChildHandle>;
  dispose(): Promise<void>;
}

/** The host's environment as the connections need it. */
export interface HostEnvironment {
  /** What a server process starts from: what programs need to run, and nothing that is somebody's secret. */
  readonly inherited: Readonly<Record<string, string>>;
  /** What `${env:NAME}` means. */
  lookup(name: string): string | undefined;
}

/** A verdict about which protocol era a server speaks, remembered between starts. */
export interface EraMemory {
  get(key: string): Promise<JsonObject | undefined>;
  set(key: string, verdict: JsonObject): Promise<void>;
  delete(key: string): Promise<void>;
}
