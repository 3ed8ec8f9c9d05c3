/** How many calls run at once. */
import { z } from 'zod';
import { count, layer, setting } from '../fields.ts';

export const concurrency = layer(
  'Bounds how many calls are under way, and serves waiting runs in turn.',
  {
    global: setting(count, 'Calls under way at once over all servers.', 50, 'less'),
    perServer: setting(
      z.record(z.string().meta({ names: 'servers' }), count),
      'Calls under way at once at one server, by its id. A server that is not named has no limit of its own.',
      {},
      'less',
    ),
  },
  'on',
);
