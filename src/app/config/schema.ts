/** `config.yaml` as zod knows it: one file per section in `sections/`, joined here. */
import { z } from 'zod';
import { section } from './fields.ts';
import { approval } from './sections/approval.ts';
import { audit } from './sections/audit.ts';
import { breaker } from './sections/breaker.ts';
import { cache } from './sections/cache.ts';
import { concurrency } from './sections/concurrency.ts';
import { idempotency } from './sections/idempotency.ts';
import { environment } from './sections/environment.ts';
import { hedge } from './sections/hedge.ts';
import { minimizeInput, minimizeOutput, minimizeRules } from './sections/minimize.ts';
import { otlp } from './sections/otlp.ts';
import { permissionRules, permissions } from './sections/permissions.ts';
import { rateLimit } from './sections/rate-limit.ts';
import { recovery } from './sections/recovery.ts';
import { redis } from './sections/redis.ts';
import { retry } from './sections/retry.ts';
import { pool, servers } from './sections/servers.ts';
import { timeout } from './sections/timeout.ts';
import { pipelines, tools } from './sections/tools.ts';
import { trace } from './sections/trace.ts';
import { vulnerabilities } from './sections/vulnerabilities.ts';

/** One section a layer, in the order of the stack; `false` switches a layer off. */
const layers = section({
  trace,
  minimizeInput,
  audit,
  permissions,
  approval,
  cache,
  idempotency,
  minimizeOutput,
  hedge,
  retry,
  breaker,
  rateLimit,
  concurrency,
  timeout,
  recovery,
});

export const configSchema = section({
  version: z.literal(1).describe('Of this format.'),
  pipelines,
  servers,
  pool,
  tools,
  permissions: permissionRules,
  minimize: minimizeRules,
  redis,
  environment,
  otlp,
  vulnerabilities,
  layers: layers.prefault({}).describe('The layers of the stack that every call passes; `false` switches one off.'),
});

/** With every default filled in. */
export type UserConfig = z.output<typeof configSchema>;

/** Sections that an edit of the file changes only when the engine starts anew. */
export const READ_AT_START: readonly (keyof UserConfig)[] = [
  'servers',
  'pool',
  'redis',
  'environment',
  'otlp',
  'vulnerabilities',
];

export const EMPTY_CONFIG: UserConfig = configSchema.parse({ version: 1 });
