/** A step's arguments in the words of somebody else's schema: `max_results` where it says `limit`. Pure. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';

/** Names for one thing, as servers in the wild spell it; compared without case, `_` and `-`. */
const ALIASES: readonly (readonly string[])[] = [
  [
    'query',
    'q',
    'search',
    'searchquery',
    'searchterm',
    'searchterms',
    'term',
    'terms',
    'keywords',
    'keyword',
    'text',
    'topic',
    'question',
    'prompt',
    'input',
  ],
  [
    'maxresults',
    'limit',
    'numresults',
    'count',
    'n',
    'topk',
    'k',
    'num',
    'size',
    'pagesize',
    'perpage',
    'rows',
    'max',
    'maxitems',
    'top',
  ],
  ['offset', 'start', 'skip', 'from'],
  ['sortby', 'sort', 'orderby', 'order'],
  ['url', 'uri', 'link', 'href', 'address'],
  ['path', 'file', 'filepath', 'filename', 'localpath'],
  ['language', 'lang', 'programminglanguage'],
  ['minstars', 'stars', 'minimumstars'],
  ['year', 'publicationyear', 'pubyear'],
  ['id', 'identifier', 'paperid', 'documentid', 'docid', 'arxivid'],
  ['repository', 'repo', 'reponame', 'repositoryname'],
  ['content', 'body', 'text', 'markdown'],
  ['title', 'name', 'subject'],
];

export interface FittedArguments {
  readonly args: JsonObject;
  /** Renamed or changed to fit, as a person would be told. */
  readonly changes: readonly string[];
  /** Arguments that the tool has no place for. */
  readonly dropped: readonly string[];
  /** Required by the tool, and not among the arguments. */
  readonly missing: readonly string[];
}

/** @param schema - the tool's `inputSchema`, a server's word */
export function fitArguments(given: JsonObject, schema: JsonObject): FittedArguments {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [];
  const args = new Map<string, JsonValue>();
  const changes: string[] = [];
  const dropped: string[] = [];
  // What has its own name first, so that no alias takes its place.
  const names = Object.keys(given).sort(
    (a, b) => Number(Object.hasOwn(properties, b)) - Number(Object.hasOwn(properties, a)),
  );
  for (const name of names) {
    const value = given[name];
    if (value === undefined) continue;
    const target = targetOf(name, properties, args, schema);
    const fitted = target === undefined ? undefined : fitValue(value, properties[target]);
    if (target === undefined || fitted === undefined) {
      dropped.push(name);
      continue;
    }
    args.set(target, fitted.value);
    if (target !== name) changes.push(`${name} as ${target}`);
    if (fitted.change !== undefined) changes.push(`${target}: ${fitted.change}`);
  }
  return {
    args: Object.fromEntries(args),
    changes,
    dropped,
    missing: required.filter((name) => !args.has(name) && !hasDefault(properties[name])),
  };
}

function hasDefault(property: JsonValue | undefined): boolean {
  return isJsonObject(property) && property.default !== undefined;
}

function targetOf(
  name: string,
  properties: JsonObject,
  taken: ReadonlyMap<string, JsonValue>,
  schema: JsonObject,
): string | undefined {
  if (Object.hasOwn(properties, name)) return name;
  const free = Object.keys(properties).filter((property) => !taken.has(property));
  const same = free.find((property) => plain(property) === plain(name));
  if (same !== undefined) return same;
  const rows = ALIASES.filter((row) => row.includes(plain(name)));
  for (const row of rows) {
    // The alias that is nearest to the head of its row is the most usual one.
    const alias = row
      .map((word) => free.find((property) => plain(property) === word))
      .find((found) => found !== undefined);
    if (alias !== undefined) return alias;
  }
  return Object.keys(properties).length === 0 && schema.additionalProperties !== false ? name : undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_\-\s]/g, '');
}

interface Fitted {
  readonly value: JsonValue;
  readonly change?: string | undefined;
}

/** Undefined when the value cannot be what the property wants. */
function fitValue(value: JsonValue, property: JsonValue | undefined): Fitted | undefined {
  if (!isJsonObject(property)) return { value };
  const typed = fitType(value, typesOf(property));
  if (typed === undefined) return undefined;
  if (Array.isArray(property.enum) && !property.enum.some((one) => one === typed.value))
    return fromEnum(typed.value, property.enum);
  return fitRange(typed, property);
}

function fromEnum(value: JsonValue, choices: readonly JsonValue[]): Fitted | undefined {
  const found = choices.find(
    (one) => typeof one === 'string' && typeof value === 'string' && plain(one) === plain(value),
  );
  return found === undefined
    ? undefined
    : { value: found, change: `${JSON.stringify(value)} is ${JSON.stringify(found)} there` };
}

function fitRange(fitted: Fitted, { minimum, maximum }: JsonObject): Fitted {
  const { value } = fitted;
  if (typeof value !== 'number') return fitted;
  if (typeof maximum === 'number' && value > maximum)
    return { value: maximum, change: `${value} is over its maximum, ${maximum} is asked for` };
  if (typeof minimum === 'number' && value < minimum)
    return { value: minimum, change: `${value} is under its minimum, ${minimum} is asked for` };
  return fitted;
}

/** Types a schema names directly or in its alternatives; none means any. */
function typesOf(property: JsonObject): readonly string[] {
  const own = typeof property.type === 'string' ? [property.type] : Array.isArray(property.type) ? property.type : [];
  const alternatives = [property.anyOf, property.oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return [
    ...own,
    ...alternatives.flatMap((one) => (isJsonObject(one) && typeof one.type === 'string' ? [one.type] : [])),
  ].filter((type) => typeof type === 'string');
}

function fitType(value: JsonValue, types: readonly string[]): Fitted | undefined {
  if (types.length === 0 || types.some((type) => isOfType(value, type))) return { value };
  for (const type of types) {
    const converted = convert(value, type);
    if (converted !== undefined) return { value: converted, change: `given as ${type}` };
  }
  return undefined;
}

function isOfType(value: JsonValue, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isSafeInteger(value);
    default:
      return typeof value === type;
  }
}

/** The same value in another type; undefined when that would be a guess. */
function convert(value: JsonValue, type: string): JsonValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : onlyMember(value, type);
    case 'array':
      return typeof value === 'string' || typeof value === 'number' ? [value] : undefined;
    case 'integer':
    case 'number':
      return numberOf(value, type) ?? onlyMember(value, type);
    default:
      return onlyMember(value, type);
  }
}

function numberOf(value: JsonValue, type: string): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) && isOfType(number, type) ? number : undefined;
}

function onlyMember(value: JsonValue, type: string): JsonValue | undefined {
  if (!Array.isArray(value) || value.length !== 1) return undefined;
  const member = value[0] as JsonValue;
  return isOfType(member, type) ? member : undefined;
}
