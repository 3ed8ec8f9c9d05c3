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
const DENY: Choice = { title: 'Deny', scope: 'once', reach: 'tool' };
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

async function ask(approvals: Approvals, record: ApprovalRecord, log: (message: string) => void): Promise<void> {
  if (!approvals.waiting().some(({ id }) => id === record.id)) return;
  await decide(approvals, record, await show(record, []), log);
}

/** Nobody waits for the answer to a parked question, so closing it leaves it as it is. */
export async function decideParked(
  { approvals }: App,
  record: ApprovalRecord,
  log: (message: string) => void,
): Promise<void> {
  const choice = await show(record, [DENY]);
  if (choice !== undefined) await decide(approvals, record, choice, log);
}

async function show({ request }: ApprovalRecord, further: readonly Choice[]): Promise<Choice | undefined> {
  const choices = [ONCE, ...(request.run === undefined ? [] : [RUN]), WORKSPACE, ALWAYS, SERVER, ...further];
  const detail = approvalDetail(request, systemClock.now());
  return vscode.window.showWarningMessage(visibleText(request.summary), { modal: true, detail }, ...choices);
}

async function decide(
  approvals: Approvals,
  { id, request }: ApprovalRecord,
  choice: Choice | undefined,
  log: (message: string) => void,
): Promise<void> {
  const approved = choice !== undefined && choice !== DENY;
  const { scope, reach } = choice ?? DENY;
  await approvals.decide(id, { approved, scope, reach, by: 'editor' });
  log(`${request.operation} was ${approved ? 'approved' : 'refused'} (${choice?.title ?? 'closed'}).`);
}
