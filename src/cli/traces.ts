/** `mcp-conductor trace export` and `mcp-conductor metrics`: what calls for this folder did, from the traces on disk. */
import { once } from 'node:events';
import { join } from 'node:path';
import { parseDuration } from '../base/duration.ts';
import type { MetricsSnapshot, ToolMetrics, TraceEntry } from '../contracts/index.ts';
import { systemClock } from '../base/clock.ts';
import { CallMetrics } from '../middleware/metrics.ts';
import { traceRequest } from '../node/otlp/requests.ts';
import { stateLayout } from '../node/state-dir.ts';
import { readTraces } from '../node/trace-reader.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { columns, oneLine } from './terminal.ts';

export const TRACE_FORMATS = ['jsonl', 'otlp'] as const;

export interface TraceSelection {
  readonly state?: string | undefined;
  /** A run's id. */
  readonly run?: string | undefined;
  /** `1h`, or a date. */
  readonly since?: string | undefined;
}

export interface TraceExportOptions extends TraceSelection {
  readonly format: (typeof TRACE_FORMATS)[number];
}

export interface MetricsCommandOptions extends TraceSelection {
  readonly json?: boolean | undefined;
}

/** Calls in one line of OTLP. */
const BATCH = 256;

/** One JSON line per call, or with `otlp` one request of OTLP per line, as collectors read files. */
export async function traceExportCommand(options: TraceExportOptions): Promise<ExitCode> {
  let batch: TraceEntry[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await print(JSON.stringify(traceRequest(batch, { includeArguments: true })));
    batch = [];
  };
  for await (const entry of selected(options)) {
    if (options.format === 'jsonl') await print(JSON.stringify(entry));
    else if (batch.push(entry) >= BATCH) await flush();
  }
  await flush();
  return EXIT.done;
}

export async function metricsCommand(options: MetricsCommandOptions): Promise<ExitCode> {
  const metrics = new CallMetrics({ clock: systemClock });
  let since = Number.POSITIVE_INFINITY;
  for await (const entry of selected(options)) {
    since = Math.min(since, entry.startTime);
    metrics.started(entry.server, entry.kind, entry.tool).ended(entry.endTime - entry.startTime, entry);
  }
  const snapshot = { ...metrics.snapshot(), ...(Number.isFinite(since) ? { since } : {}) };
  await print(options.json === true ? JSON.stringify({ version: 1, ...snapshot }, null, 2) : table(snapshot));
  return EXIT.done;
}

async function* selected(options: TraceSelection): AsyncGenerator<TraceEntry> {
  const { workspace } = await stateLayout(process.cwd(), options.state);
  const since = sinceOf(options.since);
  let unreadable = 0;
  const entries = readTraces(join(workspace, 'traces'), () => {
    unreadable += 1;
  });
  for await (const entry of entries) {
    if ((options.run === undefined || entry.run === options.run) && entry.startTime >= since) yield entry;
  }
  if (unreadable > 0) process.stderr.write(`mcp-conductor: ${unreadable} lines of the traces cannot be read\n`);
}

function sinceOf(text: string | undefined): number {
  if (text === undefined) return Number.NEGATIVE_INFINITY;
  const ago = parseDuration(text);
  const at = ago === undefined ? Date.parse(text) : Date.now() - ago;
  if (Number.isNaN(at)) throw new UsageError(`--since ${text}: write how long ago (1h, 2d) or a date (2026-01-31)`);
  return at;
}

async function print(line: string): Promise<void> {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

function table({ tools }: MetricsSnapshot): string {
  if (tools.length === 0) return 'No call has been recorded for this folder.';
  const rows = [...tools].sort((a, b) => b.calls - a.calls).map(row);
  return columns([['TOOL', 'CALLS', 'SUCCESS', 'MEAN', 'LONGEST', 'ERRORS'], ...rows]);
}

function row({ server, target, kind, calls, successRate, durations, errors }: ToolMetrics): readonly string[] {
  return [
    oneLine(`${server}.${target === '' ? `(${kind}s)` : target}`),
    String(calls),
    successRate === undefined ? '' : `${(successRate * 100).toFixed(1)} %`,
    `${(durations.sum / calls).toFixed(1)} ms`,
    `${durations.max.toFixed(1)} ms`,
    Object.entries(errors)
      .map(([code, count]) => `${code} ${count}`)
      .join(', '),
  ];
}
