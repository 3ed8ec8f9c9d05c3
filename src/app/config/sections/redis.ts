/** The Redis that machines share. */
import { z } from 'zod';
import { optional, section, setting, someTime } from '../fields.ts';

const reference = 'may name `${env:NAME}` or `${secret:NAME}`';

/** Read when the engine starts. */
export const redis = optional(
  section({
    url: z.string().min(1).describe(`\`redis://host:6379/0\`, or \`rediss://\` for TLS; ${reference}.`),
    username: optional(z.string(), `Instead of one in \`url\`; ${reference}. Left out: the default user.`),
    password: optional(z.string(), `Instead of one in \`url\`; ${reference}. Left out: none.`),
    ca: optional(z.string(), 'File (PEM) with the certificate authority of the server. Left out: those of the system.'),
    prefix: setting(
      z.string(),
      'Before every key; whoever shares it shares cache, limits and finished calls.',
      'mcp-conductor:',
    ),
    timeout: setting(someTime, 'How long an answer is waited for.', '500ms'),
  }),
  'A Redis that windows and machines share: cached replies, limits and finished calls. Left out: each machine keeps its own.',
);

export type RedisSection = NonNullable<z.output<typeof redis>>;
