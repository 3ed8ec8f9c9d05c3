/** `mcp-conductor audit verify|export`: whether the record of calls is what was written, and the record itself. */
import { once } from 'node:events';
import type { AuditFault, AuditVerdict } from '../node/audit-chain.ts';
import { type AuditHeads, auditPlaces, createFileHeads, readAuditKey } from '../node/audit-heads.ts';
import { exportAudit, verifyAudit } from '../node/audit-log.ts';
import { stateLayout, userConfigDir } from '../node/state-dir.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { oneLine } from './terminal.ts';

export interface AuditCommandOptions {
  readonly state?: string | undefined;
  readonly json?: boolean | undefined;
}

export async function auditVerifyCommand(options: AuditCommandOptions): Promise<ExitCode> {
  const { verdict, directory, keyFile } = await verifyHere(options);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ version: 1, directory, ...verdict }, null, 2)}\n`);
  } else {
    for (const line of describe(verdict, directory, keyFile)) process.stdout.write(`${oneLine(line)}\n`);
  }
  return verdict.faults.length > 0 ? EXIT.failed : EXIT.done;
}

/** One JSON line per record; what is wrong with the log goes to stderr. */
export async function auditExportCommand(options: AuditCommandOptions): Promise<ExitCode> {
  const { verdict, directory, heads } = await verifyHere(options);
  for await (const line of exportAudit(directory, heads)) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  }
  for (const fault of verdict.faults) process.stderr.write(`mcp-conductor: ${oneLine(place(fault))}\n`);
  return verdict.faults.length > 0 ? EXIT.failed : EXIT.done;
}

interface Checked {
  readonly verdict: AuditVerdict;
  readonly directory: string;
  readonly heads: AuditHeads;
  readonly keyFile: string;
}

async function verifyHere(options: AuditCommandOptions): Promise<Checked> {
  const { workspace } = await stateLayout(process.cwd(), options.state);
  const places = auditPlaces(workspace, userConfigDir());
  const { directory, keyFile } = places;
  const heads = createFileHeads(places.heads);
  // Without a key nothing was ever sealed here, so whatever lies there fails against any other.
  const key = (await readAuditKey(keyFile)) ?? Buffer.alloc(0);
  return { verdict: await verifyAudit(directory, heads, key), directory, heads, keyFile };
}

function describe({ records, series, faults, notes }: AuditVerdict, directory: string, keyFile: string): string[] {
  if (series === 0 && faults.length === 0) return [`No call has been recorded in ${directory}.`];
  const lines = [...faults.map(place), ...notes.map((note) => `note: ${place(note)}`)];
  const count = `${records} records of ${series} processes in ${directory}`;
  const verdict = faults.length === 0 ? `${count}: all as they were written.` : `${count}: NOT what was written.`;
  return faults.length === 0 ? [...lines, verdict] : [...lines, verdict, `Checked with the key in ${keyFile}.`];
}

function place({ file, line, seq, what }: AuditFault): string {
  return `${file}:${line}: record ${seq}: ${what}`;
}
