/** How much is kept of replies, and for how long. */
import { byteSize, count, duration, layer, setting, someTime } from '../fields.ts';

export const cache = layer(
  'Answers repeated calls from memory, where `tools` or a step say for how long.',
  {
    entries: setting(count, 'Replies kept in memory.', 1_000, 'less'),
    bytes: setting(byteSize, 'Bytes of replies kept in memory.', '64MB', 'less'),
    ttl: setting(
      someTime,
      'How long a reply is good where a tool says `cache: true` and no time of its own.',
      '1h',
      'less',
    ),
    staleWhileRevalidate: setting(
      duration,
      'How long after its time a reply is still given while a new one is fetched.',
      '0s',
      'less',
    ),
  },
  'off',
);
