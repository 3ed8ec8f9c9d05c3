/** Checks structured results against a tool's own output schema, in time linear in their size whatever the schema says. */
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { canonicalJson, type JsonObject } from '../base/json.ts';
import { cut } from './redact.ts';

export interface OutputValidator {
  /** The ways in which the value breaks the schema; empty when it does not. */
  readonly check: (value: unknown) => readonly string[];
  /** Parts of the schema that are not checked, and why. */
  readonly notes: readonly string[];
}

/** A schema longer than this as JSON is not compiled, in characters. */
const MAX_SCHEMA = 1_000_000;
/** Strings longer than this are not matched against patterns, in characters: linear in both is still their product. */
const MAX_MATCHED = 100_000;
const MAX_REPORTED = 3;

/** Never throws: what cannot be checked is said in `notes`. */
export function compileOutputSchema(schema: JsonObject): OutputValidator {
  const notes: string[] = [];
  try {
    if (JSON.stringify(schema).length > MAX_SCHEMA) throw new Error(`it is longer than ${MAX_SCHEMA} characters`);
    const validate = engineFor(schema, notes).compile({ ...schema, $id: undefined });
    return { check: (value) => run(validate, value), notes };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { check: () => [], notes: [...notes, `the output schema is not validated: ${cut(why, 300)}`] };
  }
}

function engineFor(schema: JsonObject, notes: string[]): Ajv {
  const dialect = typeof schema.$schema === 'string' ? schema.$schema : 'https://json-schema.org/draft/2020-12/schema';
  const options: Options = {
    strict: false,
    allErrors: false,
    validateFormats: false,
    validateSchema: false,
    logger: false,
    addUsedSchema: false,
    code: { regExp: Object.assign((pattern: string) => linearPattern(pattern, notes), { code: 'linear' }) },
  };
  const ajv = /draft-0[4-7]/.test(dialect) ? new Ajv(options) : new Ajv2020(options);
  replaceUniqueItems(ajv);
  return ajv;
}

/**
 * A pattern in a linear engine. `toString` keeps apart patterns that Ajv would otherwise take for one another, for it
 * caches them by that text.
 */
function linearPattern(pattern: string, notes: string[]): { test(text: string): boolean; toString(): string } {
  const compiled = compilePattern(pattern, notes);
  const noteOnce = (note: string): void => {
    if (!notes.includes(note)) notes.push(note);
  };
  return {
    test(text) {
      if (compiled === undefined) return true;
      if (text.length <= MAX_MATCHED) return compiled.matcher(text).find();
      noteOnce(`strings over ${MAX_MATCHED} characters are not matched against patterns`);
      return true;
    },
    toString: () => `linear:${pattern}`,
  };
}

function compilePattern(pattern: string, notes: string[]): RE2JS | undefined {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    notes.push(`the pattern ${JSON.stringify(cut(pattern, 80))} is not validated: ${cut(why, 120)}`);
    return undefined;
  }
}

/** Ajv compares every pair of items: on 100,000 of them that is minutes. By canonical text it is one pass. */
function replaceUniqueItems(ajv: Ajv): void {
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    validate: (wanted: boolean, items: readonly unknown[]) =>
      !wanted || new Set(items.map((item) => canonicalJson(item))).size === items.length,
  });
}

function run(validate: ValidateFunction, value: unknown): readonly string[] {
  if (validate(value) === true) return [];
  return (validate.errors ?? []).slice(0, MAX_REPORTED).map(describe);
}

function describe(error: ErrorObject): string {
  return `${error.instancePath === '' ? 'the result' : error.instancePath} ${error.message ?? error.keyword}`;
}
