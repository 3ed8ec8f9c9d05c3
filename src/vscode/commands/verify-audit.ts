/** *Verify Audit Log*: whether the record of calls is what was written, compared with what VS Code's secret storage knows. */
import * as vscode from 'vscode';
import { auditLines, COMMANDS } from '../../contracts/index.ts';
import { notifyFailure } from '../notify.ts';
import type { Parts } from '../parts.ts';
import { oneLine } from '../text.ts';

/** Lines that a notification has room for; all of them are in the log. */
const MOST_SHOWN = 2;

export async function verifyAudit(parts: Parts): Promise<void> {
  const app = await parts.engine.load();
  const check = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'Verifying the audit log' },
    () => app.checkAudit(),
  );
  const lines = auditLines(check).map((line) => oneLine(line, 400));
  for (const line of lines) parts.channels.summary.info(line);
  if (check.faults.length > 0) {
    const what = `The audit log is NOT what was written. ${lines.slice(0, MOST_SHOWN).join(' ')}`;
    notifyFailure(what, { label: 'Show Log', command: COMMANDS.showLog }, parts.log);
    return;
  }
  void vscode.window.showInformationMessage(lines.slice(-MOST_SHOWN).join(' '));
}
