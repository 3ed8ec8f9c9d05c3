/** A server whose answers take a random while, as `bench:hedge` wants them: `node server.ts MEDIAN SPREAD SLOWDOWN`. */
import { setTimeout as wait } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const [median = 10, spread = 0.5, slowdown = 20] = process.argv.slice(2).map(Number);

serveStdio(() => {
  const server = new Server({ name: 'varying', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({ tools: [{ name: 'work', inputSchema: { type: 'object' } }] }));
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const slowShare = Number(params.arguments?.slowShare ?? 0);
    // Every copy draws for itself: the replicas are slow independently of each other.
    const ms = median * Math.exp(spread * normal()) * (Math.random() < slowShare ? slowdown : 1);
    await wait(ms, undefined, { signal: mcpReq.signal });
    return { content: [{ type: 'text', text: 'done' }] };
  });
  return server;
});

/** Standard normal (Box and Muller). */
function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
