/** How long an attempt may take. */
import { z } from 'zod';
import { count, layer, setting, someTime } from '../fields.ts';

export const timeout = layer(
  'Ends one attempt that takes too long, by a limit learned from the tool itself.',
  {
    initial: setting(
      someTime,
      'The limit while there are fewer than `minSamples` latencies to learn from.',
      '30s',
      'less',
    ),
    minSamples: setting(count, 'Latencies before the limit adapts.', 5),
    factor: setting(z.number().min(1), 'The limit is the 95th percentile of latencies times this.', 2, 'less'),
    min: setting(someTime, 'Lower bound of the adapted limit.', '5s', 'less'),
    max: setting(someTime, 'Upper bound of every limit.', '5m', 'less'),
  },
  'on',
);
