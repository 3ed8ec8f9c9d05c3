/** Walks the schema of `config.yaml` by path: what a field means, what it may hold, and what stands below it. Pure. */
import { z } from 'zod';
import type { Tighter } from './fields.ts';

type Path = readonly PropertyKey[];

/** What there is to say of a field, as its section says it. */
export interface FieldFacts {
  readonly description: string | undefined;
  /** `time`, `bytes`, `share, 0 to 1`; undefined for a plain value. */
  readonly unit: string | undefined;
  /** As a person would write it; undefined when nothing holds by default. */
  readonly byDefault: unknown;
  readonly examples: readonly (string | number)[];
  /** Values it may have, where they can be listed. */
  readonly values: readonly (string | number | boolean)[];
  /** Names that only the running engine knows. */
  readonly names: 'servers' | 'tools' | 'principals' | undefined;
  /** What may be written, in words. */
  readonly expected: string;
}

/** The field at a path; undefined where there is none. Numbers in the path are places in a list. */
export function fieldAt(root: z.ZodType, path: Path): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>(
    (schema, key) => (schema === undefined ? undefined : childOf(schema, key)),
    root,
  );
}

/** Without what only says that it may be left out. */
function bare(schema: z.ZodType): z.ZodType {
  const isWrapped = schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return isWrapped ? bare(schema.unwrap() as z.ZodType) : schema;
}

/** Everything that may stand there; one for most fields. */
export function alternatives(schema: z.ZodType): readonly z.ZodType[] {
  const plain = bare(schema);
  return plain instanceof z.ZodUnion ? plain.options.flatMap((one) => alternatives(one as z.ZodType)) : [plain];
}

function childOf(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  for (const one of alternatives(schema)) {
    if (one instanceof z.ZodObject && Object.hasOwn(one.shape, key)) return one.shape[String(key)] as z.ZodType;
    if (one instanceof z.ZodRecord) return one.valueType as z.ZodType;
    if (one instanceof z.ZodArray && /^\d+$/.test(String(key))) return one.element as z.ZodType;
  }
  return undefined;
}

/** The keys that may stand below a field, in the order of its section. */
export function keysOf(schema: z.ZodType): readonly string[] {
  return [
    ...new Set(alternatives(schema).flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []))),
  ];
}

/** What the keys of a field stand for, where the person chooses them. */
export function keyNames(schema: z.ZodType): FieldFacts['names'] {
  const record = alternatives(schema).find((one) => one instanceof z.ZodRecord);
  return record instanceof z.ZodRecord ? metaOf(record.keyType as z.ZodType).names : undefined;
}

export function isList(schema: z.ZodType): boolean {
  return alternatives(schema).some((one) => one instanceof z.ZodArray);
}

/** Whether further keys stand below it, rather than one value. */
export function isMapping(schema: z.ZodType): boolean {
  return alternatives(schema).some((one) => one instanceof z.ZodObject || one instanceof z.ZodRecord);
}

export function factsOf(schema: z.ZodType): FieldFacts {
  const metas = [schema, ...alternatives(schema)].map(metaOf);
  const first = <K extends keyof Meta>(key: K): Meta[K] | undefined =>
    metas.find((meta) => meta[key] !== undefined)?.[key];
  return {
    description: first('description'),
    unit: first('unit'),
    byDefault: schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined,
    examples: first('examples') ?? [],
    values: alternatives(schema).flatMap(valuesOf),
    names: first('names'),
    expected: [...new Set(alternatives(schema).map(inWords))].join(' or '),
  };
}

interface Meta {
  readonly description?: string;
  readonly unit?: string;
  readonly examples?: readonly (string | number)[];
  readonly names?: 'servers' | 'tools' | 'principals';
  readonly tighter?: Tighter;
}

export function metaOf(schema: z.ZodType): Meta {
  return (schema.meta() ?? {}) as Meta;
}

function valuesOf(schema: z.ZodType): readonly (string | number | boolean)[] {
  if (schema instanceof z.ZodEnum) return schema.options;
  if (schema instanceof z.ZodLiteral) return [...schema.values].filter((value) => isPlain(value));
  return schema instanceof z.ZodBoolean ? [true, false] : [];
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function inWords(schema: z.ZodType): string {
  const { unit, examples = [] } = metaOf(schema);
  if (unit !== undefined && examples.length > 0) return `a ${NOUNS[unit] ?? unit} such as ${examples.join(', ')}`;
  const values = valuesOf(schema);
  if (values.length > 0) return values.join(' or ');
  if (schema instanceof z.ZodObject) return `a mapping with ${Object.keys(schema.shape).join(', ') || 'nothing in it'}`;
  if (schema instanceof z.ZodRecord) return 'a mapping';
  if (schema instanceof z.ZodArray) return 'a list';
  if (schema instanceof z.ZodNumber) return schema.isInt ? 'a whole number' : 'a number';
  return schema instanceof z.ZodString ? 'a text' : 'a value';
}

const NOUNS: Readonly<Record<string, string>> = { time: 'duration', bytes: 'size' };
