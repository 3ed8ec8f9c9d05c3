/** *Start*, *Stop* and *Restart Server*: the row shows what happens, a notification only what went wrong. */
import * as vscode from 'vscode';
import { isConductorError, messageOf } from '../../base/errors.ts';
import { COMMANDS, type ServerId, type ServerSnapshot, VIEWS } from '../../contracts/index.ts';
import { notifyFailure } from '../notify.ts';
import type { Parts } from '../parts.ts';
import { withoutSubject } from '../trees/server-nodes.ts';
import { requireTrust } from '../trust.ts';
import { pickServer } from './pick-server.ts';

const isUp = ({ state }: ServerSnapshot): boolean => state.status === 'ready' || state.status === 'starting';

export async function startServer(parts: Parts, argument: unknown): Promise<void> {
  if (!(await requireTrust('Starting a server'))) return;
  const id = await pickServer(parts, argument, {
    title: 'Start Server',
    none: 'Every server is running already.',
    accepts: (server) => !isUp(server),
  });
  if (id !== undefined) await bringUp(parts, id, 'start');
}

export async function restartServer(parts: Parts, argument: unknown): Promise<void> {
  if (!(await requireTrust('Restarting a server'))) return;
  const id = await pickServer(parts, argument, {
    title: 'Restart Server',
    none: 'No server is running.',
    accepts: isUp,
  });
  if (id !== undefined) await bringUp(parts, id, 'restart');
}

export async function stopServer(parts: Parts, argument: unknown): Promise<void> {
  const id = await pickServer(parts, argument, { title: 'Stop Server', none: 'No server is running.', accepts: isUp });
  if (id === undefined) return;
  const { servers } = await parts.engine.load();
  await servers.stop(id);
}

/** @returns whether the server is ready; why not has been said then. */
export async function bringUp(parts: Parts, id: ServerId, how: 'start' | 'restart'): Promise<boolean> {
  const { servers } = await parts.engine.load();
  const abort = new AbortController();
  try {
    await vscode.window.withProgress({ location: { viewId: VIEWS.servers } }, () => servers[how](id, abort.signal));
    return true;
  } catch (error) {
    if (isConductorError(error) && error.code === 'CANCELLED') return false;
    sayServerFailed(parts, id, messageOf(error));
    return false;
  }
}

function sayServerFailed(parts: Parts, id: ServerId, reason: string): void {
  parts.channels.summary.error(`Server ${id}: ${reason}`);
  const offer = { label: 'Show Server Log', command: COMMANDS.showServerLog, argument: id };
  notifyFailure(`The MCP server ${id} could not be started: ${withoutSubject(reason)}`, offer, parts.log);
}
