/** The audit layer in `config.yaml`. */
import { byteSize, layer, optional, someTime } from '../fields.ts';

/** Whether there is a log may change at any time; its limits are read when the engine starts. */
export const audit = layer(
  'A hash-chained record of every attempt, denials too.',
  {
    keep: optional(someTime, 'How long records are kept: 90d. Left out: for good.'),
    maxBytes: optional(
      byteSize,
      'Bytes of a workspace over which the oldest records go, until three quarters are left. Left out: no limit.',
    ),
  },
  'on',
);
