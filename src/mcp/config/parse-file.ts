/** The text of one `mcp.json` (or a file of its kind) as server definitions, with every problem in it at its place. */
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { RESERVED_SERVER_IDS } from '../../contracts/ids.ts';
import type { InputDefinition, Problem, ServerDefinition, ServerOrigin } from '../../contracts/server.ts';
import { parseLaunch } from './parse-server.ts';
import { Positions } from './positions.ts';
import { type Property, Reader } from './reader.ts';
import { slug } from './slug.ts';

export interface ParsedFile {
  readonly servers: readonly ServerDefinition[];
  readonly problems: readonly Problem[];
}

export interface ParseFileOptions {
  readonly file: string;
  readonly text: string;
  readonly origin: ServerOrigin;
  /** Whether `mcpServers`, the key of other clients, is read as well. */
  readonly foreign: boolean;
}

const INPUT_TYPES = ['promptString', 'pickString', 'command'] as const;
const INPUT_KEYS = ['id', 'type', 'description', 'default', 'password', 'options', 'command', 'args'];
const TOP_KEYS = ['servers', 'inputs', 'sandbox', '$schema'];

export function parseServerFile(options: ParseFileOptions): ParsedFile {
  const { file, text } = options;
  const reader = new Reader(new Positions(file, text));
  if (text.trim() === '') return { servers: [], problems: [] };
  const errors: ParseError[] = [];
  const root = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
  for (const error of errors) {
    reader.problems.push({
      severity: 'error',
      code: 'syntax',
      message: `not valid JSON: ${sentence(printParseErrorCode(error.error))}`,
      range: reader.positions.range(error.offset, Math.max(1, error.length)),
    });
  }
  if (root === undefined) return { servers: [], problems: reader.problems };
  const top = reader.object(root, 'the file') ?? [];
  warnTopKeys(reader, top, options.foreign);
  const inputs = parseInputs(reader, top.find(({ key }) => key === 'inputs')?.value);
  const lists = top.filter(({ key }) => key === 'servers' || (options.foreign && key === 'mcpServers'));
  const entries = lists.flatMap(({ key, value }) => reader.object(value, `"${key}"`) ?? []);
  const servers = parseServers(reader, entries, inputs, options.origin);
  return { servers, problems: reader.problems.toSorted(byPlace) };
}

function warnTopKeys(reader: Reader, top: readonly Property[], foreign: boolean): void {
  for (const { key, keyNode } of top) {
    if (TOP_KEYS.includes(key)) continue;
    if (key === 'mcpServers') {
      if (!foreign)
        reader.warn(keyNode, 'unknown-key', '"mcpServers" is the key of other clients; in this file it is "servers"');
      continue;
    }
    // Files of other clients hold much else that is no concern of ours.
    if (!foreign) reader.warn(keyNode, 'unknown-key', `"${key}" is not known; known here: servers, inputs`);
  }
}

function parseServers(
  reader: Reader,
  entries: readonly Property[],
  inputs: readonly InputDefinition[],
  origin: ServerOrigin,
): ServerDefinition[] {
  const byId = new Map<string, ServerDefinition>();
  for (const entry of entries) {
    const label = entry.key;
    const id = usableId(reader, entry, byId);
    if (id === undefined) continue;
    const launch = parseLaunch(reader, label, entry);
    if (launch === undefined) continue;
    const used = inputs.filter((input) => JSON.stringify(launch).includes(`\${input:${input.id}}`));
    byId.set(id, { id, label, origin, launch, inputs: used, range: reader.positions.of(entry.keyNode) });
  }
  return [...byId.values()];
}

function usableId(reader: Reader, entry: Property, byId: ReadonlyMap<string, ServerDefinition>): string | undefined {
  const label = entry.key;
  const id = slug(label);
  if (id === '') {
    reader.error(entry.keyNode, 'wrong-name', `"${label}" cannot name a server: a name needs a letter or a digit`);
    return undefined;
  }
  if (RESERVED_SERVER_IDS.includes(id)) {
    reader.error(
      entry.keyNode,
      'reserved-name',
      `"${label}" is reserved for the bundled server "${id}"; give this server another name`,
    );
    return undefined;
  }
  const first = byId.get(id);
  if (first === undefined) return id;
  const same =
    first.label === label ? `"${label}" is defined twice` : `"${label}" and "${first.label}" have the same id "${id}"`;
  reader.error(
    entry.keyNode,
    'duplicate-name',
    `${same}; the first definition is used (line ${first.range?.line ?? '?'})`,
  );
  return undefined;
}

function parseInputs(reader: Reader, node: Node | undefined): readonly InputDefinition[] {
  if (node === undefined) return [];
  if (node.type !== 'array') {
    reader.error(node, 'wrong-type', '"inputs" is not an array; expected [ { "id": …, "type": "promptString" }, … ]');
    return [];
  }
  const inputs = new Map<string, InputDefinition>();
  for (const [index, item] of (node.children ?? []).entries()) {
    const input = parseInput(reader, item, `inputs[${index}]`);
    if (input === undefined) continue;
    if (inputs.has(input.id))
      reader.error(item, 'duplicate-input', `the input "${input.id}" is defined twice; the first definition is used`);
    else inputs.set(input.id, input);
  }
  return [...inputs.values()];
}

function parseInput(reader: Reader, node: Node, what: string): InputDefinition | undefined {
  const properties = reader.object(node, what);
  if (properties === undefined) return undefined;
  const at = new Map(properties.map(({ key, value }) => [key, value]));
  for (const { key, keyNode } of properties) {
    if (!INPUT_KEYS.includes(key))
      reader.warn(keyNode, 'unknown-key', `"${key}" of ${what} is not known; known here: ${INPUT_KEYS.join(', ')}`);
  }
  const text = (key: string): string | undefined => {
    const value = at.get(key);
    return value === undefined ? undefined : reader.text(value, `"${key}" of ${what}`);
  };
  const id = text('id');
  const type = INPUT_TYPES.find((known) => known === at.get('type')?.value);
  if (id === undefined || id === '') {
    if (!at.has('id') || id === '') reader.error(node, 'missing-id', `${what} has no "id"`);
    return undefined;
  }
  if (type === undefined) {
    reader.error(
      at.get('type') ?? node,
      'unknown-type',
      `the type of input "${id}" must be one of ${INPUT_TYPES.join(', ')}`,
    );
    return undefined;
  }
  const password = at.get('password');
  const options = at.get('options');
  return {
    id,
    type,
    description: text('description'),
    default: text('default'),
    password: password === undefined ? undefined : reader.bool(password, `"password" of ${what}`),
    options: options === undefined ? undefined : parseOptions(reader, options, what),
    command: text('command'),
  };
}

/** `pickString` takes plain strings, and in newer editors objects with a value. */
function parseOptions(reader: Reader, node: Node, what: string): readonly string[] | undefined {
  if (node.type !== 'array') return reader.texts(node, `"options" of ${what}`);
  return (node.children ?? []).flatMap((item, index) => {
    const value = item.type === 'object' ? reader.properties(item).find(({ key }) => key === 'value')?.value : item;
    return value === undefined ? [] : (reader.text(value, `"options[${index}]" of ${what}`) ?? []);
  });
}

function byPlace(a: Problem, b: Problem): number {
  return (a.range?.line ?? 0) - (b.range?.line ?? 0) || (a.range?.column ?? 0) - (b.range?.column ?? 0);
}

/** `CommaExpected` as "comma expected". */
function sentence(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
