/** Who is compared: the SDK's client as it is, our stack with everything on, and LangChain's adapter with nothing. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadMcpTools } from '@langchain/mcp-adapters';
import { Client, InMemoryTransport, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as OldStdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OldHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { JsonObject } from '../../../src/base/json.ts';
import type { ServerDefinition } from '../../../src/contracts/index.ts';
import { openFullStack, SERVER } from './full-stack.ts';
import { type Size, toolOf } from './payload.ts';
import { exchangeServer } from './server.ts';

export const TRANSPORTS = ['memory', 'stdio', 'http'] as const;
export type TransportName = (typeof TRANSPORTS)[number];

export interface Contender {
  call(size: Size, args: JsonObject): Promise<unknown>;
  /** What the calls so far put off has been done. */
  settled(): Promise<void>;
  dispose(): Promise<void>;
}

export const CONTENDERS = ['raw', 'full', 'langchain'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

/** Opens all of them over one kind of transport; each has a server of its own. */
export async function openContenders(name: TransportName): Promise<Readonly<Record<ContenderName, Contender>>> {
  return { raw: await openRaw(name), full: await openFull(name), langchain: await openLangChain(name) };
}

const INFO = { name: 'bench', version: '1.0.0' };
const SERVER_ARGS = [fileURLToPath(new URL('server.ts', import.meta.url)), '--stdio'];

async function openRaw(name: TransportName): Promise<Contender> {
  const client = new Client(INFO, { versionNegotiation: { mode: 'auto' } });
  const { transport, end } = await newTransport(name);
  await client.connect(transport);
  await client.listTools();
  return {
    call: (size, args) => client.callTool({ name: toolOf(size), arguments: args }),
    settled: nothing,
    dispose: async () => {
      await client.close();
      await end();
    },
  };
}

async function newTransport(name: TransportName): Promise<{ transport: Transport; end: () => Promise<void> }> {
  if (name === 'memory') return { transport: inMemory(), end: nothing };
  if (name === 'stdio') {
    return { transport: new StdioClientTransport({ command: process.execPath, args: SERVER_ARGS }), end: nothing };
  }
  const { url, end } = await startHttp();
  return { transport: new StreamableHTTPClientTransport(new URL(url)), end };
}

async function openFull(name: TransportName): Promise<Contender> {
  const { definition, inProcess, end } = await newDefinition(name);
  const stack = await openFullStack({ definition, inProcess });
  return {
    call: stack.call,
    settled: stack.settled,
    dispose: async () => {
      await stack.dispose();
      await end();
    },
  };
}

export async function newDefinition(
  name: TransportName,
): Promise<{ definition: ServerDefinition; inProcess: (() => Transport) | undefined; end: () => Promise<void> }> {
  const common = { id: SERVER, label: SERVER, origin: { kind: 'bundled' }, inputs: [] } as const;
  if (name === 'http') {
    const { url, end } = await startHttp();
    return { definition: { ...common, launch: { type: 'http', url, headers: {} } }, inProcess: undefined, end };
  }
  const launch = { type: 'stdio', command: process.execPath, args: SERVER_ARGS, env: {} } as const;
  return { definition: { ...common, launch }, inProcess: name === 'memory' ? inMemory : undefined, end: nothing };
}

async function openLangChain(name: TransportName): Promise<Contender> {
  const client = new OldClient(INFO);
  const { transport, end } = await newOldTransport(name);
  await client.connect(transport as never);
  const tools = new Map((await loadMcpTools(SERVER, client as never)).map((tool) => [tool.name, tool]));
  return {
    call: async (size, args) => tools.get(toolOf(size))?.invoke(args),
    settled: nothing,
    dispose: async () => {
      await client.close();
      await end();
    },
  };
}

async function newOldTransport(name: TransportName): Promise<{ transport: unknown; end: () => Promise<void> }> {
  if (name === 'memory') return { transport: inMemory(), end: nothing };
  if (name === 'stdio') {
    return { transport: new OldStdio({ command: process.execPath, args: SERVER_ARGS }), end: nothing };
  }
  const { url, end } = await startHttp();
  return { transport: new OldHttp(new URL(url)), end };
}

/** Our end of a pair whose other end is served in this process. */
function inMemory(): Transport {
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  serveStdio(() => exchangeServer(), { transport: theirs as never });
  return ours;
}

async function startHttp(): Promise<{ url: string; end: () => Promise<void> }> {
  const [script = ''] = SERVER_ARGS;
  const child = spawn(process.execPath, [script, '--http'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { url, end: () => ended(child) };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function nothing(): Promise<void> {
  // Nothing outlives the client that used it.
}
