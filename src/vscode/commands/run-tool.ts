/** *Run Tool…*: pick a tool, starting its server where needed, answer for its arguments, see the reply as a read-only document. */
import * as vscode from 'vscode';
import { isConductorError, messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { COMMANDS, type Reply, type ServerId, textOf, type ToolInfo } from '../../contracts/index.ts';
import { notifyFailure } from '../notify.ts';
import type { Parts } from '../parts.ts';
import { oneLine, withoutIcons, withoutLinks } from '../text.ts';
import { progressText } from '../trees/run-nodes.ts';
import { serverDescription } from '../trees/server-nodes.ts';
import { requireTrust } from '../trust.ts';
import { isServerNode, isToolNode } from './arguments.ts';
import { askArguments } from './ask-arguments.ts';
import { bringUp } from './server-state.ts';
import { type ToolChoice, toolChoices } from './tool-choices.ts';

interface Chosen {
  readonly server: ServerId;
  readonly tool: ToolInfo;
}

export async function runTool(parts: Parts, argument: unknown): Promise<void> {
  if (!(await requireTrust('Running a tool'))) return;
  const chosen = await choose(parts, argument);
  if (chosen === undefined) return;
  const args = await askArguments(chosen.tool);
  if (args !== undefined) await call(parts, chosen.server, chosen.tool.name, args);
}

/** The tool of the row, a tool of the row's server, or any tool at all. */
async function choose(parts: Parts, argument: unknown): Promise<Chosen | undefined> {
  if (isToolNode(argument)) return { server: argument.server.definition.id, tool: argument.tool };
  if (isServerNode(argument)) return chooseOf(parts, argument.server.definition.id);
  if (typeof argument === 'string') return chooseOf(parts, argument);
  const { servers } = await parts.engine.load();
  const choices = toolChoices(servers.list());
  if (choices.length === 0) {
    await vscode.window.showInformationMessage('There is no MCP server.');
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(withSeparator(choices.map(itemOf)), {
    title: 'Run Tool',
    placeHolder: 'A tool, or a server to start for its tools',
    matchOnDetail: true,
  });
  const choice = picked?.choice;
  if (choice === undefined) return undefined;
  const { id } = choice.server.definition;
  return choice.kind === 'tool' ? { server: id, tool: choice.tool } : chooseOf(parts, id);
}

interface ChoiceItem extends vscode.QuickPickItem {
  readonly choice?: ToolChoice;
}

function itemOf(choice: ToolChoice): ChoiceItem {
  const { server } = choice;
  if (choice.kind === 'tool')
    return { ...toolItem(choice.tool, `${server.definition.id}.${choice.tool.name}`), choice };
  return {
    label: withoutIcons(`Start ${oneLine(server.definition.label, 80)}`),
    description: withoutIcons(serverDescription(server)),
    iconPath: new vscode.ThemeIcon('debug-start'),
    choice,
  };
}

function toolItem(tool: ToolInfo, label: string): vscode.QuickPickItem {
  return { label: withoutIcons(oneLine(label)), detail: withoutIcons(oneLine(tool.description ?? '', 160)) };
}

function withSeparator(items: readonly ChoiceItem[]): ChoiceItem[] {
  const at = items.findIndex(({ choice }) => choice?.kind === 'start');
  if (at <= 0) return [...items];
  const separator = { label: 'Not running', kind: vscode.QuickPickItemKind.Separator };
  return [...items.slice(0, at), separator, ...items.slice(at)];
}

/** Starts the server where it has to be. */
async function chooseOf(parts: Parts, server: ServerId): Promise<Chosen | undefined> {
  const { servers } = await parts.engine.load();
  if (servers.get(server)?.state.status !== 'ready' && !(await bringUp(parts, server, 'start'))) return undefined;
  const tools = servers.get(server)?.catalog?.tools ?? [];
  if (tools.length === 0) {
    await vscode.window.showInformationMessage(`The MCP server ${server} offers no tools.`);
    return undefined;
  }
  const items = tools.map((tool) => ({ ...toolItem(tool, tool.name), tool }));
  const picked = await vscode.window.showQuickPick(items, { title: `Run Tool of ${server}`, matchOnDetail: true });
  return picked === undefined ? undefined : { server, tool: picked.tool };
}

async function call(parts: Parts, server: ServerId, tool: string, args: JsonObject): Promise<void> {
  const name = `${server}.${tool}`;
  try {
    const reply = await callWithProgress(parts, server, tool, args);
    if (reply.kind === 'tool' && reply.isError)
      sayFailed(parts, server, `${name} answered with an error: ${textOf(reply)}`);
    else await parts.results.open(name, reply);
  } catch (error) {
    if (isConductorError(error) && error.code === 'CANCELLED') return;
    sayFailed(parts, server, `${name} could not be run: ${messageOf(error)}`);
  }
}

async function callWithProgress(parts: Parts, server: ServerId, tool: string, args: JsonObject): Promise<Reply> {
  const app = await parts.engine.load();
  const title = `Running ${oneLine(`${server}.${tool}`, 80)}`;
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const abort = new AbortController();
      const listening = token.onCancellationRequested(() => abort.abort());
      try {
        return await app.callTool(server, tool, args, {
          signal: abort.signal,
          onProgress: (step) => progress.report({ message: withoutLinks(progressText(step)) }),
        });
      } finally {
        listening.dispose();
      }
    },
  );
}

function sayFailed(parts: Parts, server: ServerId, message: string): void {
  parts.channels.summary.error(oneLine(message, 2000));
  notifyFailure(message, { label: 'Show Server Log', command: COMMANDS.showServerLog, argument: server }, parts.log);
}
