/** The shape of a workflow file, as zod knows it: the one source for diagnostics and for the plan. */
import { z } from 'zod';
import { DURATION_HELP, parseDuration } from '../base/duration.ts';
import type { JsonValue } from '../base/json.ts';
import { MERGE_RANKS, STEP_KINDS, type StepKind, STRATEGY_KINDS } from '../contracts/index.ts';

const jsonSchema: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonSchema), z.record(z.string(), jsonSchema)]),
);
const jsonObjectSchema = z.record(z.string(), jsonSchema);

/** @returns milliseconds */
const durationSchema = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, DURATION_HELP)
  .transform((text) => parseDuration(text) ?? 0);

/** A number alone is how often it is tried again. */
const retrySchema = z.union(
  [
    z.int().min(0),
    z.strictObject({
      retries: z.int().min(0).optional(),
      base: durationSchema.optional(),
      factor: z.number().min(1).optional(),
      maxWait: durationSchema.optional(),
    }),
  ],
  'a whole number of further attempts, or an object of `retries`, `base`, `factor` and `maxWait`, such as { retries: 5, base: 500ms }',
);

const target = z.string().regex(/^[^.\s]+\..+$/, 'a call is `server.tool`');

const strategyFields = z.strictObject({
  kind: z.enum(STRATEGY_KINDS),
  size: z.int().min(1).optional(),
  least: z.int().min(1).optional(),
  deadline: durationSchema.optional(),
  after: durationSchema.optional(),
  score: z.string().optional(),
  goodEnough: z.number().optional(),
  relevant: z.string().optional(),
});

const strategySchema = z.union(
  [z.enum(STRATEGY_KINDS).transform((kind) => ({ kind })), strategyFields],
  `one of ${STRATEGY_KINDS.join(', ')}, or an object of \`kind\` and its options, such as { kind: quorum, size: 2 }`,
);

const mergeSchema = z.strictObject({
  items: z.string().optional(),
  identify: z.array(z.string().min(1)).optional(),
  rank: z.enum(MERGE_RANKS).optional(),
  weights: z.record(z.string(), z.number().min(0)).optional(),
  k: z.number().min(0).optional(),
  limit: z.int().min(1).optional(),
});

const routeSchema = z.strictObject({
  intent: z.string().min(1),
  max: z.int().min(1).max(20).default(1),
  servers: z.array(z.string().min(1)).min(1).optional(),
});

const inputSchema = z.strictObject({
  type: z.enum(['string', 'number', 'boolean', 'array', 'object']),
  description: z.string().optional(),
  default: jsonSchema.optional(),
  required: z.boolean().optional(),
});

/** Keys of the format that this version reads but does not carry out yet, each with a clear message. */
const LATER_STEP_KEYS = ['batch', 'cache', 'dryRun', 'compensate', 'validate', 'onInvalid', 'onDenied'] as const;

const later = Object.fromEntries(LATER_STEP_KEYS.map((key) => [key, jsonSchema.optional()]));

const stepSchema = z
  .strictObject({
    name: z.string().optional(),
    call: z.union([target, z.array(target).min(1)], 'a call is `server.tool`, or a list of them').optional(),
    transform: jsonSchema.optional(),
    route: routeSchema.optional(),
    strategy: strategySchema.optional(),
    merge: mergeSchema.optional(),
    fallback: z
      .union([
        target,
        z.array(target).min(1),
        z.strictObject({ to: z.union([target, z.array(target).min(1)]), after: durationSchema.optional() }),
      ])
      .optional(),
    approve: jsonSchema.optional(),
    workflow: jsonSchema.optional(),
    agent: jsonSchema.optional(),
    debate: jsonSchema.optional(),
    plan: jsonSchema.optional(),
    with: jsonObjectSchema.optional(),
    needs: z.array(z.string()).optional(),
    if: z.string().optional(),
    forEach: jsonSchema.optional(),
    concurrency: z.int().min(1).optional(),
    timeout: durationSchema.optional(),
    retry: retrySchema.optional(),
    onError: z.enum(['fail', 'continue']).optional(),
    ...later,
  })
  .superRefine((step, context) => {
    const kinds = kindsOf(step);
    if (kinds.length !== 1) {
      const found = kinds.length === 0 ? 'none' : kinds.join(', ');
      context.addIssue({
        code: 'custom',
        message: `a step has exactly one of ${STEP_KINDS.join(', ')}; this one has ${found}`,
      });
    }
  });

export const workflowSchema = z.strictObject({
  name: z.string().min(1),
  version: z.literal(1),
  description: z.string().optional(),
  inputs: z.record(z.string(), inputSchema).optional(),
  on: jsonSchema.optional(),
  steps: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a step id is letters, digits and _, not beginning with a digit'),
    stepSchema,
  ),
  outputs: jsonObjectSchema.optional(),
});

export type WorkflowDocument = z.infer<typeof workflowSchema>;
export type StepDocument = WorkflowDocument['steps'][string];

export function kindsOf(step: Readonly<Record<string, unknown>>): readonly StepKind[] {
  return STEP_KINDS.filter((kind) => step[kind] !== undefined);
}
