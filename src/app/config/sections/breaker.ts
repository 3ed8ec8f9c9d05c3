/** When a failing server is given a rest. */
import { z } from 'zod';
import { count, layer, setting, someTime } from '../fields.ts';

export const breaker = layer(
  'Gives a server that keeps failing a rest.',
  {
    failures: setting(count, 'Failures in a row that open it.', 5, 'less'),
    failureShare: setting(
      z.number().min(0.01).max(1),
      'Share of failures within the window that opens it.',
      0.5,
      'less',
    ),
    minCalls: setting(count, 'Calls within the window below which the share says nothing.', 10, 'less'),
    window: setting(someTime, 'Length of the window.', '30s'),
    rest: setting(someTime, 'How long it stays open before one call may find out.', '10s', 'more'),
  },
  'on',
);
