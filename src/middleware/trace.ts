/** Records one span per call: what was asked of whom, when, what the layers did, and how it ended (guide: Debugging Tools). */
import {
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  INVALID_TRACEID,
  isSpanContextValid,
  trace as otel,
} from '@opentelemetry/api';
import type { Clock } from '../base/clock.ts';
import { isConductorError, messageOf } from '../base/errors.ts';
import type { Call, CallRecord, Invoke, Middleware, Reply, TraceEntry, TraceSink } from '../contracts/index.ts';
import { argumentsOf } from './arguments-digest.ts';
import type { CallMetrics } from './metrics.ts';
import { sanitize } from './sanitize.ts';
import { callAttributes, endedAttributes, errorType, spanName } from './semantic-conventions.ts';
import { targetOf } from './target.ts';

export interface TraceOptions {
  readonly clock: Clock;
  /** Receives every finished call, already sanitized. */
  readonly sink: TraceSink;
  /** Counts every call. @default none */
  readonly metrics?: Pick<CallMetrics, 'started'>;
  /** @default the globally registered OpenTelemetry tracer, a no-op unless somebody registered one */
  readonly tracer?: Tracer;
  /** Takes known credentials out of a text. @default leaves it as it is */
  readonly redact?: (text: string) => string;
  /** Lower-case hex of `bytes` random bytes, for trace and span ids where no tracer gives them. */
  readonly randomHex?: (bytes: number) => string;
}

/**
 * Outermost layer: sends W3C trace context in `_meta` and hands a redacted entry to the sink, whatever the outcome.
 * What the layers note in the call's record becomes the events of its one span.
 *
 * @example
 * composeStack(directory.invoke, { trace: trace({ clock: systemClock, sink: (entry) => ring.push(entry) }) });
 */
export function trace(options: TraceOptions): Middleware {
  const { clock, sink, metrics } = options;
  const tracer = options.tracer ?? otel.getTracer('mcp-conductor');
  const randomHex = options.randomHex ?? systemRandomHex;
  const redact = options.redact ?? ((text: string) => text);
  return (next: Invoke): Invoke =>
    async function traceCall(call) {
      const tool = redact(targetOf(call.request));
      const span = tracer.startSpan(spanName({ kind: call.request.kind, tool }), CLIENT);
      if (span.isRecording()) span.setAttributes(callAttributes(call, tool));
      const ids = idsOf(span, call, randomHex);
      const record: CallRecord = call.record ?? { attempts: 0, events: [] };
      const counter = metrics?.started(call.server, call.request.kind, tool);
      const startTime = clock.now();
      const startedAt = clock.monotonic();
      const finish = (outcome: Outcome): void => {
        const ms = clock.monotonic() - startedAt;
        counter?.ended(ms, outcome);
        const entry: TraceEntry = {
          traceId: ids.traceId,
          spanId: ids.spanId,
          parentSpanId: ids.parentSpanId,
          server: call.server,
          tool,
          kind: call.request.kind,
          args: sanitize(argumentsOf(call.request), redact),
          startTime,
          endTime: startTime + Math.round(ms * 1_000) / 1_000,
          status: outcome.status,
          resultSize: outcome.resultSize,
          error: outcome.error,
          run: call.run,
          step: call.step,
          principal: call.principal,
          attempts: record.attempts === 0 ? undefined : record.attempts,
          replay: record.replay,
          approval: record.approval,
          limitMs: record.limitMs,
          events: record.events.length === 0 ? undefined : record.events,
        };
        endSpan(span, entry);
        sink(entry);
      };
      const meta = { ...call.meta, traceparent: `00-${ids.traceId}-${ids.spanId}-01` };
      try {
        const reply = await next({ ...call, record, meta });
        finish(outcomeOfReply(reply));
        return reply;
      } catch (error) {
        finish(outcomeOfError(error, redact));
        throw error;
      }
    };
}

type Outcome = Pick<TraceEntry, 'status' | 'resultSize' | 'error'>;

interface Ids {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
}

const CLIENT = { kind: SpanKind.CLIENT } as const;

/** Version 00 of W3C Trace Context; all zeros are no ids. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}$/;

/** A tracer's own ids; else a new span, in the trace of whoever asked with a `traceparent`. */
function idsOf(span: Span, call: Call, randomHex: (bytes: number) => string): Ids {
  const context = span.spanContext();
  if (context.traceId !== INVALID_TRACEID && isSpanContextValid(context)) {
    return { traceId: context.traceId, spanId: context.spanId, parentSpanId: undefined };
  }
  const given = call.meta.traceparent;
  const [, traceId, parentSpanId] = typeof given === 'string' ? (TRACEPARENT.exec(given) ?? []) : [];
  return { traceId: traceId ?? randomHex(16), spanId: randomHex(8), parentSpanId };
}

/** Random bytes are drawn in advance: asking the system for eight of them costs more than the rest of this layer. */
const drawn = new Uint8Array(2_048);
let used = drawn.length;

function systemRandomHex(bytes: number): string {
  if (used + bytes > drawn.length) {
    crypto.getRandomValues(drawn);
    used = 0;
  }
  let hex = '';
  for (const end = used + bytes; used < end; used += 1) hex += HEX[drawn[used] as number];
  return hex;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Nothing to do for a tracer that records nothing. */
function endSpan(span: Span, entry: TraceEntry): void {
  if (span.isRecording()) {
    span.setAttributes(endedAttributes(entry));
    for (const { name, at, data } of entry.events ?? []) span.addEvent(name, eventAttributes(data), at);
    if (errorType(entry) !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: entry.error?.message ?? entry.status });
    }
  }
  span.end();
}

function eventAttributes(data: object | undefined): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'number' || typeof value === 'boolean' ? value : String(value),
    ]),
  );
}

function outcomeOfReply(reply: Reply): Outcome {
  const resultSize = sizeOf(reply);
  return reply.kind === 'tool' && reply.isError
    ? { status: 'tool_error', resultSize, error: { code: 'TOOL_ERROR', message: 'the tool reported an error' } }
    : { status: 'ok', resultSize };
}

function outcomeOfError(error: unknown, redact: (text: string) => string): Outcome {
  const code = isConductorError(error) ? error.code : 'INTERNAL';
  return { status: code === 'CANCELLED' ? 'cancelled' : 'error', error: { code, message: redact(messageOf(error)) } };
}

/** An estimate in characters that costs no second serialization of a large reply. */
function sizeOf(reply: Reply): number {
  if (reply.kind !== 'tool') return JSON.stringify(reply).length;
  const text = reply.content.reduce((sum, block) => sum + (block.text?.length ?? 0), 0);
  return text > 0 ? text : JSON.stringify(reply.structuredContent ?? null).length;
}
