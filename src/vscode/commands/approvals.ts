/** What waits for an answer and what was granted, until the Approvals view is there: lists to pick from. */
import * as vscode from 'vscode';
import { visibleText } from '../../contracts/approval-text.ts';
import type { App, ApprovalRecord, Grant } from '../../contracts/index.ts';
import { decideParked } from '../approvals.ts';
import type { Parts } from '../parts.ts';

interface QuestionItem extends vscode.QuickPickItem {
  readonly question: ApprovalRecord;
}

interface GrantItem extends vscode.QuickPickItem {
  readonly grant: Grant;
}

type Item = QuestionItem | GrantItem | vscode.QuickPickItem;

export async function showApprovals(parts: Parts): Promise<void> {
  const app = await parts.engine.load();
  await app.approvals.refresh();
  const questions = app.approvals.pending().filter(({ parked }) => parked === true);
  const grants = await app.grants.list();
  if (questions.length === 0 && grants.length === 0) {
    await vscode.window.showInformationMessage(
      'No call waits for your approval, and nothing is granted beyond one call.',
    );
    return;
  }
  const items: readonly Item[] = [
    ...headed('Waiting for your decision', questions.map(questionItem)),
    ...headed('Granted', grants.map(grantItem)),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Approvals',
    placeHolder: 'Pick a question to decide, or something granted to revoke',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked !== undefined && 'question' in picked) await decideParked(app, picked.question, parts.log);
  if (picked !== undefined && 'grant' in picked) await revoke(app, picked.grant, parts.log);
}

export async function revokeApproval(parts: Parts): Promise<void> {
  const app = await parts.engine.load();
  const grants = await app.grants.list();
  if (grants.length === 0) {
    await vscode.window.showInformationMessage('Nothing is granted beyond one call.');
    return;
  }
  const picked = await vscode.window.showQuickPick(grants.map(grantItem), {
    title: 'Revoke Approval',
    placeHolder: 'What is revoked is asked for again',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked !== undefined) await revoke(app, picked.grant, parts.log);
}

async function revoke(app: App, grant: Grant, log: (message: string) => void): Promise<void> {
  const what = grantItem(grant).label;
  const confirm = { title: 'Revoke' };
  const message = `Revoke the approval of ${what}?`;
  const detail = 'Calls that it allowed are asked for again, in every window and on the command line.';
  const choice = await vscode.window.showWarningMessage(message, { modal: true, detail }, confirm);
  if (choice !== confirm) return;
  const revoked = await app.grants.revoke(grant.id, 'editor');
  log(revoked ? `The approval of ${what} was revoked.` : `The approval of ${what} had ended already.`);
}

function headed(label: string, items: readonly Item[]): readonly Item[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

function questionItem(question: ApprovalRecord): QuestionItem {
  const { summary, risk, args } = question.request;
  return {
    label: visibleText(summary),
    description: `risk ${risk}`,
    detail: visibleText(JSON.stringify(args)),
    question,
  };
}

function grantItem(grant: Grant): GrantItem {
  const { server, tool, reach, scope, principal, by, at } = grant;
  const where = { once: 'once', run: 'in its run', workspace: 'in this workspace', always: 'always' }[scope];
  return {
    label: visibleText(reach === 'server' ? `every tool of ${server}` : `${server}.${tool}`),
    description: where,
    detail: visibleText(`For ${principal.kind} ${principal.id}; by ${by} on ${new Date(at).toLocaleString()}`),
    grant,
  };
}
