/** `mcp-conductor tools list|call|describe`: what servers offer, and one call through the governed stack. */
import { messageOf } from '../base/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { type App, type ServerSnapshot, textOf, type ToolInfo } from '../contracts/index.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { type CommonOptions, withApp } from './session.ts';
import { columns, oneLine, printable } from './terminal.ts';

export async function toolsListCommand(server: string | undefined, options: CommonOptions): Promise<ExitCode> {
  return withApp(process.cwd(), options, async (app, signal) => {
    const wanted = server === undefined ? app.servers.list() : [knownServer(app, server)];
    const failures: string[] = [];
    const listed = await Promise.all(
      wanted.map(async ({ definition: { id } }) => {
        const ready = await app.servers.start(id, signal).catch((error: unknown) => {
          failures.push(`${id}: ${messageOf(error)}`);
          return undefined;
        });
        return (ready?.catalog?.tools ?? []).map((tool) => ({ server: id, ...tool }));
      }),
    );
    const tools = listed.flat();
    if (options.json === true) process.stdout.write(`${JSON.stringify({ version: 1, tools, failures }, null, 2)}\n`);
    else
      process.stdout.write(
        `${columns(tools.map((tool) => [`${tool.server}.${oneLine(tool.name)}`, summary(tool)]))}\n`,
      );
    for (const failure of failures) process.stderr.write(`${oneLine(failure)}\n`);
    return failures.length > 0 ? EXIT.failed : EXIT.done;
  });
}

export async function toolsDescribeCommand(name: string, options: CommonOptions): Promise<ExitCode> {
  const { server, tool } = splitName(name);
  return withApp(process.cwd(), options, async (app, signal) => {
    const ready = await app.servers.start(knownServer(app, server).definition.id, signal);
    const found = ready.catalog?.tools.find((candidate) => candidate.name === tool);
    if (found === undefined) throw new UsageError(`server ${server} has no tool "${tool}"; it has ${toolNames(ready)}`);
    process.stdout.write(`${JSON.stringify({ version: 1, server, ...found }, null, 2)}\n`);
    return EXIT.done;
  });
}

export interface ToolsCallOptions extends CommonOptions {
  /** A file with many calls, instead of the name and the arguments of one. */
  readonly batch?: string | undefined;
  /** A JSON object with the arguments. */
  readonly args?: string | undefined;
  /** `name=value` pairs; a value that is JSON is taken as JSON, else as text. */
  readonly arg: readonly string[];
  readonly idempotencyKey?: string | undefined;
}

export async function toolsCallCommand(name: string | undefined, options: ToolsCallOptions): Promise<ExitCode> {
  if (name === undefined) throw new UsageError('say which tool to call, as SERVER.TOOL, or give a file with --batch');
  const { server, tool } = splitName(name);
  const args = { ...parseArguments(options.args), ...Object.fromEntries(options.arg.map(parsePair)) };
  return withApp(process.cwd(), options, async (app, signal) => {
    knownServer(app, server);
    const reply = await app.callTool(server, tool, args, {
      signal,
      idempotencyKey: options.idempotencyKey,
      onProgress: ({ progress, total, message }) =>
        process.stderr.write(`${oneLine(message ?? `${progress}${total === undefined ? '' : `/${total}`}`)}\n`),
    });
    if (reply.kind !== 'tool') throw new Error(`${name} answered with a ${reply.kind}`);
    if (options.json === true)
      process.stdout.write(`${JSON.stringify({ version: 1, server, tool, ...reply }, null, 2)}\n`);
    else
      process.stdout.write(
        `${printable(textOf(reply) || JSON.stringify(reply.structuredContent ?? reply.content, null, 2))}\n`,
      );
    return reply.isError ? EXIT.failed : EXIT.done;
  });
}

/** @throws UsageError listing the servers there are */
export function knownServer(app: App, id: string): ServerSnapshot {
  const found = app.servers.get(id);
  if (found !== undefined) return found;
  const known = app.servers.list().map(({ definition }) => definition.id);
  throw new UsageError(`there is no server "${id}"; there are ${known.join(', ') || 'none'}`);
}

function toolNames(server: ServerSnapshot): string {
  return server.catalog?.tools.map((tool) => tool.name).join(', ') || 'none';
}

function summary(tool: ToolInfo): string {
  return oneLine((tool.description ?? tool.title ?? '').split('\n')[0] ?? '').slice(0, 100);
}

function splitName(name: string): { readonly server: string; readonly tool: string } {
  const dot = name.indexOf('.');
  if (dot < 1 || dot === name.length - 1) throw new UsageError(`"${name}" is not SERVER.TOOL`);
  return { server: name.slice(0, dot), tool: name.slice(dot + 1) };
}

function parseArguments(text: string | undefined): JsonObject {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--args is not JSON: ${messageOf(error)}`);
  }
  if (!isJsonObject(value)) throw new UsageError('--args must be a JSON object, like {"path": "."}');
  return value;
}

function parsePair(pair: string): readonly [string, JsonValue] {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new UsageError(`--arg ${pair} is not NAME=VALUE`);
  const text = pair.slice(equals + 1);
  try {
    return [pair.slice(0, equals), JSON.parse(text) as JsonValue];
  } catch {
    return [pair.slice(0, equals), text];
  }
}
