/** Serving on stdin and stdout, to clients of the 2025 and of the 2026 protocol, until stdin ends. */
import type { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { messageOf } from '../../base/errors.ts';
import { parseServerOptions, type ServerOptions } from './options.ts';

export interface ServedApp {
  /** Makes the MCP server for one connection; tools, resources and prompts are registered in it. */
  readonly createServer: () => McpServer;
  /** Stops workers; called once, before the process ends. */
  readonly dispose: () => Promise<void>;
}

/** Largest message accepted, in bytes: the findings of a big review arrive as arguments. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
/** Milliseconds for stopping workers before the process ends regardless. */
const EXIT_GRACE_MS = 1_000;

/** The whole of a bundled server's main: parses the command line, serves, and ends the process with the connection. */
export function serveMain(name: string, create: (options: ServerOptions) => ServedApp): void {
  try {
    serve(create(parseServerOptions(process.argv.slice(2))));
  } catch (error) {
    process.stderr.write(`${name}: ${messageOf(error)}\n`);
    process.exitCode = 2;
  }
}

function serve(app: ServedApp): void {
  const transport = new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: MAX_MESSAGE_BYTES });
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(0), EXIT_GRACE_MS).unref();
    app.dispose().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  serveStdio(app.createServer, {
    transport,
    onerror: (error) => process.stderr.write(`protocol: ${error.message}\n`),
  });
  process.stdin.once('end', end).once('close', end);
  process.stdout.once('error', end);
  process.once('SIGTERM', end).once('SIGINT', end);
}
