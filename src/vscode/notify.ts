/** Notifications that offer one thing to do. Nobody waits for the person: the work that failed has ended. */
import * as vscode from 'vscode';
import { background, type Log } from './background.ts';
import { withoutLinks } from './text.ts';

export interface Offer {
  readonly label: string;
  readonly command: string;
  readonly argument?: unknown;
}

/** @param message May hold text from servers; links in it do not work. */
export function notifyFailure(message: string, offer: Offer, log: Log): void {
  const answered = vscode.window.showErrorMessage(withoutLinks(message), offer.label).then(async (choice) => {
    if (choice === offer.label) await vscode.commands.executeCommand(offer.command, offer.argument);
  });
  background(answered, offer.label, log);
}
