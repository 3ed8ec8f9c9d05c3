/** How many connections servers get, and which servers remember what they are told. */
import { z } from 'zod';
import { count, duration, optional, section, setting } from '../fields.ts';

const connections = section({
  max: optional(count, 'Connections at once. Left out: 10 over HTTP and to stateful servers, 1 over stdio.'),
  prefill: optional(count, 'Connections kept open while the server is used. Left out: 3, or `max` if that is less.'),
  calls: optional(count, 'Calls at once over one connection. Left out: 1 over HTTP, any number over stdio.'),
  idle: optional(duration, 'Time without a call after which the server is stopped; 0s for never. Left out: 5m.'),
  health: optional(duration, 'How often an unused connection is asked whether it is well; 0s: never. Left out: 30s.'),
});

export const pool = setting(connections, 'The connections of every server that says nothing of its own.', {});

export const servers = setting(
  z.record(
    z.string().meta({ names: 'servers' }),
    section({
      pool: optional(connections, 'Its connections. What is left out here is as in `pool`.'),
      stateful: optional(
        z.boolean(),
        'It remembers what it was told: each run has a connection of its own, which ends with the run. Left out: false.',
      ),
    }),
  ),
  'Settings by id of the server.',
  {},
);
