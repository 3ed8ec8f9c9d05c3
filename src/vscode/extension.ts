/** The entry of the extension: joins its parts and takes them down again in reverse order. The engine comes on first need. */
import './loaded-at.ts';
import * as vscode from 'vscode';
import { systemClock } from '../base/clock.ts';
import { type AsyncDisposable, DisposableStack } from '../base/disposables.ts';
import { messageOf } from '../base/errors.ts';
import { type App, PANELS, SETTINGS, VIEWS } from '../contracts/index.ts';
import { askInModal } from './approvals.ts';
import { registerCommands } from './commands/register.ts';
import { ConfigFiles } from './configuration/config-files.ts';
import { configLanguage } from './configuration/language-loader.ts';
import { provideForConfig } from './configuration/providers.ts';
import { ConfigurationDiagnostics } from './diagnostics/configuration.ts';
import { FindingDiagnostics } from './diagnostics/findings.ts';
import { Engine } from './engine.ts';
import { loadEngine } from './engine-loader.ts';
import { loadedAt } from './loaded-at.ts';
import { followContext } from './manifest-context.ts';
import { OutputChannels } from './output/channels.ts';
import { ResultDocuments } from './panels/result-documents.ts';
import { ReviewPanels } from './panels/review-panels.ts';
import type { Parts } from './parts.ts';
import { createAskInput } from './ports/ask-input.ts';
import { vscodeSecretStore } from './ports/secret-store.ts';
import { vscodeVariables } from './ports/variable-source.ts';
import { Reviews } from './reviews.ts';
import { RunsTree } from './trees/runs-tree.ts';
import { ServersTree } from './trees/servers-tree.ts';
import { watchWorkspace } from './workspace-watch.ts';

/** What `activate` hands to whoever asks for the extension: enough to look at it from a test. */
export interface ConductorApi {
  /** Milliseconds of loading the code and of `activate`; between the two the editor prepares storage, which is its own work. */
  readonly activationMs: number;
  readonly parts: Parts;
  dispose(): Promise<void>;
}

/** This file runs last of all that it imports. */
const loadingMs = systemClock.monotonic() - loadedAt;

let running: DisposableStack | undefined;

export function activate(context: vscode.ExtensionContext): ConductorApi {
  const startedAt = systemClock.monotonic();
  const stack = new DisposableStack();
  running = stack;
  const parts = createParts(context, stack);
  contribute(parts, stack);
  return {
    activationMs: loadingMs + systemClock.monotonic() - startedAt,
    parts,
    dispose: () => stack.dispose(),
  };
}

export async function deactivate(): Promise<void> {
  await running?.dispose();
  running = undefined;
}

function createParts(context: vscode.ExtensionContext, stack: DisposableStack): Parts {
  const clock = systemClock;
  const channels = stack.add(new OutputChannels());
  const log = (message: string): void => channels.summary.warn(message);
  const engine = stack.add(new Engine(() => createApp(context, channels), log));
  stack.add(engine.whenLoaded((app) => app.onTrace((entry) => channels.trace(entry))));
  const language = configLanguage(vscode.Uri.joinPath(context.extensionUri, 'dist').fsPath);
  const assets = vscode.Uri.joinPath(context.extensionUri, 'dist', 'webviews');
  const findings = stack.add(new FindingDiagnostics());
  const media = vscode.Uri.joinPath(context.extensionUri, 'media');
  const icon = {
    light: vscode.Uri.joinPath(media, 'panel-light.svg'),
    dark: vscode.Uri.joinPath(media, 'panel-dark.svg'),
  };
  const panels = stack.add(
    new ReviewPanels({
      engine,
      clock,
      assets,
      icon,
      log,
      onRestored: (report) => findings.showUnlessShown(report),
    }),
  );
  return {
    clock,
    log,
    engine,
    channels,
    findings,
    panels,
    configuration: stack.add(new ConfigurationDiagnostics(engine)),
    configLanguage: language,
    configFiles: stack.add(
      new ConfigFiles({ engine, language, clock, log, info: (text) => channels.summary.info(text) }),
    ),
    results: stack.add(new ResultDocuments()),
    reviews: stack.add(new Reviews({ engine, panels, findings, channels, mayGoOnline })),
    servers: stack.add(new ServersTree(engine)),
    runs: stack.add(new RunsTree(engine, clock)),
  };
}

/** False until the person says otherwise; the setting is the user's, and no workspace's. */
function mayGoOnline(): boolean {
  return vscode.workspace.getConfiguration().get(SETTINGS.reviewOnline) === true;
}

/** One contribution that throws is logged and leaves the others alone. */
function contribute(parts: Parts, stack: DisposableStack): void {
  const contributions: Readonly<Record<string, () => AsyncDisposable>> = {
    'the Servers view': () =>
      vscode.window.createTreeView(VIEWS.servers, { treeDataProvider: parts.servers, showCollapseAll: true }),
    'the Runs view': () =>
      vscode.window.createTreeView(VIEWS.runs, { treeDataProvider: parts.runs, showCollapseAll: true }),
    'restored review panels': () => vscode.window.registerWebviewPanelSerializer(PANELS.review, parts.panels),
    'questions to the person': () =>
      parts.engine.whenLoaded((app) => askInModal(app, (message) => parts.channels.summary.info(message))),
    'the context keys': () => followContext(parts.engine, parts.log),
    'watching the workspace': () => watchWorkspace(parts),
    'help in config.yaml': () => provideForConfig(parts.configLanguage, () => parts.configFiles.names()),
    commands: () => registerCommands(parts),
  };
  for (const [name, create] of Object.entries(contributions)) {
    try {
      stack.add(create());
    } catch (error) {
      parts.channels.summary.error(`${name}: ${messageOf(error)}`);
    }
  }
}

function createApp(context: vscode.ExtensionContext, channels: OutputChannels): Promise<App> {
  const dist = vscode.Uri.joinPath(context.extensionUri, 'dist').fsPath;
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const secrets = vscodeSecretStore(context.secrets);
  return loadEngine(dist).createNodeApp({
    assetsDir: dist,
    folders: folders.map(({ name, uri }) => ({ name, path: uri.fsPath })),
    configFiles: [],
    discoverWorkspace: true,
    trusted: () => vscode.workspace.isTrusted,
    askInput: createAskInput(),
    variables: vscodeVariables,
    secrets,
    auditKeeper: { name: 'VS Code', secrets, most: 2_000 },
    onServerLog: (line) => channels.serverLine(line),
    log: (message) => channels.summary.info(message),
  });
}
