/** Trace entries and metrics as the requests of OTLP 1, in their JSON form (opentelemetry.io/docs/specs/otlp). Pure. */
import { VERSION } from '../../base/version.ts';
import { DURATION_BOUNDS, type MetricsSnapshot, type ToolMetrics, type TraceEntry } from '../../contracts/index.ts';
import {
  askedAttributes,
  connectionAttributes,
  endedAttributes,
  errorType,
  METRICS,
  spanName,
} from '../../middleware/semantic-conventions.ts';

/** How a server is reached, as far as it is known. */
export interface Reached {
  readonly launch: 'stdio' | 'http';
  readonly protocolVersion?: string | undefined;
}

export interface RequestOptions {
  readonly describe?: ((server: string) => Reached | undefined) | undefined;
  /** Whether spans carry the sanitized arguments, which the conventions leave to the person. @default false */
  readonly includeArguments?: boolean | undefined;
}

const KIND_CLIENT = 3;
const STATUS_ERROR = 2;
const CUMULATIVE = 2;
/** Of the W3C flags the lowest bit; the ninth says that the tenth, whether the parent is elsewhere, is known. */
const SAMPLED = 0x101;
const SAMPLED_UNDER_REMOTE = 0x301;

const SCOPE = { name: 'mcp-conductor', version: VERSION };
const RESOURCE = {
  attributes: attributeList({ 'service.name': 'mcp-conductor', 'service.version': VERSION }),
};

/** `ExportTraceServiceRequest` */
export function traceRequest(entries: readonly TraceEntry[], options: RequestOptions = {}): object {
  const spans = entries.map((entry) => spanOf(entry, options));
  return { resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ scope: SCOPE, spans }] }] };
}

function spanOf(entry: TraceEntry, { describe, includeArguments }: RequestOptions): object {
  const reached = describe?.(entry.server);
  const attributes = {
    ...askedAttributes(entry),
    ...(reached === undefined ? {} : connectionAttributes(reached.launch, reached.protocolVersion)),
    ...endedAttributes(entry),
    ...(includeArguments === true ? { 'gen_ai.tool.call.arguments': JSON.stringify(entry.args) } : {}),
  };
  const failed = errorType(entry) !== undefined;
  return {
    traceId: entry.traceId,
    spanId: entry.spanId,
    ...(entry.parentSpanId === undefined ? {} : { parentSpanId: entry.parentSpanId }),
    name: spanName(entry),
    kind: KIND_CLIENT,
    startTimeUnixNano: nanos(entry.startTime),
    endTimeUnixNano: nanos(entry.endTime),
    attributes: attributeList(attributes),
    events: (entry.events ?? []).map(({ name, at, data }) => ({
      timeUnixNano: nanos(at),
      name,
      attributes: attributeList(data ?? {}),
    })),
    status: failed ? { message: entry.error?.message ?? entry.status, code: STATUS_ERROR } : {},
    flags: entry.parentSpanId === undefined ? SAMPLED : SAMPLED_UNDER_REMOTE,
  };
}

/** `ExportMetricsServiceRequest`; every figure counts from the start of this process. */
export function metricsRequest(snapshot: MetricsSnapshot, options: Pick<RequestOptions, 'describe'> = {}): object {
  const { tools } = snapshot;
  const times = { startTimeUnixNano: nanos(snapshot.since), timeUnixNano: nanos(snapshot.at) };
  const common = (tool: ToolMetrics): Attributes => {
    const reached = options.describe?.(tool.server);
    const connection = reached === undefined ? {} : connectionAttributes(reached.launch, reached.protocolVersion);
    return { ...askedAttributes({ ...tool, tool: tool.target }), ...connection };
  };
  const points = <T>(of: (tool: ToolMetrics) => T): (T & object)[] =>
    tools.map((tool) => ({ ...times, attributes: attributeList(common(tool)), ...of(tool) }));
  const failures = tools.flatMap((tool) =>
    Object.entries(tool.errors).map(([code, count]) => ({
      ...times,
      attributes: attributeList({ ...common(tool), 'error.type': code === 'TOOL_ERROR' ? 'tool_error' : code }),
      asInt: String(count),
    })),
  );
  const limits = tools.flatMap((tool) =>
    tool.limitMs === undefined
      ? []
      : [{ ...times, attributes: attributeList(common(tool)), asDouble: tool.limitMs / 1_000 }],
  );
  const cumulative = { aggregationTemporality: CUMULATIVE };
  const metrics = [
    { ...METRICS.duration, histogram: { dataPoints: points(histogramPoint), ...cumulative } },
    { ...METRICS.failed, sum: { dataPoints: failures, ...cumulative, isMonotonic: true } },
    { ...METRICS.active, gauge: { dataPoints: points(({ active }) => ({ asInt: String(active) })) } },
    { ...METRICS.limit, gauge: { dataPoints: limits } },
  ];
  return { resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ scope: SCOPE, metrics }] }] };
}

function histogramPoint({ calls, durations }: ToolMetrics): object {
  const extremes = calls === 0 ? {} : { min: durations.min / 1_000, max: durations.max / 1_000 };
  return {
    count: String(calls),
    sum: durations.sum / 1_000,
    bucketCounts: durations.counts.map(String),
    explicitBounds: [...DURATION_BOUNDS],
    ...extremes,
  };
}

type Attributes = Readonly<Record<string, unknown>>;

function attributeList(attributes: Attributes): { readonly key: string; readonly value: object }[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: any(value) }],
  );
}

function any(value: unknown): object {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  return { stringValue: typeof value === 'string' ? value : JSON.stringify(value) };
}

/** Milliseconds as nanoseconds, to the microsecond: a double cannot hold more. */
function nanos(ms: number): string {
  const whole = Math.floor(ms);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e3)) * 1_000n);
}
