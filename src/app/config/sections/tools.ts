/** What the user's policy says of tools. A server's own annotations decide none of it. */
import { z } from 'zod';
import { RISKS } from '../../../contracts/index.ts';
import { duration, optional, section, setting, toolPattern, toolTarget } from '../fields.ts';

const limit = section({
  perSecond: z.number().min(0.001).describe('Calls per second.'),
  burst: optional(z.number().min(1), 'Calls that may pass at once after a pause. Left out: as many as per second.'),
});

const toolPolicy = section({
  idempotent: optional(z.boolean(), 'Whether calling it twice does no harm: then it may be repeated when in doubt.'),
  risk: optional(z.enum(RISKS), 'How much can go wrong, for whoever is asked. Left out: medium is assumed.'),
  affects: optional(z.array(z.string().min(1)), 'Systems it changes, for whoever is asked. Left out: its server.'),
  audit: optional(z.enum(['required', 'normal']), 'required: not called unless the intent is on disk.'),
  cache: optional(
    z.union([duration, z.boolean()]),
    'How long its replies are good; `true` for the time of `layers.cache.ttl`. Left out: they are not kept.',
  ),
  rateLimit: optional(z.union([limit, z.literal(false)]), 'Its own limit; `false` for none.'),
});

export type WrittenPolicy = z.output<typeof toolPolicy>;

export const tools = setting(
  z.record(toolPattern, toolPolicy),
  'Policy by tool pattern. The most specific pattern that says something decides it.',
  {},
);

export const pipelines = setting(
  z.record(z.string(), z.record(z.string(), toolTarget)),
  'Pipeline, then step, then the `server.tool` that the step calls instead of the built-in one.',
  {},
);
