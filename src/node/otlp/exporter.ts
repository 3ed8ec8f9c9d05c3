/**
 * Sends finished calls and metrics to a collector over OTLP/HTTP, never in a call's way: what waits is bounded, a
 * collector that is slow or gone costs entries and nothing else.
 *
 * OpenTelemetry's own exporters are not used: their present line (0.301) declares Node 22.15 and later, this product
 * runs on Node 20, and the older line wants an API that clashes with the one in use.
 */
import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposables.ts';
import { messageOf } from '../../base/errors.ts';
import type { MetricsSnapshot, TraceEntry, TraceSink } from '../../contracts/index.ts';
import { METRICS_REQUEST, TRACES } from './messages.ts';
import { encodeMessage, type Message } from './protobuf.ts';
import { metricsRequest, type RequestOptions, traceRequest } from './requests.ts';

export interface OtlpExporterOptions extends RequestOptions {
  /** Of the collector, without `/v1/traces`: `http://localhost:4318`. */
  readonly endpoint: string;
  /** Asked before every request, so that a credential that was replaced is taken over. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly protocol: 'json' | 'protobuf';
  readonly clock: Clock;
  readonly metrics: () => MetricsSnapshot;
  /** Told once when the collector takes nothing, and once when it does again. */
  readonly onProblem: (message: string) => void;
  /** Takes known credentials out of what the collector or the network says. */
  readonly redact?: ((text: string) => string) | undefined;
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
  /** How long entries gather, milliseconds. @default 1000 */
  readonly lingerMs?: number | undefined;
  /** Between two exports of the metrics, milliseconds. @default 60000 */
  readonly metricsIntervalMs?: number | undefined;
  /** Of one request, milliseconds. @default 10000 */
  readonly timeoutMs?: number | undefined;
  /** Entries of one request. @default 512 */
  readonly batch?: number | undefined;
  /** Entries that may wait; beyond it the oldest go. @default 4096 */
  readonly maxWaiting?: number | undefined;
  /** What the last sending at the end may take, milliseconds. @default 2000 */
  readonly closeMs?: number | undefined;
}

/** Waits after the first, second, … failure in a row, milliseconds; the last one repeats. */
const PAUSES = [1_000, 2_000, 5_000, 10_000, 30_000];

/** Of these the specification says that the same request may be sent again. */
const TRANSIENT: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * @example
 * const otlp = new OtlpExporter({ endpoint, headers, protocol: 'protobuf', clock, metrics, onProblem: log });
 * app.onTrace(otlp.sink);
 * await otlp.close();
 */
export class OtlpExporter {
  readonly #options: OtlpExporterOptions;
  readonly #closing = new AbortController();
  #waiting: TraceEntry[] = [];
  #dropped = 0;
  #failures = 0;
  #timer: Disposable | undefined;
  #metricsTimer: Disposable | undefined;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(options: OtlpExporterOptions) {
    this.#options = options;
    this.#scheduleMetrics();
  }

  readonly sink: TraceSink = (entry) => {
    if (this.#closed) return;
    this.#waiting.push(entry);
    if (this.#waiting.length > (this.#options.maxWaiting ?? 4_096)) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#schedule(this.#options.lingerMs ?? 1_000);
  };

  /** Sends what waits and the metrics once more, for `closeMs` at most. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#metricsTimer?.dispose();
    this.#timer?.dispose();
    const limit = this.#options.clock.schedule(this.#options.closeMs ?? 2_000, () => this.#closing.abort());
    try {
      await this.#sending;
      await this.#drain();
      if (!this.#closing.signal.aborted) await this.#sendMetrics();
    } finally {
      limit.dispose();
    }
    if (this.#waiting.length > 0) this.#say(`${this.#waiting.length + this.#dropped} calls were not sent to`);
  }

  #schedule(ms: number): void {
    if (this.#closed || this.#timer !== undefined || this.#sending !== undefined) return;
    this.#timer = this.#options.clock.schedule(ms, () => {
      this.#timer = undefined;
      this.#sending = this.#drain().finally(() => {
        this.#sending = undefined;
        if (this.#waiting.length > 0) this.#schedule(this.#pause());
      });
    });
  }

  #scheduleMetrics(): void {
    this.#metricsTimer = this.#options.clock.schedule(this.#options.metricsIntervalMs ?? 60_000, () => {
      void this.#sendMetrics().finally(() => {
        if (!this.#closed) this.#scheduleMetrics();
      });
    });
  }

  #pause(): number {
    return this.#failures === 0 ? 0 : (PAUSES[Math.min(this.#failures, PAUSES.length) - 1] as number);
  }

  /** Until nothing waits, or the collector takes nothing. */
  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#closing.signal.aborted) {
      const batch = this.#waiting.splice(0, this.#options.batch ?? 512);
      const verdict = await this.#post('/v1/traces', TRACES, traceRequest(batch, this.#options));
      if (verdict === 'refused') this.#dropped += batch.length;
      if (verdict !== 'later') continue;
      const room = (this.#options.maxWaiting ?? 4_096) - this.#waiting.length;
      const kept = batch.slice(Math.max(0, batch.length - room));
      this.#dropped += batch.length - kept.length;
      this.#waiting = [...kept, ...this.#waiting];
      return;
    }
  }

  async #sendMetrics(): Promise<void> {
    const snapshot = this.#options.metrics();
    if (snapshot.tools.length === 0) return;
    await this.#post('/v1/metrics', METRICS_REQUEST, metricsRequest(snapshot, this.#options));
  }

  /** @returns whether the collector has it, never will, or may take it later */
  async #post(path: string, table: Message, body: object): Promise<'taken' | 'refused' | 'later'> {
    const { protocol, endpoint } = this.#options;
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    const timer = this.#options.clock.schedule(this.#options.timeoutMs ?? 10_000, abort);
    this.#closing.signal.addEventListener('abort', abort, { once: true });
    try {
      const response = await (this.#options.fetch ?? fetch)(endpoint.replace(/\/+$/, '') + path, {
        method: 'POST',
        headers: {
          ...(await this.#options.headers()),
          'content-type': protocol === 'json' ? 'application/json' : 'application/x-protobuf',
        },
        body: protocol === 'json' ? JSON.stringify(body) : new Uint8Array(encodeMessage(table, body)),
        // A redirect would take the credentials in the headers somewhere else.
        redirect: 'error',
        signal: controller.signal,
      });
      await response.body?.cancel();
      if (response.ok) return this.#worked();
      return this.#failed(`it answers with status ${response.status}`, TRANSIENT.has(response.status));
    } catch (error) {
      return this.#failed(this.#reason(error, controller.signal), true);
    } finally {
      timer.dispose();
      this.#closing.signal.removeEventListener('abort', abort);
    }
  }

  #reason(error: unknown, signal: AbortSignal): string {
    if (signal.aborted) return 'it does not answer in time';
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return messageOf(error) + cause;
  }

  #worked(): 'taken' {
    if (this.#failures > 0) this.#say(`calls are sent again, ${this.#dropped} are missing, to`);
    this.#failures = 0;
    this.#dropped = 0;
    return 'taken';
  }

  #failed(why: string, mayWorkLater: boolean): 'refused' | 'later' {
    this.#failures += 1;
    if (this.#failures === 1) this.#say('traces and metrics do not reach', why);
    return mayWorkLater ? 'later' : 'refused';
  }

  #say(what: string, why?: string): void {
    const { redact = (text: string) => text, endpoint, onProblem } = this.#options;
    onProblem(redact(`${what} the collector at ${endpoint}${why === undefined ? '' : `: ${why}`}`));
  }
}
