/** How long a person is waited for. */
import { layer, setting, someTime } from '../fields.ts';

export const approval = layer(
  'Asks a person where the rules say `ask`.',
  {
    timeout: setting(someTime, 'How long an answer is waited for; none in time means no.', '1h', 'less'),
  },
  'on',
);
