/** What goes to a collector, in both encodings. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MetricsSnapshot, TraceEntry } from '../../../../src/contracts/index.ts';
import { METRICS_REQUEST, TRACES } from '../../../../src/node/otlp/messages.ts';
import { encodeMessage } from '../../../../src/node/otlp/protobuf.ts';
import { metricsRequest, traceRequest } from '../../../../src/node/otlp/requests.ts';
import { decodeMessage } from '../../../fixtures/otlp/decode.ts';

const entry: TraceEntry = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  server: 'wiki',
  tool: 'search',
  kind: 'tool',
  args: { query: 'ü' },
  startTime: 1_700_000_000_000,
  endTime: 1_700_000_000_012.345,
  status: 'error',
  error: { code: 'TIMEOUT', message: 'gave no answer' },
  attempts: 2,
  limitMs: 5_000.5,
  events: [{ name: 'retry', at: 1_700_000_000_003, data: { attempt: 1, code: 'TIMEOUT' } }],
};

const snapshot: MetricsSnapshot = {
  since: 1_700_000_000_000,
  at: 1_700_000_060_000,
  active: 1,
  tools: [
    {
      server: 'wiki',
      target: 'search',
      kind: 'tool',
      calls: 3,
      errors: { TIMEOUT: 1 },
      active: 1,
      successRate: 2 / 3,
      durations: { counts: [0, 2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0], sum: 5_030, min: 12, max: 5_000 },
      limitMs: 10_000,
    },
  ],
};

/** As OpenTelemetry's own Python classes read the bytes: they were asked once, and agreed. */
const TRACE_BYTES = [
  'CvoCEvcCEvQCChBL+S81d7NNpqPOkp0ODkc2EggA8GeqC6kCtyoRdG9vbHMvY2FsbCBzZWFyY2gwAzkAACo2/pyXF0GoXuY2/pyX',
  'F0ofCg9tY3AubWV0aG9kLm5hbWUSDAoKdG9vbHMvY2FsbEoeChRtY3BfY29uZHVjdG9yLnNlcnZlchIGCgR3aWtpSicKFWdlbl9h',
  'aS5vcGVyYXRpb24ubmFtZRIOCgxleGVjdXRlX3Rvb2xKHAoQZ2VuX2FpLnRvb2wubmFtZRIICgZzZWFyY2hKFwoKZXJyb3IudHlw',
  'ZRIJCgdUSU1FT1VUShwKFm1jcF9jb25kdWN0b3IuYXR0ZW1wdHMSAhgCSiIKFW1jcF9jb25kdWN0b3IudGltZW91dBIJIQAAAACA',
  'iLNAWjIJwMZXNv6clxcSBXJldHJ5Gg0KB2F0dGVtcHQSAhgBGhEKBGNvZGUSCQoHVElNRU9VVHoSEg5nYXZlIG5vIGFuc3dlchgC',
  'hQEBAQAA',
].join('');

describe('a request to a collector', () => {
  it('describes a call as the conventions want it', () => {
    const request = traceRequest([entry], { describe: () => ({ launch: 'stdio', protocolVersion: '2026-07-28' }) });
    const json = JSON.stringify(request);
    for (const part of [
      '"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"',
      '"name":"tools/call search"',
      '"kind":3',
      '"startTimeUnixNano":"1700000000000000000"',
      '"endTimeUnixNano":"1700000000012345',
      '{"key":"gen_ai.tool.name","value":{"stringValue":"search"}}',
      '{"key":"error.type","value":{"stringValue":"TIMEOUT"}}',
      '{"key":"network.transport","value":{"stringValue":"pipe"}}',
      '{"key":"mcp.protocol.version","value":{"stringValue":"2026-07-28"}}',
      '{"key":"mcp_conductor.timeout","value":{"doubleValue":5000.5}}',
      '"events":[{"timeUnixNano":"1700000000003000000","name":"retry"',
      '"status":{"message":"gave no answer","code":2}',
    ]) {
      assert.ok(json.includes(part), `${part} is not in ${json}`);
    }
    assert.ok(!json.includes('ü'), 'arguments are sent only where somebody wants them');
    assert.ok(JSON.stringify(traceRequest([entry], { includeArguments: true })).includes('ü'));
  });

  it('says the same in protocol buffers as in JSON', () => {
    for (const [table, request] of [
      [TRACES, traceRequest([entry, { ...entry, parentSpanId: '00f067aa0ba902b8', status: 'ok', error: undefined }])],
      [METRICS_REQUEST, metricsRequest(snapshot)],
    ] as const) {
      assert.deepEqual(
        decodeMessage(table, encodeMessage(table, request)),
        withoutEmpty(JSON.parse(JSON.stringify(request))),
      );
    }
  });

  it('is, byte for byte, what the reference implementation reads', () => {
    const only = traceRequest([entry]) as Parameters<typeof spansOf>[0];
    const bytes = encodeMessage(TRACES, { resourceSpans: [{ scopeSpans: [{ spans: spansOf(only) }] }] });
    assert.equal(bytes.toString('base64'), TRACE_BYTES);
  });

  it('keeps every number and text through the encoding', () => {
    const table = { i: [1, 'int64'], d: [2, 'double'], s: [3, 'string'], f: [1_000, 'fixed64'] } as const;
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.double({ noNaN: true }),
        fc.string({ unit: 'grapheme' }),
        fc.maxSafeNat(),
        (i, d, s, f) => {
          const value = { i: String(i), d, s, f: [String(f)] };
          assert.deepEqual(decodeMessage(table, encodeMessage(table, value)), { ...value, f: String(f) });
        },
      ),
    );
  });
});

function spansOf(request: { readonly resourceSpans: readonly { readonly scopeSpans: readonly object[] }[] }): unknown {
  return request.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap((scope) => (scope as { readonly spans: readonly object[] }).spans),
  );
}

/** An empty list is no field at all in protocol buffers. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => !(Array.isArray(field) && field.length === 0))
      .map(([name, field]) => [name, withoutEmpty(field)]),
  );
}
