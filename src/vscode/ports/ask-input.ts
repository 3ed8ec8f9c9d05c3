/** Asks the person for the inputs that an `mcp.json` declares, one prompt at a time. */
import * as vscode from 'vscode';
import { raceAbort } from '../../base/abort.ts';
import type { AskInput, InputDefinition, ServerDefinition } from '../../contracts/index.ts';
import { oneLine, withoutIcons, withoutLinks } from '../text.ts';

/** One queue for the window: servers that start at once must not cover each other's prompts. */
export function createAskInput(): AskInput {
  let last: Promise<unknown> = Promise.resolve();
  return (input, server, signal) => {
    const answer = last.then(() => (signal.aborted ? undefined : ask(input, server, signal)));
    last = answer.catch(() => undefined);
    return raceAbort(answer, signal);
  };
}

async function ask(input: InputDefinition, server: ServerDefinition, signal: AbortSignal): Promise<string | undefined> {
  const source = new vscode.CancellationTokenSource();
  const cancel = (): void => source.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await prompt(input, server, source.token);
  } finally {
    signal.removeEventListener('abort', cancel);
    source.dispose();
  }
}

async function prompt(
  input: InputDefinition,
  server: ServerDefinition,
  token: vscode.CancellationToken,
): Promise<string | undefined> {
  const title = `Input for the MCP server ${oneLine(server.label, 80)}`;
  const description = withoutLinks(input.description ?? input.id);
  if (input.type === 'command') {
    const value: unknown =
      input.command === undefined ? undefined : await vscode.commands.executeCommand(input.command);
    return typeof value === 'string' ? value : undefined;
  }
  if (input.type === 'pickString') {
    const items = (input.options ?? []).map((value) => ({
      label: withoutIcons(oneLine(value)),
      value,
      ...(value === input.default ? { description: 'default' } : {}),
    }));
    const picked = await vscode.window.showQuickPick(
      items,
      { title, placeHolder: description, ignoreFocusOut: true },
      token,
    );
    return picked?.value;
  }
  return vscode.window.showInputBox(
    {
      title,
      prompt: description,
      password: input.password === true,
      ignoreFocusOut: true,
      ...(input.default === undefined ? {} : { value: input.default }),
    },
    token,
  );
}
