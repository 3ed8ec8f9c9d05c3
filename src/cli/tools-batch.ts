/** `mcp-conductor tools call --batch FILE`: many calls through the governed stack, results in order, errors in place. */
import { readFile } from 'node:fs/promises';
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { type App, type Call, type ToolReply, textOf } from '../contracts/index.ts';
import { type BatchResult, invokeBatch } from '../orchestration/batch.ts';
import { type BatchEntry, parseBatch } from './batch-file.ts';
import { PARKED_HINT } from './approvals.ts';
import { EXIT, type ExitCode, isParked, UsageError } from './exit-codes.ts';
import { type CommonOptions, withApp } from './session.ts';
import { oneLine, printable } from './terminal.ts';
import { knownServer } from './tools.ts';

/** What became of one call, as it is printed. */
type Row = { readonly server: string; readonly tool: string } & (
  | { readonly status: 'ok' | 'tool_error'; readonly reply: ToolReply }
  | { readonly status: 'error'; readonly error: { readonly code: string; readonly message: string } }
);

export async function toolsBatchCommand(file: string, options: CommonOptions): Promise<ExitCode> {
  const entries = parseBatch(await readText(file), file);
  return withApp(process.cwd(), options, async (app, signal) => {
    checkServers(app, entries);
    const results = await invokeBatch(
      app.invoke,
      entries.map((entry) => callOf(entry, signal)),
      { clock: systemClock, signal },
    );
    const rows = entries.map((entry, index) => rowOf(entry, results[index]));
    process.stdout.write(options.json === true ? `${JSON.stringify(jsonOf(rows), null, 2)}\n` : textOfRows(rows));
    if (signal.aborted) return EXIT.cancelled;
    if (results.some((result) => result.status === 'failed' && isParked(result.error))) {
      process.stderr.write(`${PARKED_HINT}\n`);
      return EXIT.denied;
    }
    return rows.every((row) => row.status === 'ok') ? EXIT.done : EXIT.failed;
  });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--batch ${file}: ${messageOf(error)}`);
  }
}

/** A name that is wrong is said before the first call is made. */
function checkServers(app: App, entries: readonly BatchEntry[]): void {
  for (const { place, server } of entries) {
    try {
      knownServer(app, server);
    } catch (error) {
      throw new UsageError(`${place}: ${messageOf(error)}`);
    }
  }
}

function callOf({ server, tool, args }: BatchEntry, signal: AbortSignal): Call {
  return {
    request: { kind: 'tool', tool, args },
    server,
    principal: { kind: 'person', id: 'local' },
    signal,
    meta: {},
  };
}

function rowOf({ server, tool }: BatchEntry, result: BatchResult | undefined): Row {
  if (result?.status === 'replied' && result.reply.kind === 'tool') {
    const { reply } = result;
    return { server, tool, status: reply.isError ? 'tool_error' : 'ok', reply };
  }
  const error =
    result?.status === 'failed'
      ? { code: result.error.code, message: result.error.message }
      : { code: 'PROTOCOL_ERROR', message: 'the answer was not that of a tool' };
  return { server, tool, status: 'error', error };
}

function jsonOf(rows: readonly Row[]): { readonly version: 1; readonly results: readonly JsonObject[] } {
  const results = rows.map(({ server, tool, ...row }) => {
    if (row.status === 'error') return { server, tool, status: row.status, error: row.error };
    const { isError, content, structuredContent } = row.reply;
    return { server, tool, status: row.status, isError, content, structuredContent };
  });
  return { version: 1, results };
}

function textOfRows(rows: readonly Row[]): string {
  const marks = { ok: '✓', tool_error: '✗', error: '✗' } as const;
  return rows
    .map((row, index) => {
      const head = `${index + 1}. ${marks[row.status]} ${oneLine(`${row.server}.${row.tool}`)}`;
      if (row.status === 'error') return `${head}: ${oneLine(row.error.message)} [${row.error.code}]\n`;
      const { reply } = row;
      return `${head}\n${printable(textOf(reply) || JSON.stringify(reply.structuredContent ?? reply.content, null, 2))}\n`;
    })
    .join('');
}
