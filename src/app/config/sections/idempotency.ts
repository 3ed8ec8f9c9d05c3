/** The section of the layer that makes each call of a run once. */
import { layer, setting, someTime } from '../fields.ts';

export const idempotency = layer(
  'Makes each call of a run happen once, however often it is asked for. Calls outside a run need a key of their own.',
  {
    ttl: setting(someTime, 'How long a finished call is remembered, and one of unknown end is not repeated.', '24h'),
    lease: setting(someTime, 'How long a claim outlives a process that was killed with it.', '60s'),
  },
);
