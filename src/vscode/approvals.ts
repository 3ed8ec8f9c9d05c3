/** Asks in a native modal what permissions leave to a person: one question at a time, and closing it means no. */
import * as vscode from 'vscode';
import { systemClock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';
import { approvalDetail, visibleText } from '../contracts/approval-text.ts';
import type { App, ApprovalRecord, Approvals, ApprovalScope } from '../contracts/index.ts';

interface Choice extends vscode.MessageItem {
  readonly scope: ApprovalScope;
  readonly reach: 'tool' | 'server';
}

const ONCE: Choice = { title: 'Approve Once', scope: 'once', reach: 'tool' };
const RUN: Choice = { title: 'Approve for This Run', scope: 'run', reach: 'tool' };
const WORKSPACE: Choice = { title: 'Approve in This Workspace', scope: 'workspace', reach: 'tool' };
const ALWAYS: Choice = { title: 'Always Approve This Tool', scope: 'always', reach: 'tool' };
const SERVER: Choice = { title: 'Always Approve This Server', scope: 'always', reach: 'server' };

/** Answers every question of the app until it is disposed. @param log told what could not be decided */
export function askInModal({ approvals }: App, log: (message: string) => void): Disposable {
  const asked = new Set<string>();
  let asking: Promise<void> = Promise.resolve();
  const look = (): void => {
    for (const record of approvals.waiting().filter(({ id }) => !asked.has(id))) {
      asked.add(record.id);
      asking = asking
        .then(() => ask(approvals, record, log))
        .catch((error: unknown) => log(`A question could not be shown: ${messageOf(error)}`));
    }
  };
  look();
  return approvals.onChange(look);
}

async function ask(
  approvals: Approvals,
  { id, request }: ApprovalRecord,
  log: (message: string) => void,
): Promise<void> {
  if (!approvals.waiting().some((record) => record.id === id)) return;
  const choices = [ONCE, ...(request.run === undefined ? [] : [RUN]), WORKSPACE, ALWAYS, SERVER];
  const detail = approvalDetail(request, systemClock.now());
  const choice = await vscode.window.showWarningMessage(
    visibleText(request.summary),
    { modal: true, detail },
    ...choices,
  );
  const answered = await approvals.decide(id, {
    approved: choice !== undefined,
    scope: choice?.scope ?? 'once',
    reach: choice?.reach ?? 'tool',
    by: 'editor',
  });
  log(
    `${request.operation} was ${answered.decision?.approved === true ? 'approved' : 'refused'} (${choice?.title ?? 'closed'}).`,
  );
}
