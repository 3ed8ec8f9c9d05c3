/** How a lost server is brought back. */
import { count, duration, layer, setting } from '../fields.ts';

export const recovery = layer(
  'Starts a lost server again, once for all calls that were lost together.',
  {
    tries: setting(count, 'Times a start is tried.', 3, 'less'),
    pause: setting(duration, 'Pause after the first failed try; doubled after each further one.', '1s', 'more'),
  },
  'off',
);
