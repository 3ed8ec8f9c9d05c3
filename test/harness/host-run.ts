/** What one run of an in-host suite is told, whichever edition of VS Code it runs on. */
import type { EditionName } from './editions.ts';

export interface InHostOptions {
  readonly edition: EditionName;
  /** Absolute path of a CommonJS file that exports `run()`. */
  readonly suitePath: string;
  /** Absolute path of the extension under test. Default: this repository. */
  readonly extensionPath?: string;
  /** Milliseconds for everything after installation. Default: 120,000. */
  readonly timeout?: number;
}

export interface HostRun extends InHostOptions {
  /** A temporary folder of this run alone; the suite's own temporary files land in it too, and go with it. */
  readonly folder: string;
  /** An empty folder inside it, opened as the workspace: the suite fills it with what it reviews. */
  readonly workspaceFolder: string;
  /** Environment of the extension host: where results belong and temporary files go. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}
