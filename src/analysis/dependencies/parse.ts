/** Texts of manifests into plain values; whatever is wrong with a text is a `ManifestError` that says where. */
import { type ParseError, parse as parseJsonc, printParseErrorCode } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { parseDocument } from 'yaml';
import { messageOf } from '../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LineIndex } from '../security/findings.ts';
import { ManifestError } from './declared.ts';

export type Table = Readonly<Record<string, unknown>>;

/** Lockfiles nest a few levels; more would only exhaust the stack of whoever walks them. */
const MAX_YAML_ALIASES = 0;

/** @throws ManifestError */
export function readJson(text: string): JsonObject {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw new ManifestError(`not valid JSON: ${firstLine(error).replace(/, ".*$/s, '')}`);
  }
  if (!isJsonObject(root)) throw new ManifestError('the top level is not an object');
  return root;
}

/** JSON with comments and trailing commas. @throws ManifestError */
export function readJsonWithCommas(text: string): JsonObject {
  const errors: ParseError[] = [];
  const root: unknown = parseJsonc(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const line = new LineIndex(text).lineAt(error.offset);
    throw new ManifestError(`not valid JSON: ${printParseErrorCode(error.error)} at line ${line}`);
  }
  if (!isJsonObject(root)) throw new ManifestError('the top level is not an object');
  return root;
}

/** @throws ManifestError */
export function readToml(text: string): Table {
  try {
    return parseToml(text);
  } catch (error) {
    throw new ManifestError(`not valid TOML: ${firstLine(error)}`);
  }
}

/** Every scalar stays the text it is: `1.10` is a version, not a number. @throws ManifestError */
export function readYaml(text: string): Table {
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent', uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) throw new ManifestError(`not valid YAML: ${firstLine(error)}`);
  let root: unknown;
  try {
    root = document.toJS({ maxAliasCount: MAX_YAML_ALIASES });
  } catch (error) {
    throw new ManifestError(`not valid YAML: ${firstLine(error)}`);
  }
  if (root === null || root === '') return {};
  if (!isTable(root)) throw new ManifestError('the top level is not a mapping');
  return root;
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function table(value: unknown): Table {
  return isTable(value) ? value : {};
}

/** The tables of a list; anything else in it is left out. */
export function tables(value: unknown): readonly Table[] {
  return Array.isArray(value) ? value.filter(isTable) : [];
}

export function textAt(value: Table, key: string): string {
  const found = value[key];
  return typeof found === 'string' ? found : '';
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n', 1)[0]?.replace(/:$/, '') ?? '';
}
