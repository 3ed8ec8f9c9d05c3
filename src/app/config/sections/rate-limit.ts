/** How many calls a tool gets per second. */
import { z } from 'zod';
import { layer, optional, setting } from '../fields.ts';

export const rateLimit = layer(
  'Spreads the calls to one tool over time. Bundled servers have no limit.',
  {
    perSecond: setting(z.number().min(0.001), 'Calls per second to one tool of one server.', 10, 'less'),
    burst: optional(
      z.number().min(1),
      'Calls that may pass at once after a pause. Left out: as many as per second, at least 1.',
      'less',
    ),
  },
  'on',
);
