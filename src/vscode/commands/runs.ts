/** Commands about runs: start a review, open one, cancel one. */
import * as vscode from 'vscode';
import type { RunSummary } from '../../contracts/index.ts';
import type { Parts } from '../parts.ts';
import { oneLine, withoutIcons } from '../text.ts';
import { rowOf, runDescription } from '../trees/run-nodes.ts';
import { requireTrust } from '../trust.ts';
import { isRunNode } from './arguments.ts';
import { pickFolder } from './pick-folder.ts';

/** @param argument URI of the folder; without it the person is asked where there is a choice. */
export async function reviewRepository(parts: Parts, argument: unknown): Promise<void> {
  if (!(await requireTrust('A review'))) return;
  const target =
    argument instanceof vscode.Uri ? argument.fsPath : await pickFolder('Which folder should be reviewed?');
  if (target !== undefined) await parts.reviews.review(target);
}

export async function openReview(parts: Parts, argument: unknown): Promise<void> {
  if (isRunNode(argument)) {
    parts.panels.show(argument.run.state);
    return;
  }
  const picked = await pickRun(parts, 'Open Review', 'There is no review yet.', () => true);
  if (picked !== undefined) parts.panels.show(picked.state);
}

export async function cancelRun(parts: Parts, argument: unknown): Promise<void> {
  const app = await parts.engine.load();
  const active = (run: RunSummary): boolean => run.state.endedAt === undefined && app.runs.get(run.runId) !== undefined;
  const runId = isRunNode(argument)
    ? argument.run.state.runId
    : (await pickRun(parts, 'Cancel Run', 'Nothing is running.', active))?.runId;
  if (runId !== undefined) app.runs.get(runId)?.cancel('cancelled by the person');
}

async function pickRun(
  parts: Parts,
  title: string,
  none: string,
  accepts: (run: RunSummary) => boolean,
): Promise<RunSummary | undefined> {
  const { runs } = await parts.engine.load();
  const candidates = (await runs.list()).filter(accepts);
  if (candidates.length === 0) {
    await vscode.window.showInformationMessage(none);
    return undefined;
  }
  const items = candidates.map((run) => ({
    label: withoutIcons(oneLine(run.state.title, 80)),
    description: runDescription(rowOf(run, runs.get(run.runId) !== undefined), parts.clock.now()),
    run,
  }));
  return (await vscode.window.showQuickPick(items, { title }))?.run;
}
