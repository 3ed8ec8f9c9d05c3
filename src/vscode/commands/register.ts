/** Every command of the extension and what carries it out. */
import * as vscode from 'vscode';
import { type Disposable, disposable } from '../../base/disposables.ts';
import { messageOf } from '../../base/errors.ts';
import { COMMANDS } from '../../contracts/index.ts';
import { notifyFailure } from '../notify.ts';
import type { Parts } from '../parts.ts';
import { revokeApproval, showApprovals } from './approvals.ts';
import { editConfiguration } from './edit-configuration.ts';
import { setCredential } from './credentials.ts';
import { clearFindings, openConfiguration, refresh, showLog, showServerLog } from './look.ts';
import { runTool } from './run-tool.ts';
import { cancelRun, openReview, reviewRepository } from './runs.ts';
import { verifyAudit } from './verify-audit.ts';
import { restartServer, startServer, stopServer } from './server-state.ts';

/** @param argument What the command was invoked on: a row of a view, or nothing. */
type Handler = (parts: Parts, argument: unknown) => Promise<void>;

const HANDLERS: Readonly<Record<keyof typeof COMMANDS, Handler>> = {
  reviewRepository,
  openReview,
  runTool,
  startServer,
  stopServer,
  restartServer,
  refreshServers: refresh,
  showServerLog,
  openConfiguration,
  editConfiguration,
  showLog,
  cancelRun,
  clearFindings,
  showApprovals,
  revokeApproval,
  verifyAudit,
  setCredential,
};

export function registerCommands(parts: Parts): Disposable {
  const names = Object.keys(COMMANDS) as (keyof typeof COMMANDS)[];
  const registrations = names.map((name) =>
    vscode.commands.registerCommand(COMMANDS[name], (argument: unknown) => carryOut(name, parts, argument)),
  );
  return disposable(() => {
    for (const registration of registrations) registration.dispose();
  });
}

async function carryOut(name: keyof typeof COMMANDS, parts: Parts, argument: unknown): Promise<void> {
  try {
    await HANDLERS[name](parts, argument);
  } catch (error) {
    parts.log(`${COMMANDS[name]}: ${messageOf(error)}`);
    notifyFailure(`MCP Conductor: ${messageOf(error)}`, { label: 'Show Log', command: COMMANDS.showLog }, parts.log);
  }
}
