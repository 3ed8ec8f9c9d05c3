/** When a second copy of a slow call is sent, and how many there may be. */
import { z } from 'zod';
import { count, duration, layer, setting, share } from '../fields.ts';

export const hedge = layer(
  'Sends a second copy of a call that takes unusually long over another connection to the same server; only of tools whose policy here says `idempotent: true`. A server over stdio is started a second time for it.',
  {
    initial: setting(duration, 'Wait for the first copy while there is no history.', '5s', 'more'),
    minSamples: setting(count, 'Answers that make a history.', 5, 'more'),
    medianFactor: setting(
      z.number().min(1),
      'The wait is the smaller one of p95 and the median times this.',
      3,
      'more',
    ),
    budgetShare: setting(share, 'Second copies per call.', 0.05, 'less'),
  },
  'off',
);
