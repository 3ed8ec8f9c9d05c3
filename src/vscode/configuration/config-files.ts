/** Mistakes of `config.yaml` at their lines while it is written, and the running engine kept in step with what is saved. */
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Clock } from '../../base/clock.ts';
import { type Disposable, disposable } from '../../base/disposables.ts';
import type { LiveNames } from '../../app/config/unknown-servers.ts';
import { background, type Log } from '../background.ts';
import { diagnosticOf } from '../diagnostics/configuration.ts';
import type { Engine } from '../engine.ts';
import type { ConfigLanguage } from './language-loader.ts';
import { configFiles, isConfigFile, textOf } from './places.ts';

export interface ConfigFilesOptions {
  readonly engine: Engine;
  readonly language: () => ConfigLanguage;
  readonly clock: Clock;
  readonly log: Log;
  /** Told what an edit has come to. */
  readonly info: Log;
}

/** Milliseconds of quiet before a text is looked at, or a file read again. */
const QUIET_MS = 200;

export class ConfigFiles implements Disposable {
  readonly #options: ConfigFilesOptions;
  readonly #collection = vscode.languages.createDiagnosticCollection('mcp-conductor.config');
  readonly #subscriptions: Disposable[] = [];
  #looking: Disposable | undefined;
  #reloading: Disposable | undefined;

  constructor(options: ConfigFilesOptions) {
    this.#options = options;
    const look = (document: vscode.TextDocument): void => {
      if (isConfigFile(document, options.language)) this.#lookSoon();
    };
    this.#subscriptions.push(
      vscode.workspace.onDidOpenTextDocument(look),
      vscode.workspace.onDidChangeTextDocument(({ document }) => look(document)),
      vscode.workspace.onDidCloseTextDocument(look),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#reloadSoon()),
      ...this.#watch('**/.mcp-conductor/config.yaml'),
      // Whoever deletes the folder is told of the folder alone.
      ...this.#watch('**/.mcp-conductor'),
      options.engine.whenLoaded((app) => {
        this.#lookSoon();
        const folder = vscode.Uri.file(dirname(app.configuration.file));
        const following = [
          ...this.#watch(new vscode.RelativePattern(folder, 'config.yaml')),
          app.servers.onChange((id) => (id === undefined ? this.#lookSoon() : undefined)),
        ];
        return disposable(() => {
          for (const one of following) one.dispose();
        });
      }),
    );
    if (vscode.workspace.textDocuments.some((document) => isConfigFile(document, options.language))) this.#lookSoon();
  }

  /** The servers of this window and the tools that are known of them. */
  names(): LiveNames {
    const servers = this.#options.engine.current?.servers.list() ?? [];
    return servers.map(({ definition, catalog }) => ({
      id: definition.id,
      tools: catalog?.tools.map(({ name }) => name) ?? [],
    }));
  }

  dispose(): void {
    this.#looking?.dispose();
    this.#reloading?.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#collection.dispose();
  }

  #watch(pattern: vscode.GlobPattern): readonly Disposable[] {
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const changed = (): void => {
      this.#lookSoon();
      this.#reloadSoon();
    };
    return [watcher, watcher.onDidChange(changed), watcher.onDidCreate(changed), watcher.onDidDelete(changed)];
  }

  #lookSoon(): void {
    const { clock, log } = this.#options;
    this.#looking?.dispose();
    this.#looking = clock.schedule(QUIET_MS, () => background(this.#look(), 'checking config.yaml', log));
  }

  #reloadSoon(): void {
    const { clock, log } = this.#options;
    this.#reloading?.dispose();
    this.#reloading = clock.schedule(QUIET_MS, () => background(this.#reload(), 'reading config.yaml', log));
  }

  async #look(): Promise<void> {
    const [userFile = '', ...others] = configFiles(this.#options.language);
    const userText = await textOf(userFile);
    const user = { text: userText ?? '', file: userFile };
    if (userText !== undefined) this.#show({ ...user });
    else this.#collection.delete(vscode.Uri.file(userFile));
    for (const file of others) {
      const text = await textOf(file);
      if (text === undefined) this.#collection.delete(vscode.Uri.file(file));
      else this.#show({ text, file, user });
    }
  }

  #show(config: Parameters<ConfigLanguage['diagnose']>[0]): void {
    const problems = this.#options.language().diagnose(config, this.names());
    const diagnostics = problems.flatMap((problem) =>
      problem.range === undefined ? [] : [diagnosticOf(problem, problem.range)],
    );
    this.#collection.set(vscode.Uri.file(config.file), diagnostics);
  }

  /** Runs that are under way go on: what is edited counts from their next call on. */
  async #reload(): Promise<void> {
    const app = this.#options.engine.current;
    if (app === undefined) return;
    const waiting = await app.configuration.reload();
    this.#options.info('The configuration was read again; it counts from the next call on.');
    if (waiting.length === 0) return;
    const what = waiting.join(', ');
    this.#options.info(`${what} of config.yaml count only after the window is reloaded.`);
    const choice = await vscode.window.showInformationMessage(
      `What you changed in ${what} counts after the window is reloaded.`,
      RELOAD,
    );
    if (choice === RELOAD) await vscode.commands.executeCommand('workbench.action.reloadWindow');
  }
}

const RELOAD = 'Reload Window';
