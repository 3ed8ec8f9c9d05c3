/** `mcp-conductor audit verify|export`: whether the record of calls is what was written, and the record itself. */
import { once } from 'node:events';
import { checkAuditTrail } from '../app/audit-trail.ts';
import { auditLines, auditPlace } from '../contracts/index.ts';
import { exportAudit } from '../node/audit-log.ts';
import { stateLayout, userConfigDir } from '../node/state-dir.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { auditKeeper } from './session.ts';
import { oneLine } from './terminal.ts';

export interface AuditCommandOptions {
  readonly state?: string | undefined;
  readonly json?: boolean | undefined;
}

export async function auditVerifyCommand(options: AuditCommandOptions): Promise<ExitCode> {
  const { heads: _, ...check } = await checkHere(options);
  if (options.json === true) {
    const { keyFile: __, ...shown } = check;
    process.stdout.write(`${JSON.stringify({ version: 1, ...shown }, null, 2)}\n`);
  } else {
    for (const line of auditLines(check)) process.stdout.write(`${oneLine(line)}\n`);
  }
  return check.faults.length > 0 ? EXIT.failed : EXIT.done;
}

/** One JSON line per record; what is wrong with the log goes to stderr. */
export async function auditExportCommand(options: AuditCommandOptions): Promise<ExitCode> {
  const { faults, directory, heads } = await checkHere(options);
  for await (const line of exportAudit(directory, heads)) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  }
  for (const fault of faults) process.stderr.write(`mcp-conductor: ${oneLine(auditPlace(fault))}\n`);
  return faults.length > 0 ? EXIT.failed : EXIT.done;
}

async function checkHere(options: AuditCommandOptions): ReturnType<typeof checkAuditTrail> {
  const { workspace } = await stateLayout(process.cwd(), options.state);
  return checkAuditTrail({ workspaceState: workspace, configDir: userConfigDir(), keeper: auditKeeper() });
}
