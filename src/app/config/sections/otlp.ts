/** Where traces and metrics are sent besides the files of this machine. */
import { z } from 'zod';
import { optional, section, setting, someTime } from '../fields.ts';

const address = z
  .string()
  .refine(isCollectorUrl, 'must be an http or https address without a user name, such as http://localhost:4318');

export const otlp = optional(
  section({
    endpoint: address.describe('Of the collector, without `/v1/traces`.'),
    headers: setting(
      z.record(z.string().regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header'), z.string()),
      'Sent with every request. `${{ secrets.NAME }}` is what `mcp-conductor credentials set otlp NAME` keeps.',
      {},
    ),
    protocol: setting(z.enum(['protobuf', 'json']), 'How requests are encoded.', 'protobuf'),
    arguments: setting(z.boolean(), 'Whether spans carry the sanitized arguments of calls.', false),
    metricsInterval: setting(someTime, 'Between two exports of the metrics.', '1m'),
    timeout: setting(someTime, 'Of one request; calls never wait for it.', '10s'),
  }),
  'An OpenTelemetry collector that calls and metrics are sent to over HTTP. Left out: they stay on this machine.',
);

function isCollectorUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '');
}
