/** Output channels: the summary, the trace, and one log per server, each made when it first has something to say. */
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposables.ts';
import { CHANNELS, type ServerLogLine, type TraceEntry } from '../../contracts/index.ts';
import { oneLine } from '../text.ts';
import { traceLine } from './trace-line.ts';

/** Characters of one line of a server's log; a longer one is cut. */
const LINE_LIMIT = 4000;

export class OutputChannels implements Disposable {
  readonly summary = vscode.window.createOutputChannel(CHANNELS.summary, { log: true });
  readonly #servers = new Map<string, vscode.LogOutputChannel>();
  #trace: vscode.LogOutputChannel | undefined;
  #disposed = false;

  trace(entry: TraceEntry): void {
    if (this.#disposed) return;
    this.#trace ??= vscode.window.createOutputChannel(CHANNELS.trace, { log: true });
    this.#trace.info(traceLine(entry));
  }

  serverLine(line: ServerLogLine): void {
    if (this.#disposed) return;
    const channel = this.server(line.server);
    const text = oneLine(line.text, LINE_LIMIT);
    if (line.stream === 'stderr') channel.info(text);
    else if (line.stream === 'protocol') channel.warn(text);
    else channel.info(`— ${text}`);
  }

  server(id: string): vscode.LogOutputChannel {
    const known = this.#servers.get(id);
    if (known !== undefined) return known;
    const channel = vscode.window.createOutputChannel(`${CHANNELS.summary}: ${id}`, { log: true });
    this.#servers.set(id, channel);
    return channel;
  }

  dispose(): void {
    this.#disposed = true;
    for (const channel of this.#servers.values()) channel.dispose();
    this.#servers.clear();
    this.#trace?.dispose();
    this.summary.dispose();
  }
}
