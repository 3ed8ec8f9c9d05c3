/**
 * What fields of `config.yaml` are made of. A field says here once what it means, in which unit, and what holds when it
 * is left out; problems, completion, hover, the JSON Schema and the stack itself read it from there.
 */
import { z } from 'zod';
import { BYTE_SIZE_HELP, parseByteSize } from '../../base/byte-size.ts';
import { DURATION_HELP, parseDuration } from '../../base/duration.ts';
import { messageOf } from '../../base/errors.ts';
import { nearestNames } from '../../mcp/nearest.ts';
import { parseToolPattern } from '../../middleware/rules/tool-pattern.ts';

/** What a type of field says of itself besides its description. */
interface TypeMeta {
  /** In what it is written. */
  readonly unit?: string;
  /** Values that show how it is written. */
  readonly examples?: readonly (string | number)[];
  /** Names it may hold that only the running engine knows. */
  readonly names?: 'servers' | 'tools' | 'principals';
}

function typed<T extends z.ZodType>(type: T, meta: TypeMeta): T {
  return type.meta({ ...meta });
}

/** `30s`; @returns milliseconds */
export const duration = typed(
  z
    .string()
    .refine((text) => parseDuration(text) !== undefined, DURATION_HELP)
    .transform((text) => parseDuration(text) ?? 0),
  { unit: 'time', examples: ['500ms', '30s', '5m', '1h'] },
);

/** A duration that is not zero. @returns milliseconds */
export const someTime = typed(
  z
    .string()
    .refine((text) => (parseDuration(text) ?? 0) > 0, `must be over 0; ${DURATION_HELP}`)
    .transform((text) => parseDuration(text) ?? 0),
  { unit: 'time', examples: ['500ms', '30s', '5m', '1h'] },
);

/** `64MB`; @returns bytes */
export const byteSize = typed(
  z
    .string()
    .refine((text) => (parseByteSize(text) ?? 0) > 0, BYTE_SIZE_HELP)
    .transform((text) => parseByteSize(text) ?? 0),
  { unit: 'bytes', examples: ['512KB', '64MB', '1GB'] },
);

/** A whole number of at least 1. */
export const count = z.int().min(1);

/** From 0 to 1. */
export const share = typed(z.number().min(0).max(1), { unit: 'share, 0 to 1' });

/** `server.tool`, `server.*` or `*.*`. */
export const toolPattern = typed(
  z.string().superRefine((text, context) => {
    try {
      parseToolPattern(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
    }
  }),
  { names: 'tools', examples: ['*.*', 'server.*', 'server.tool'] },
);

/** One tool by its full name. */
export const toolTarget = typed(z.string().regex(/^[^.\s]+\..+$/, 'must be `server.tool`'), { names: 'tools' });

/** An object whose unknown keys are answered with the known ones. */
export function section<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, Object.keys(shape)) : undefined),
  });
}

function unknownKeys(unknown: readonly string[], known: readonly string[]): string {
  const [nearest] = unknown.flatMap((key) => nearestNames(key, known));
  const meant = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  const names = unknown.map((key) => `"${key}"`).join(', ');
  return `there is no ${names} here${meant}${meant === '' ? ';' : ''} there are ${known.join(', ')}`;
}

/**
 * Which way a workspace may change a field, or which of on and off it may choose for a layer; what has none is the
 * user's alone.
 */
export type Tighter = 'less' | 'more' | 'on' | 'off';

/** A field with a default, written as a person would write it. */
export function setting<T extends z.ZodType>(
  type: T,
  description: string,
  byDefault: z.input<T>,
  tighter?: 'less' | 'more',
): z.ZodPrefault<T> {
  return type.prefault(byDefault as never).meta({ ...metaOf(type), description, tighter });
}

/** A field that says nothing when it is left out; the description says what holds then. */
export function optional<T extends z.ZodType>(
  type: T,
  description: string,
  tighter?: 'less' | 'more',
): z.ZodOptional<T> {
  return type.optional().meta({ ...metaOf(type), description, tighter });
}

/** The section of one layer of the stack; `false` switches the layer off. */
export function layer<Shape extends z.ZodRawShape>(
  description: string,
  shape: Shape,
  tighter?: 'on' | 'off',
): z.ZodPrefault<z.ZodUnion<readonly [z.ZodObject<Shape, z.core.$strict>, z.ZodLiteral<false>]>> {
  const either = z.union([section(shape), z.literal(false)]);
  return either.prefault({} as never).meta({ description, tighter });
}

function metaOf(type: z.ZodType): object {
  return type.meta() ?? {};
}
