/** `mcp-conductor servers`: who is configured, and with `--check` who answers, how fast, and who does not. */
import { messageOf } from '../base/errors.ts';
import type { App, ConnectionCounts, ServerSnapshot } from '../contracts/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type CommonOptions, withApp } from './session.ts';
import { columns, oneLine } from './terminal.ts';

export interface ServersCommandOptions extends CommonOptions {
  readonly check?: boolean | undefined;
}

interface Row {
  readonly id: string;
  readonly origin: string;
  readonly status: string;
  readonly tools?: number | undefined;
  readonly resources?: number | undefined;
  readonly prompts?: number | undefined;
  readonly protocolVersion?: string | undefined;
  readonly startMs?: number | undefined;
  readonly connections?: ConnectionCounts | undefined;
  readonly error?: string | undefined;
}

export async function serversCommand(options: ServersCommandOptions): Promise<ExitCode> {
  return withApp(process.cwd(), options, async (app, signal) => {
    const rows = await Promise.all(
      app.servers.list().map((server) => (options.check === true ? check(app, server, signal) : rowOf(server))),
    );
    process.stdout.write(
      options.json === true ? `${JSON.stringify({ version: 1, servers: rows }, null, 2)}\n` : `${table(rows)}\n`,
    );
    return rows.some((row) => row.error !== undefined) || app.problems().some((problem) => problem.severity === 'error')
      ? EXIT.failed
      : EXIT.done;
  });
}

async function check(app: App, server: ServerSnapshot, signal: AbortSignal): Promise<Row> {
  const startedAt = performance.now();
  try {
    const ready = await app.servers.start(server.definition.id, signal);
    return { ...rowOf(ready), startMs: Math.round(performance.now() - startedAt) };
  } catch (error) {
    return {
      ...rowOf(server),
      status: 'failed',
      startMs: Math.round(performance.now() - startedAt),
      error: messageOf(error),
    };
  }
}

function rowOf({ definition, state, catalog, connections }: ServerSnapshot): Row {
  const { origin } = definition;
  return {
    id: definition.id,
    origin: origin.kind === 'bundled' ? 'bundled' : origin.file,
    status: state.status,
    tools: catalog?.tools.length,
    resources: catalog?.resources.length,
    prompts: catalog?.prompts.length,
    connections,
    protocolVersion: state.status === 'ready' ? state.protocolVersion : undefined,
    error: state.status === 'failed' ? state.reason : undefined,
  };
}

function table(rows: readonly Row[]): string {
  if (rows.length === 0) return 'No servers.';
  const cells = rows.map((row) => [
    row.id,
    row.status,
    row.tools === undefined ? '' : `${row.tools} tools`,
    row.startMs === undefined ? '' : `${row.startMs} ms`,
    row.origin,
    oneLine(row.error ?? ''),
  ]);
  return columns([['SERVER', 'STATE', 'TOOLS', 'START', 'FROM', ''], ...cells]);
}
