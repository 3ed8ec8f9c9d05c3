/** The server that every contender calls: it answers at once, with a payload as large as the one it was sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { PAYLOAD_SCHEMA, payloadOf, SIZES, toolOf } from './payload.ts';

export function exchangeServer(): Server {
  const server = new Server({ name: 'exchange', version: '1.0.0' }, { capabilities: { tools: {} } });
  const sizes = new Map(SIZES.map((size) => [toolOf(size), size]));
  const tools = SIZES.map((size) => ({
    name: toolOf(size),
    description: `Answers with ${size} bytes`,
    inputSchema: PAYLOAD_SCHEMA,
    outputSchema: PAYLOAD_SCHEMA,
  }));
  let answered = 0;
  server.setRequestHandler('tools/list', () => ({ tools: tools as never }));
  server.setRequestHandler('tools/call', ({ params }) => {
    const size = sizes.get(params.name);
    if (size === undefined) throw new Error(`there is no tool ${params.name}`);
    answered += 1;
    return { content: [{ type: 'text', text: 'done' }], structuredContent: payloadOf(size, answered) } as never;
  });
  return server;
}

/** On loopback; the address is the first line of output. */
async function serveHttp(): Promise<void> {
  const handler = createMcpHandler(() => exchangeServer());
  const server = createServer(async (request, response) => {
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as [string, string]] : [],
    );
    const reply = await handler.fetch(
      new Request(`http://127.0.0.1${request.url ?? '/'}`, {
        method: request.method ?? 'GET',
        headers,
        ...(request.method === 'POST' ? { body: Readable.toWeb(request) as never, duplex: 'half' } : {}),
      }),
    );
    response.writeHead(reply.status, Object.fromEntries(reply.headers));
    if (reply.body === null) response.end();
    else Readable.fromWeb(reply.body as never).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp\n`);
}

if (process.argv.includes('--stdio')) serveStdio(() => exchangeServer());
if (process.argv.includes('--http')) await serveHttp();
