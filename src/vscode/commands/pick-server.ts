/** Which server a command is about: the row it was invoked on, or the one the person picks. */
import * as vscode from 'vscode';
import type { ServerId, ServerSnapshot } from '../../contracts/index.ts';
import type { Parts } from '../parts.ts';
import { oneLine, withoutIcons } from '../text.ts';
import { serverDescription } from '../trees/server-nodes.ts';
import { isServerNode } from './arguments.ts';

export interface PickServerOptions {
  readonly title: string;
  /** Shown when no server qualifies. */
  readonly none: string;
  readonly accepts?: (server: ServerSnapshot) => boolean;
}

export async function pickServer(
  parts: Parts,
  argument: unknown,
  options: PickServerOptions,
): Promise<ServerId | undefined> {
  if (isServerNode(argument)) return argument.server.definition.id;
  if (typeof argument === 'string') return argument;
  const { servers } = await parts.engine.load();
  const candidates = servers.list().filter(options.accepts ?? (() => true));
  if (candidates.length === 0) {
    await vscode.window.showInformationMessage(options.none);
    return undefined;
  }
  const items = candidates.map((server) => ({
    label: withoutIcons(oneLine(server.definition.label, 80)),
    description: withoutIcons(serverDescription(server)),
    id: server.definition.id,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: options.title, matchOnDescription: true });
  return picked?.id;
}
