/** *Set Credential…*: a value that one server gets, kept in VS Code's secret storage. */
import * as vscode from 'vscode';
import { isSecretName, SECRET_NAME_HELP } from '../../base/secret-references.ts';
import type { Parts } from '../parts.ts';
import { pickServer } from './pick-server.ts';

export async function setCredential(parts: Parts, argument: unknown): Promise<void> {
  const title = 'Set Credential';
  const server = await pickServer(parts, argument, { title, none: 'There is no server.' });
  if (server === undefined) return;
  const name = await vscode.window.showInputBox({
    title,
    prompt: `NAME of \${{ secrets.NAME }} in the definition of "${server}"`,
    ignoreFocusOut: true,
    validateInput: (text) => (isSecretName(text) ? undefined : SECRET_NAME_HELP),
  });
  if (name === undefined) return;
  const { credentials } = await parts.engine.load();
  credentials.check(server, name);
  const value = await vscode.window.showInputBox({
    title,
    prompt: `Value of ${name} for "${server}"`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' ? 'the value is empty' : undefined),
  });
  if (value === undefined) return;
  await credentials.set(server, name, value);
  parts.channels.summary.info(`Kept ${name} for ${server}.`);
}
