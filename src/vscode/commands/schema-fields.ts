/** A tool's input schema as a list of questions, and the answers as values: pure, so that it is tested without a screen. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';

export interface Field {
  readonly name: string;
  readonly kind: 'enum' | 'boolean' | 'number' | 'integer' | 'string' | 'json';
  readonly required: boolean;
  readonly description: string;
  /** `enum` only. */
  readonly options: readonly JsonValue[];
  readonly defaultValue: JsonValue | undefined;
}

/** Required properties first, each in the order of the schema. */
export function fieldsOf(schema: JsonObject): readonly Field[] {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const fields = Object.entries(properties).map(([name, property]) => fieldOf(name, property, required.has(name)));
  return [...fields.filter((field) => field.required), ...fields.filter((field) => !field.required)];
}

function fieldOf(name: string, property: JsonValue | undefined, required: boolean): Field {
  const schema = isJsonObject(property) ? property : {};
  const options = Array.isArray(schema.enum) ? (schema.enum as readonly JsonValue[]) : [];
  return {
    name,
    kind: options.length > 0 ? 'enum' : kindOf(schema.type),
    required,
    description: typeof schema.description === 'string' ? schema.description : '',
    options,
    defaultValue: schema.default,
  };
}

function kindOf(type: JsonValue | undefined): Field['kind'] {
  const named = Array.isArray(type) ? type.find((each) => each !== 'null') : type;
  if (named === 'boolean' || named === 'number' || named === 'integer' || named === 'string') return named;
  return 'json';
}

export type Parsed = { readonly value: JsonValue | undefined } | { readonly problem: string };

/** What was typed, as a value; an empty answer leaves an optional property out. */
export function parseAnswer(field: Field, text: string): Parsed {
  if (text === '') {
    return field.required ? { problem: `${field.name} is required` } : { value: undefined };
  }
  if (field.kind === 'number' || field.kind === 'integer') return parseNumber(field, text);
  return field.kind === 'json' ? parseJson(field, text) : { value: text };
}

function parseNumber(field: Field, text: string): Parsed {
  const value = Number(text.trim());
  if (text.trim() === '' || !Number.isFinite(value)) return { problem: `${field.name} has to be a number` };
  if (field.kind === 'integer' && !Number.isInteger(value))
    return { problem: `${field.name} has to be a whole number` };
  return { value };
}

function parseJson(field: Field, text: string): Parsed {
  try {
    return { value: JSON.parse(text) as JsonValue };
  } catch (error) {
    return { problem: `${field.name} has to be JSON: ${error instanceof Error ? error.message : 'it cannot be read'}` };
  }
}

/** The text an input starts with. */
export function initialText(field: Field): string {
  if (field.defaultValue === undefined) return '';
  return field.kind === 'json' || typeof field.defaultValue !== 'string'
    ? JSON.stringify(field.defaultValue)
    : field.defaultValue;
}
