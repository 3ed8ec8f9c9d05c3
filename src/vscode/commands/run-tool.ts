/** *Run Tool…*: pick a server and a tool, answer for its arguments, see the reply as a read-only document. */
import * as vscode from 'vscode';
import { isConductorError, messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { COMMANDS, type Reply, type ServerId, textOf, type ToolInfo } from '../../contracts/index.ts';
import { notifyFailure } from '../notify.ts';
import type { Parts } from '../parts.ts';
import { oneLine, withoutIcons, withoutLinks } from '../text.ts';
import { progressText } from '../trees/run-nodes.ts';
import { requireTrust } from '../trust.ts';
import { isToolNode } from './arguments.ts';
import { askArguments } from './ask-arguments.ts';
import { pickServer } from './pick-server.ts';
import { bringUp } from './server-state.ts';

export async function runTool(parts: Parts, argument: unknown): Promise<void> {
  if (!(await requireTrust('Running a tool'))) return;
  const server = await pickServer(parts, argument, {
    title: 'Run Tool: which server?',
    none: 'There is no MCP server.',
  });
  if (server === undefined) return;
  const tool = isToolNode(argument) ? argument.tool : await pickTool(parts, server);
  if (tool === undefined) return;
  const args = await askArguments(tool);
  if (args !== undefined) await call(parts, server, tool.name, args);
}

async function pickTool(parts: Parts, server: ServerId): Promise<ToolInfo | undefined> {
  const { servers } = await parts.engine.load();
  if (servers.get(server)?.state.status !== 'ready' && !(await bringUp(parts, server, 'start'))) return undefined;
  const tools = servers.get(server)?.catalog?.tools ?? [];
  if (tools.length === 0) {
    await vscode.window.showInformationMessage(`The MCP server ${server} offers no tools.`);
    return undefined;
  }
  const items = tools.map((tool) => ({
    label: withoutIcons(oneLine(tool.name)),
    detail: withoutIcons(oneLine(tool.description ?? '', 160)),
    tool,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: `Run Tool of ${server}`, matchOnDetail: true });
  return picked?.tool;
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
