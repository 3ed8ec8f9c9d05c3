/** `config.yaml` as zod knows it: every section, with what it means and what a wrong key should have been. */
import { z } from 'zod';
import { DURATION_HELP, parseDuration } from '../../base/duration.ts';
import { messageOf } from '../../base/errors.ts';
import { RISKS } from '../../contracts/index.ts';
import { DETECTORS } from '../../middleware/minimize/detectors.ts';
import { problemOfMinimizeRule } from '../../middleware/minimize/rules.ts';
import { parseToolPattern } from '../../middleware/rules/tool-pattern.ts';

/** An object whose unknown keys are answered with the known ones. */
function section<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `there is no ${issue.keys.map((key) => `"${key}"`).join(', ')} here; there are ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

/** @returns milliseconds */
const duration = z
  .string(DURATION_HELP)
  .refine((text) => parseDuration(text) !== undefined, DURATION_HELP)
  .transform((text) => parseDuration(text) ?? 0);

const toolPattern = z.string().superRefine((text, context) => {
  try {
    parseToolPattern(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
  }
});

const toolTarget = z.string().regex(/^[^.\s]+\..+$/, 'must be `server.tool`');

const count = z.int().min(1);

/** What the user's policy says of tools. A server's own annotations decide none of it. */
const toolPolicy = section({
  idempotent: z.boolean().optional(),
  risk: z.enum(RISKS).optional(),
  affects: z.array(z.string().min(1)).optional(),
  audit: z.enum(['required', 'normal']).optional(),
  cache: duration.optional(),
  rateLimit: z
    .union([section({ perSecond: z.number().positive(), burst: z.number().min(1).optional() }), z.literal(false)])
    .optional(),
});

const mask = z.union([
  section({ field: z.string().min(1), keepLast: z.int().min(0).optional() }),
  section({ field: z.string().min(1).optional(), pattern: z.string().min(1), replace: z.string().optional() }),
]);

const minimizeSide = section({
  remove: z.array(z.string().min(1)).optional(),
  mask: z.array(mask).optional(),
  detect: z.array(z.enum(DETECTORS)).optional(),
});

/** What a condition compares with is checked where rules are made ready, with the rule's number in the message. */
const condition = section({
  path: z.string(),
  equals: z.json().optional(),
  in: z.array(z.json()).optional(),
  startsWith: z.string().optional(),
  matches: z.string().optional(),
  range: section({ min: z.number().optional(), max: z.number().optional() }).optional(),
});

const permissionRule = section({
  effect: z.enum(['allow', 'ask', 'deny']),
  tools: z.string(),
  principals: z.array(z.string()).optional(),
  when: z.array(condition).optional(),
});

const minimizeRule = section({
  tools: z.string(),
  input: minimizeSide.optional(),
  output: minimizeSide.optional(),
}).superRefine((rule, context) => {
  const problem = problemOfMinimizeRule(rule);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const off = z.literal(false);

/** One section a layer; `false` switches it off. */
const layers = section({
  timeout: z
    .union([
      section({
        initial: duration.optional(),
        min: duration.optional(),
        max: duration.optional(),
        factor: z.number().min(1).optional(),
        minSamples: count.optional(),
      }),
      off,
    ])
    .optional(),
  concurrency: z
    .union([section({ global: count.optional(), perServer: z.record(z.string(), count).optional() }), off])
    .optional(),
  rateLimit: z
    .union([section({ perSecond: z.number().positive().optional(), burst: z.number().min(1).optional() }), off])
    .optional(),
  breaker: z
    .union([
      section({
        failures: count.optional(),
        failureShare: z.number().gt(0).max(1).optional(),
        minCalls: count.optional(),
        window: duration.optional(),
        rest: duration.optional(),
      }),
      off,
    ])
    .optional(),
  retry: z
    .union([
      section({
        retries: z.int().min(0).optional(),
        base: duration.optional(),
        factor: z.number().min(1).optional(),
        maxWait: duration.optional(),
        budgetShare: z.number().min(0).max(1).optional(),
        budgetPerMinute: z.number().min(0).optional(),
      }),
      off,
    ])
    .optional(),
  recovery: z.union([section({ tries: count.optional(), pause: duration.optional() }), off]).optional(),
});

export const configSchema = section({
  version: z.literal(1),
  /** Pipeline → step → `server.tool`. */
  pipelines: z.record(z.string(), z.record(z.string(), toolTarget)).default({}),
  /** Tool pattern → policy. The most specific pattern that says something decides it. */
  tools: z.record(toolPattern, toolPolicy).default({}),
  /** Deny before ask before allow, in whatever order they stand. */
  permissions: z.array(permissionRule).default([]),
  minimize: z.array(minimizeRule).default([]),
  layers: layers.default({}),
});

export type UserConfig = z.output<typeof configSchema>;

export const EMPTY_CONFIG: UserConfig = {
  version: 1,
  pipelines: {},
  tools: {},
  permissions: [],
  minimize: [],
  layers: {},
};
