/** What one run of an in-host suite is told, whichever edition of VS Code it runs on. */
import type { EditionName } from './editions.ts';

export interface InHostOptions {
  readonly edition: EditionName;
  /** Absolute; opened as the workspace. */
  readonly workspaceFolder: string;
  /** Absolute path of a CommonJS file that exports `run()`. */
  readonly suitePath: string;
  /** Absolute path of the extension under test. Default: this repository. */
  readonly extensionPath?: string;
  /** Milliseconds for everything after installation. Default: 120,000. */
  readonly timeout?: number;
}

export interface HostRun extends InHostOptions {
  /** A temporary folder of this run alone. */
  readonly folder: string;
  readonly resultsFile: string;
  readonly logFile: string;
}
