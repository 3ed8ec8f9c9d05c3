/** Records one span per call: what was asked of whom, when, and how it ended (guide: Debugging Tools). */
import {
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  isSpanContextValid,
  trace as otel,
} from '@opentelemetry/api';
import type { Clock } from '../base/clock.ts';
import { isConductorError, messageOf } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import type { Call, Invoke, Middleware, Reply, TraceEntry, TraceSink } from '../contracts/index.ts';
import { sanitize } from './sanitize.ts';
import { spanAttributes, spanName } from './semantic-conventions.ts';
import { targetOf } from './target.ts';

export interface TraceOptions {
  readonly clock: Clock;
  /** Receives every finished call, already sanitized. */
  readonly sink: TraceSink;
  /** @default the globally registered OpenTelemetry tracer, a no-op unless somebody registered one */
  readonly tracer?: Tracer;
  /** Takes known credentials out of a text. @default leaves it as it is */
  readonly redact?: (text: string) => string;
  /** Lower-case hex of `bytes` random bytes, for trace and span ids where no tracer gives them. */
  readonly randomHex?: (bytes: number) => string;
}

/**
 * Outermost layer: sends W3C trace context in `_meta` and hands a redacted entry to the sink, whatever the outcome.
 *
 * @example
 * composeStack(directory.invoke, { trace: trace({ clock: systemClock, sink: (entry) => ring.push(entry) }) });
 */
export function trace(options: TraceOptions): Middleware {
  const tracer = options.tracer ?? otel.getTracer('mcp-conductor');
  const randomHex = options.randomHex ?? systemRandomHex;
  const redact = options.redact ?? ((text: string) => text);
  return (next: Invoke): Invoke =>
    async function traceCall(call) {
      const span = tracer.startSpan(spanName(call), { kind: SpanKind.CLIENT, attributes: spanAttributes(call) });
      const ids = idsOf(span, randomHex);
      const startTime = options.clock.now();
      const finish = (outcome: Outcome): void => {
        options.sink({ ...describe(call, redact), ...ids, ...outcome, startTime, endTime: options.clock.now() });
        if (outcome.status !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      };
      try {
        const reply = await next({
          ...call,
          meta: { ...call.meta, traceparent: `00-${ids.traceId}-${ids.spanId}-01` },
        });
        finish(outcomeOfReply(reply));
        return reply;
      } catch (error) {
        finish(outcomeOfError(error, redact));
        throw error;
      }
    };
}

type Outcome = Pick<TraceEntry, 'status' | 'resultSize' | 'error'>;

type Description = Pick<TraceEntry, 'server' | 'tool' | 'kind' | 'args' | 'run' | 'step'>;

function describe(call: Call, redact: (text: string) => string): Description {
  return {
    server: call.server,
    tool: redact(targetOf(call.request)),
    kind: call.request.kind,
    args: sanitize(argumentsOf(call), redact),
    run: call.run,
    step: call.step,
  };
}

function argumentsOf(call: Call): JsonValue {
  const { request } = call;
  switch (request.kind) {
    case 'tool':
      return request.args;
    case 'prompt':
      return request.args;
    case 'resource':
      return { uri: request.uri };
    case 'complete':
      return request.argument;
  }
}

function idsOf(
  span: Span,
  randomHex: (bytes: number) => string,
): { readonly traceId: string; readonly spanId: string } {
  const context = span.spanContext();
  if (isSpanContextValid(context)) return { traceId: context.traceId, spanId: context.spanId };
  return { traceId: randomHex(16), spanId: randomHex(8) };
}

function systemRandomHex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
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
