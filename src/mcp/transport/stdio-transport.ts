/** The SDK's `Transport` over a child process, guarded: bounded messages, strict UTF-8, checked envelopes, a reason for every end. */
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/client';
import type { Clock } from '../../base/clock.ts';
import { isJsonObject } from '../../base/json.ts';
import type { ChildHandle } from '../../contracts/server.ts';
import { readEnvelope, unusableReply } from './envelope.ts';
import { LineSplitter } from './line-splitter.ts';
import { ListChangedGate } from './list-changed-gate.ts';
import { PendingRequests } from './pending.ts';
import { ProgressOrder } from './progress-order.ts';
import { StdoutChatter } from './stdout-chatter.ts';

/** Why a connection is over. */
export interface CloseReason {
  readonly code: 'CONNECTION_LOST' | 'PROTOCOL_ERROR';
  /** Continues a sentence that begins with the server's name. */
  readonly message: string;
  /** The server would end in the same way again. */
  readonly isFinal?: boolean;
}

export interface StdioTransportOptions {
  readonly child: ChildHandle;
  readonly clock: Clock;
  /** The longest message, in bytes. */
  readonly maxMessageBytes: number;
  readonly onStderr: (line: string) => void;
  /** What was wrong with what the server sent, when the connection survives it. */
  readonly onNote: (text: string) => void;
}

/** The longest line of standard error, in bytes; the rest of it is dropped. */
const MAX_STDERR_LINE = 8_192;
const LAST_LINES = 5;
/** Milliseconds for what is still in the pipes of a process that has gone. */
const DRAIN_MS = 200;
/** Milliseconds between a failed write and giving up on learning how the process ended. */
const EXIT_WAIT_MS = 1_000;
const EXCERPT = 200;

export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport['onmessage'];
  /** Present together with `pid`, it tells the SDK that silence to its probe means an old server (see its `detectProbeTransportKind`). */
  readonly stderr = null;
  readonly pid: number;
  readonly #options: StdioTransportOptions;
  readonly #pending = new PendingRequests();
  readonly #gate: ListChangedGate;
  readonly #order = new ProgressOrder((message) => this.onmessage?.(message));
  readonly #lastLines: string[] = [];
  readonly #stdout: LineSplitter;
  readonly #stderr: LineSplitter;
  readonly #chatter: StdoutChatter;
  #reason: CloseReason | undefined;
  #closed = false;
  #started = false;

  constructor(options: StdioTransportOptions) {
    this.#options = options;
    this.pid = options.child.pid;
    this.#gate = new ListChangedGate(options.clock);
    this.#chatter = new StdoutChatter(options.clock, (message) => {
      this.#finish({ code: 'PROTOCOL_ERROR', message, isFinal: true });
      void options.child.stop();
    });
    this.#stdout = new LineSplitter({
      maxBytes: options.maxMessageBytes,
      onLine: (text, valid) => this.#receive(text, valid),
      onOverflow: () => this.#overflow(),
    });
    this.#stderr = new LineSplitter({
      maxBytes: MAX_STDERR_LINE,
      truncate: true,
      onLine: (text) => this.#stderrLine(text),
    });
  }

  /** Undefined while the connection lives, and when it was us who closed it. */
  get reason(): CloseReason | undefined {
    return this.#reason;
  }

  async start(): Promise<void> {
    if (this.#started) throw new Error('the transport has been started already');
    this.#started = true;
    const { child } = this.#options;
    child.stdout.on('data', this.#onStdout);
    child.stderr.on('data', this.#onStderr);
    child.stdout.on('error', () => undefined);
    child.stderr.on('error', () => undefined);
    void child.exited.then((exit) => this.#exited(exit));
  }

  send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the connection is closed'));
    this.#pending.sent(message);
    return new Promise((resolve, reject) => {
      this.#options.child.stdin.write(`${JSON.stringify(message)}\n`, (error) => {
        if (error === undefined || error === null) resolve();
        else void this.#afterExit().then(() => reject(error));
      });
    });
  }

  async close(): Promise<void> {
    this.#finish(undefined);
    await this.#options.child.stop();
  }

  readonly #onStdout = (chunk: Buffer): void => this.#stdout.push(chunk);
  readonly #onStderr = (chunk: Buffer): void => this.#stderr.push(chunk);

  #receive(text: string, valid: boolean): void {
    if (this.#closed || text.trim() === '') return;
    const value = parseJson(text);
    if (value === undefined) {
      this.#options.onNote(`wrote a line to its standard output that is not JSON: ${excerpt(text)}`);
      this.#chatter.wrote(text);
    } else if (!valid) {
      const id = isJsonObject(value) && value.method === undefined ? readId(value.id) : undefined;
      this.#unusable(id, id !== undefined, 'it is not valid UTF-8', text);
    } else if (Array.isArray(value)) {
      for (const item of value) this.#accept(item, text); // a batch, as the 2025-03-26 revision allowed
    } else {
      this.#accept(value, text);
    }
  }

  #accept(value: unknown, text: string): void {
    const envelope = readEnvelope(value);
    if (envelope.kind === 'malformed') {
      if (!envelope.reply) this.#chatter.wrote(text);
      this.#unusable(envelope.id, envelope.reply, envelope.problem, text);
      return;
    }
    const { message } = envelope;
    this.#chatter.spoke();
    this.#pending.received(message);
    if ('method' in message) this.#gate.pass(message.method, () => this.#order.pass(message));
    else this.#order.pass(message);
  }

  /** A bad reply ends the request it belongs to at once; anything else that is bad is only noted. */
  #unusable(id: RequestId | undefined, reply: boolean, problem: string, text: string): void {
    this.#options.onNote(`sent a message that cannot be used: ${problem}: ${excerpt(text)}`);
    const concerned = reply ? this.#pending.attribute(id) : undefined;
    if (concerned !== undefined) this.#order.pass(unusableReply(concerned, problem));
  }

  /** A write fails because the server is going: how it went says more than the write, and is waited for a moment. */
  #afterExit(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.schedule(EXIT_WAIT_MS, resolve);
      void this.#options.child.exited.then(() => {
        timer.dispose();
        this.#options.clock.schedule(DRAIN_MS + 1, resolve);
      });
    });
  }

  #overflow(): void {
    const limit = `${Math.round(this.#options.maxMessageBytes / 1_048_576)} MB`;
    this.#reason ??= {
      code: 'PROTOCOL_ERROR',
      message: `sent more than ${limit} without ending the message (a newline was expected)`,
      isFinal: true,
    };
    const { child } = this.#options;
    child.stdout.off('data', this.#onStdout);
    child.stdout.resume();
    this.#finish(this.#reason);
    void child.stop();
  }

  #stderrLine(text: string): void {
    if (text.trim() === '') return;
    this.#chatter.stirred();
    this.#lastLines.push(excerpt(text));
    if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
    this.#options.onStderr(text);
  }

  #exited(exit: { readonly code: number | null; readonly signal: string | null }): void {
    if (this.#closed) return;
    const finish = (): void => {
      timer.dispose();
      this.#stdout.flush();
      this.#stderr.flush();
      const how = exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
      const said = this.#lastLines.length === 0 ? '' : `; it last wrote: ${this.#lastLines.join(' ⏎ ')}`;
      const isFinal = exit.signal === null;
      this.#finish({ code: 'CONNECTION_LOST', message: how + said + this.#chatter.epitaph(), isFinal });
    };
    const timer = this.#options.clock.schedule(DRAIN_MS, finish);
    const { stdout, stderr } = this.#options.child;
    void Promise.all([ended(stdout), ended(stderr)]).then(finish);
  }

  #finish(reason: CloseReason | undefined): void {
    if (this.#closed) return;
    this.#order.release();
    this.#closed = true;
    this.#reason ??= reason;
    this.#gate.dispose();
    this.#chatter.dispose();
    this.onclose?.();
  }
}

function ended(stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve) => {
    if ('readableEnded' in stream && stream.readableEnded === true) resolve();
    else stream.once('end', resolve).once('close', resolve);
  });
}

/** Undefined for what is no JSON; `null` is JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readId(value: unknown): RequestId | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

function excerpt(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
}
