/** Reads the trace files of a workspace, oldest file first. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TraceEntry } from '../contracts/index.ts';
import { emptyWhenMissing } from './audit-heads.ts';

/** @param onUnreadable - told of every line that is no entry: the last one of a process that died, as a rule */
export async function* readTraces(directory: string, onUnreadable: (line: string) => void): AsyncGenerator<TraceEntry> {
  const names = (await readdir(directory).catch(emptyWhenMissing)).filter((name) => name.endsWith('.jsonl')).sort();
  for (const name of names) {
    const lines = createInterface({ input: createReadStream(join(directory, name), 'utf8'), crlfDelay: Infinity });
    for await (const line of lines) {
      const entry = parse(line);
      if (entry === undefined) onUnreadable(line);
      else yield entry;
    }
  }
}

function parse(line: string): TraceEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<TraceEntry>;
    return typeof entry.traceId === 'string' && typeof entry.startTime === 'number' ? (entry as TraceEntry) : undefined;
  } catch {
    return undefined;
  }
}
