/** The shape of a workflow file, as zod knows it: the one source for diagnostics and for the plan. */
import { z } from 'zod';
import type { JsonValue } from '../base/json.ts';
import { STEP_KINDS, type StepKind } from '../contracts/index.ts';

const jsonSchema: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonSchema), z.record(z.string(), jsonSchema)]),
);
const jsonObjectSchema = z.record(z.string(), jsonSchema);

const DURATION_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `500ms`, `30s`, `5m`, `1h`. @returns milliseconds */
const durationSchema = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'a duration is a number and a unit: 500ms, 30s, 5m, 1h')
  .transform((text) => {
    const [, amount = '0', unit = 'ms'] = /^([\d.]+)(ms|s|m|h)$/.exec(text) ?? [];
    return Number(amount) * DURATION_UNITS[unit as keyof typeof DURATION_UNITS];
  });

const inputSchema = z.strictObject({
  type: z.enum(['string', 'number', 'boolean', 'array', 'object']),
  description: z.string().optional(),
  default: jsonSchema.optional(),
  required: z.boolean().optional(),
});

/** Keys of the format that this version reads but does not carry out yet, each with a clear message. */
const LATER_STEP_KEYS = [
  'batch',
  'strategy',
  'merge',
  'retry',
  'fallback',
  'cache',
  'dryRun',
  'compensate',
  'validate',
  'onInvalid',
  'onDenied',
] as const;

const later = Object.fromEntries(LATER_STEP_KEYS.map((key) => [key, jsonSchema.optional()]));

const stepSchema = z
  .strictObject({
    name: z.string().optional(),
    call: z
      .string()
      .regex(/^[^.\s]+\..+$/, 'a call is `server.tool`')
      .optional(),
    transform: jsonSchema.optional(),
    route: jsonSchema.optional(),
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
