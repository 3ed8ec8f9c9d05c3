/** The *Servers* view: every server with its state, and beneath it what it offers. */
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposables.ts';
import { COMMANDS, type ServerSnapshot } from '../../contracts/index.ts';
import type { Engine } from '../engine.ts';
import { count, oneLine, plainLines } from '../text.ts';
import {
  childNodes,
  GROUP_LABELS,
  problemLabel,
  problemTooltip,
  rootNodes,
  type ServerNode,
  serverDescription,
  serverTooltip,
  UNTRUSTED_TEXT,
} from './server-nodes.ts';

const { Collapsed, None } = vscode.TreeItemCollapsibleState;

export class ServersTree implements vscode.TreeDataProvider<ServerNode>, Disposable {
  readonly #engine: Engine;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #loaded: Disposable;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#loaded = engine.whenLoaded((app) => app.servers.onChange(() => this.refresh()));
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  /** In an untrusted workspace too: listing reads files, and starts nothing. */
  async getChildren(node?: ServerNode): Promise<ServerNode[]> {
    if ((vscode.workspace.workspaceFolders ?? []).length === 0) return [];
    if (node !== undefined) return [...childNodes(node)];
    // Why the engine could not be loaded is in the log, and the welcome text points there.
    const app = await this.#engine.load().catch(() => undefined);
    return app === undefined
      ? []
      : [...rootNodes(app.servers.list(), app.servers.problems(), vscode.workspace.isTrusted)];
  }

  getTreeItem(node: ServerNode): vscode.TreeItem {
    return itemOf(node);
  }

  dispose(): void {
    this.#loaded.dispose();
    this.#changed.dispose();
  }
}

function itemOf(node: ServerNode): vscode.TreeItem {
  switch (node.kind) {
    case 'untrusted':
      return untrustedItem();
    case 'problem':
      return problemItem(node);
    case 'server':
      return serverItem(node.server);
    case 'warning':
      return leaf(oneLine(node.text), 'warning', { tooltip: plainLines(node.text), color: 'list.warningForeground' });
    case 'group':
      return groupItem(node);
    case 'tool':
      return leaf(oneLine(node.tool.name), 'tools', {
        contextValue: 'tool',
        description: oneLine(node.tool.title ?? node.tool.description ?? '', 120),
        tooltip: plainLines(node.tool.description ?? node.tool.name),
      });
    case 'resource':
      return leaf(oneLine(node.resource.name), 'file', {
        description: oneLine(node.resource.uri, 120),
        tooltip: plainLines(
          [node.resource.uri, node.resource.mimeType, node.resource.description].filter(Boolean).join('\n'),
        ),
      });
    case 'prompt':
      return leaf(oneLine(node.prompt.name), 'comment', {
        description: oneLine(node.prompt.description ?? '', 120),
        tooltip: plainLines(node.prompt.description ?? node.prompt.name),
      });
  }
}

interface LeafOptions {
  readonly tooltip: string;
  readonly description?: string;
  readonly contextValue?: string;
  readonly color?: string;
}

function leaf(label: string, icon: string, options: LeafOptions): vscode.TreeItem {
  const item = new vscode.TreeItem(label, None);
  item.iconPath = new vscode.ThemeIcon(
    icon,
    options.color === undefined ? undefined : new vscode.ThemeColor(options.color),
  );
  item.tooltip = options.tooltip;
  if (options.description !== undefined) item.description = options.description;
  if (options.contextValue !== undefined) item.contextValue = options.contextValue;
  return item;
}

function untrustedItem(): vscode.TreeItem {
  const item = leaf('Not trusted', 'workspace-untrusted', {
    description: 'no server is started',
    tooltip: `${UNTRUSTED_TEXT}\nClick to manage Workspace Trust.`,
    color: 'list.warningForeground',
  });
  item.command = { command: 'workbench.trust.manage', title: 'Manage Workspace Trust' };
  return item;
}

function problemItem(node: ServerNode & { kind: 'problem' }): vscode.TreeItem {
  const { problem } = node;
  const isError = problem.severity === 'error';
  const item = leaf(problemLabel(problem), isError ? 'error' : 'warning', {
    description: oneLine(problem.message),
    tooltip: problemTooltip(problem),
    contextValue: problem.range === undefined ? 'note' : 'problem',
    color: isError ? 'list.errorForeground' : 'list.warningForeground',
  });
  if (problem.range !== undefined) {
    item.command = { command: COMMANDS.openConfiguration, title: 'Open Server Configuration', arguments: [node] };
  }
  return item;
}

function serverItem(server: ServerSnapshot): vscode.TreeItem {
  const { definition, state } = server;
  const item = new vscode.TreeItem(
    oneLine(definition.label, 80),
    childNodes({ kind: 'server', server }).length > 0 ? Collapsed : None,
  );
  item.id = `server:${definition.id}`;
  item.iconPath = stateIcon(state.status);
  item.description = serverDescription(server);
  item.tooltip = serverTooltip(server, vscode.workspace.isTrusted);
  item.contextValue = `server.${state.status}.${definition.range === undefined ? 'bundled' : 'configured'}`;
  item.accessibilityInformation = { label: `Server ${oneLine(definition.label, 80)}, ${item.description}` };
  return item;
}

/** Shape and colour both tell the state. */
function stateIcon(status: ServerSnapshot['state']['status']): vscode.ThemeIcon {
  switch (status) {
    case 'ready':
      return new vscode.ThemeIcon('pass-filled', new vscode.ThemeColor('testing.iconPassed'));
    case 'starting':
      return new vscode.ThemeIcon('loading~spin');
    case 'failed':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
    case 'stopped':
      return new vscode.ThemeIcon('circle-outline', new vscode.ThemeColor('testing.iconSkipped'));
  }
}

function groupItem({ server, group }: ServerNode & { kind: 'group' }): vscode.TreeItem {
  const n = server.catalog?.[group].length ?? 0;
  const item = new vscode.TreeItem(GROUP_LABELS[group], Collapsed);
  item.id = `server:${server.definition.id}:${group}`;
  item.description = String(n);
  item.tooltip = count(n, group.slice(0, -1));
  item.contextValue = 'group';
  return item;
}
