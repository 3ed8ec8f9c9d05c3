/** Keeps the context keys of the manifest's `when` clauses true to what the engine does. */
import * as vscode from 'vscode';
import { type Disposable, disposable } from '../base/disposables.ts';
import { type App, CONTEXT_KEYS } from '../contracts/index.ts';
import { background, type Log } from './background.ts';
import type { Engine } from './engine.ts';

export function followContext(engine: Engine, log: Log): Disposable {
  return engine.whenLoaded((app) => followApp(app, log));
}

function followApp(app: App, log: Log): Disposable {
  const set = contextSetter(log);
  const active = new Set<string>();
  const tellServers = (): void =>
    set(
      CONTEXT_KEYS.serversRunning,
      app.servers.list().some(({ state }) => state.status === 'ready' || state.status === 'starting'),
    );
  const servers = app.servers.onChange(tellServers);
  const runs = app.runs.onEvent(({ event }) => {
    if (event.type === 'run.ended') active.delete(event.runId);
    else active.add(event.runId);
    set(CONTEXT_KEYS.runActive, active.size > 0);
  });
  tellServers();
  return disposable(() => {
    servers.dispose();
    runs.dispose();
    set(CONTEXT_KEYS.serversRunning, false);
    set(CONTEXT_KEYS.runActive, false);
  });
}

/** Sends a key only when its value changed: events come in bursts. */
function contextSetter(log: Log): (key: string, value: boolean) => void {
  const last = new Map<string, boolean>();
  return (key, value) => {
    if (last.get(key) === value) return;
    last.set(key, value);
    background(vscode.commands.executeCommand('setContext', key, value), `context ${key}`, log);
  };
}
