/** How often and when a call is tried again. */
import { z } from 'zod';
import { duration, layer, setting, share } from '../fields.ts';

export const retry = layer(
  'Tries transient failures again, where that cannot do a thing twice.',
  {
    retries: setting(z.int().min(0), 'Attempts after the first.', 3, 'less'),
    base: setting(duration, 'Longest first wait; the actual one is drawn between 0 and it.', '1s', 'more'),
    factor: setting(z.number().min(1), 'What the longest wait grows by from attempt to attempt.', 2, 'more'),
    maxWait: setting(duration, 'Longest wait; a server that asks for a longer one is not asked again.', '1m', 'less'),
    budgetShare: setting(share, 'Retries that a server may get per call it gets.', 0.1, 'less'),
    budgetPerMinute: setting(z.number().min(0), 'Retries per minute and server that are free of that.', 10, 'less'),
  },
  'off',
);
