/** The messages of OTLP 1 that are sent, by field number (github.com/open-telemetry/opentelemetry-proto). */
import type { Message } from './protobuf.ts';

const anyValue: Message = {
  stringValue: [1, 'string'],
  boolValue: [2, 'bool'],
  intValue: [3, 'int64'],
  doubleValue: [4, 'double'],
};

const keyValue: Message = { key: [1, 'string'], value: [2, anyValue] };

const resource: Message = { attributes: [1, keyValue] };

const scope: Message = { name: [1, 'string'], version: [2, 'string'] };

const spanEvent: Message = { timeUnixNano: [1, 'fixed64'], name: [2, 'string'], attributes: [3, keyValue] };

const span: Message = {
  traceId: [1, 'hex'],
  spanId: [2, 'hex'],
  parentSpanId: [4, 'hex'],
  name: [5, 'string'],
  kind: [6, 'enum'],
  startTimeUnixNano: [7, 'fixed64'],
  endTimeUnixNano: [8, 'fixed64'],
  attributes: [9, keyValue],
  events: [11, spanEvent],
  status: [15, { message: [2, 'string'], code: [3, 'enum'] }],
  flags: [16, 'fixed32'],
};

const scopeSpans: Message = { scope: [1, scope], spans: [2, span] };

export const TRACES: Message = { resourceSpans: [1, { resource: [1, resource], scopeSpans: [2, scopeSpans] }] };

const numberPoint: Message = {
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  asDouble: [4, 'double'],
  asInt: [6, 'fixed64'],
  attributes: [7, keyValue],
};

const histogramPoint: Message = {
  startTimeUnixNano: [2, 'fixed64'],
  timeUnixNano: [3, 'fixed64'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  bucketCounts: [6, 'fixed64'],
  explicitBounds: [7, 'double'],
  attributes: [9, keyValue],
  min: [11, 'double'],
  max: [12, 'double'],
};

const metric: Message = {
  name: [1, 'string'],
  description: [2, 'string'],
  unit: [3, 'string'],
  gauge: [5, { dataPoints: [1, numberPoint] }],
  sum: [7, { dataPoints: [1, numberPoint], aggregationTemporality: [2, 'enum'], isMonotonic: [3, 'bool'] }],
  histogram: [9, { dataPoints: [1, histogramPoint], aggregationTemporality: [2, 'enum'] }],
};

const scopeMetrics: Message = { scope: [1, scope], metrics: [2, metric] };

export const METRICS_REQUEST: Message = {
  resourceMetrics: [1, { resource: [1, resource], scopeMetrics: [2, scopeMetrics] }],
};
