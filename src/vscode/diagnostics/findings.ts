/** The Problems panel's copy of what reviews found, one set per reviewed root. */
import { stat } from 'node:fs/promises';
import pLimit from 'p-limit';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposables.ts';
import { CONTEXT_KEYS, type Finding, type ReviewReport } from '../../contracts/index.ts';
import { placeIn } from '../panels/place.ts';
import { plainLines } from '../text.ts';
import { type Level, levelOf } from './level.ts';

const SOURCE = 'MCP Conductor';
/** Files looked up at once. */
const LOOKUPS = 16;

const LEVELS: Readonly<Record<Level, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};

export class FindingDiagnostics implements Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection('mcp-conductor.findings');
  readonly #filesOfRoot = new Map<string, readonly vscode.Uri[]>();
  readonly #deletions: vscode.Disposable;

  constructor() {
    this.#deletions = vscode.workspace.onDidDeleteFiles(({ files }) => {
      for (const file of files) this.#collection.delete(file);
    });
  }

  /** Replaces what the last review of the same root left. Findings in files that are gone are left out. */
  async show(report: ReviewReport): Promise<void> {
    const byFile = new Map<string, Finding[]>();
    for (const finding of report.findings) byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), finding]);
    const limit = pLimit(LOOKUPS);
    const entries = await Promise.all(
      [...byFile].map(([file, findings]) => limit(() => entryOf(report.root, file, findings))),
    );
    const found = entries.filter((entry) => entry !== undefined);
    for (const file of this.#filesOfRoot.get(report.root) ?? []) this.#collection.delete(file);
    for (const [uri, diagnostics] of found) this.#collection.set(uri, diagnostics);
    this.#filesOfRoot.set(
      report.root,
      found.map(([uri]) => uri),
    );
    await this.#tellManifest();
  }

  /** For a report that comes back from disk: what this window has found out since is newer. */
  async showUnlessShown(report: ReviewReport): Promise<void> {
    if (!this.#filesOfRoot.has(report.root)) await this.show(report);
  }

  async clear(): Promise<void> {
    this.#collection.clear();
    this.#filesOfRoot.clear();
    await this.#tellManifest();
  }

  dispose(): void {
    this.#deletions.dispose();
    this.#collection.dispose();
  }

  async #tellManifest(): Promise<void> {
    const any = [...this.#filesOfRoot.values()].some((files) => files.length > 0);
    await vscode.commands.executeCommand('setContext', CONTEXT_KEYS.hasFindings, any);
  }
}

async function entryOf(
  root: string,
  file: string,
  findings: readonly Finding[],
): Promise<[vscode.Uri, vscode.Diagnostic[]] | undefined> {
  const path = placeIn(root, file);
  if (path === undefined || !(await isFile(path))) return undefined;
  return [vscode.Uri.file(path), findings.map(diagnosticOf)];
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

/** Marks the first line only: a squiggle under a whole function hides the code that it is about. */
function diagnosticOf(finding: Finding): vscode.Diagnostic {
  const line = Math.max(finding.startLine - 1, 0);
  const range = new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER);
  const cwe = finding.cwe === undefined ? '' : ` (${finding.cwe})`;
  const help = finding.help === undefined ? '' : `\n${finding.help}`;
  const diagnostic = new vscode.Diagnostic(
    range,
    plainLines(`${finding.message}${cwe}${help}`),
    LEVELS[levelOf(finding)],
  );
  diagnostic.source = SOURCE;
  diagnostic.code = finding.ruleId;
  return diagnostic;
}
