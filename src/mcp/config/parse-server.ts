/** One entry under `servers` or `mcpServers`: what it starts or calls, or what is wrong with it. */
import type { Node } from 'jsonc-parser';
import type { HttpLaunch, StdioLaunch } from '../../contracts/server.ts';
import type { Property, Reader } from './reader.ts';

const STDIO_KEYS = ['command', 'args', 'cwd', 'env', 'envFile'];
const HTTP_KEYS = ['url', 'headers'];
/** Known to VS Code and other clients, without a meaning here: no reason to warn. */
const IGNORED_KEYS = [
  'type',
  'dev',
  'gallery',
  'version',
  'sandbox',
  'sandboxEnabled',
  'description',
  'name',
  'timeout',
  'autoApprove',
  'alwaysAllow',
  'oauth',
  'transport',
  'disabled',
  'tools',
];

const TYPES: ReadonlyMap<string, 'stdio' | 'http' | 'sse'> = new Map([
  ['stdio', 'stdio'],
  ['local', 'stdio'],
  ['http', 'http'],
  ['streamable-http', 'http'],
  ['streamableHttp', 'http'],
  ['sse', 'sse'],
]);

/** Undefined when the server cannot be used; the reader then knows why. */
export function parseLaunch(reader: Reader, label: string, entry: Property): StdioLaunch | HttpLaunch | undefined {
  const properties = reader.object(entry.value, `server "${label}"`);
  if (properties === undefined) return undefined;
  const at = new Map(properties.map((property) => [property.key, property]));
  if (at.get('disabled')?.value.value === true) return undefined;
  const type = serverType(reader, label, entry, at);
  if (type === undefined) return undefined;
  warnUnknown(reader, label, properties, type);
  return type === 'stdio' ? parseStdio(reader, label, entry.keyNode, at) : parseHttp(reader, label, entry.keyNode, at);
}

type Properties = ReadonlyMap<string, Property>;

function serverType(reader: Reader, label: string, entry: Property, at: Properties): 'stdio' | 'http' | undefined {
  const written = at.get('type') ?? at.get('transport');
  if (written === undefined) {
    if (at.has('command')) return 'stdio';
    if (at.has('url')) return 'http';
    reader.error(
      entry.keyNode,
      'missing-command',
      `server "${label}" has neither "command" (a program to start) nor "url" (an address to call)`,
    );
    return undefined;
  }
  const text = reader.text(written.value, `"type" of server "${label}"`);
  if (text === undefined) return undefined;
  const type = TYPES.get(text);
  if (type === undefined) {
    reader.error(
      written.value,
      'unknown-type',
      `server "${label}" has the type "${text}"; known types are "stdio" and "http"`,
    );
    return undefined;
  }
  if (type !== 'sse') return type;
  reader.warn(
    written.value,
    'sse-not-supported',
    `server "${label}" uses the old "sse" transport, which is not supported; use "type": "http" if the server offers it`,
  );
  return undefined;
}

function warnUnknown(reader: Reader, label: string, properties: readonly Property[], type: 'stdio' | 'http'): void {
  const own = type === 'stdio' ? STDIO_KEYS : HTTP_KEYS;
  const other = type === 'stdio' ? HTTP_KEYS : STDIO_KEYS;
  for (const { key, keyNode } of properties) {
    if (own.includes(key) || IGNORED_KEYS.includes(key)) continue;
    const why = other.includes(key) ? `has no meaning for a server of type "${type}"` : 'is not known';
    reader.warn(keyNode, 'unknown-key', `"${key}" of server "${label}" ${why}; known here: ${own.join(', ')}`);
  }
}

function parseStdio(reader: Reader, label: string, keyNode: Node, at: Properties): StdioLaunch | undefined {
  const command = requiredText(reader, label, keyNode, at, 'command', '"command": "npx"');
  if (command === undefined) return undefined;
  const args = at.get('args');
  const env = at.get('env');
  return {
    type: 'stdio',
    command,
    args: args === undefined ? [] : (reader.texts(args.value, `"args" of server "${label}"`) ?? []),
    cwd: optionalText(reader, label, at, 'cwd'),
    env: env === undefined ? {} : parseEnv(reader, label, env.value),
    envFile: optionalText(reader, label, at, 'envFile'),
  };
}

function parseHttp(reader: Reader, label: string, keyNode: Node, at: Properties): HttpLaunch | undefined {
  const url = requiredText(reader, label, keyNode, at, 'url', '"url": "https://example.com/mcp"');
  if (url === undefined) return undefined;
  const node = at.get('url')?.value;
  if (!url.includes('${') && !isHttpUrl(url)) {
    if (node !== undefined)
      reader.error(node, 'wrong-url', `"url" of server "${label}" is not an http or https address`);
    return undefined;
  }
  const headers: Record<string, string> = {};
  const written = at.get('headers');
  const entries = written === undefined ? [] : (reader.object(written.value, `"headers" of server "${label}"`) ?? []);
  for (const { key, value } of entries) {
    const text = reader.text(value, `header "${key}" of server "${label}"`);
    if (text !== undefined) headers[key] = text;
  }
  return { type: 'http', url, headers };
}

function parseEnv(reader: Reader, label: string, node: Node): Record<string, string | null> {
  const env: Record<string, string | null> = {};
  for (const { key, value } of reader.object(node, `"env" of server "${label}"`) ?? []) {
    if (value.type === 'null') env[key] = null;
    else if (value.type === 'number' || value.type === 'string') env[key] = String(value.value);
    else
      reader.error(
        value,
        'wrong-type',
        `"env.${key}" of server "${label}" is a ${value.type}, expected a string, a number, or null to remove it`,
      );
  }
  return env;
}

function requiredText(
  reader: Reader,
  label: string,
  keyNode: Node,
  at: Properties,
  key: string,
  example: string,
): string | undefined {
  const found = at.get(key);
  if (found === undefined) {
    reader.error(keyNode, `missing-${key}`, `server "${label}" has no "${key}"; add one, such as ${example}`);
    return undefined;
  }
  const text = reader.text(found.value, `"${key}" of server "${label}"`);
  if (text?.trim() !== '') return text;
  reader.error(found.value, `missing-${key}`, `"${key}" of server "${label}" is empty; write one, such as ${example}`);
  return undefined;
}

function optionalText(reader: Reader, label: string, at: Properties, key: string): string | undefined {
  const found = at.get(key);
  return found === undefined ? undefined : reader.text(found.value, `"${key}" of server "${label}"`);
}

export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
