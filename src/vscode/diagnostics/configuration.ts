/** Shows what is wrong with the files that servers come from, at the line where it stands. */
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposables.ts';
import type { App, Problem, SourceRange } from '../../contracts/index.ts';
import type { Engine } from '../engine.ts';
import { plainLines } from '../text.ts';

export class ConfigurationDiagnostics implements Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection('mcp-conductor.configuration');
  readonly #loaded: Disposable;

  constructor(engine: Engine) {
    this.#loaded = engine.whenLoaded((app) => {
      this.#show(app);
      return app.servers.onChange((id) => {
        if (id === undefined) this.#show(app);
      });
    });
  }

  dispose(): void {
    this.#loaded.dispose();
    this.#collection.dispose();
  }

  #show(app: App): void {
    const byFile = new Map<string, vscode.Diagnostic[]>();
    for (const problem of app.servers.problems()) {
      const { range } = problem;
      if (range === undefined) continue;
      byFile.set(range.file, [...(byFile.get(range.file) ?? []), diagnosticOf(problem, range)]);
    }
    this.#collection.clear();
    for (const [file, diagnostics] of byFile) this.#collection.set(vscode.Uri.file(file), diagnostics);
  }
}

export function diagnosticOf(problem: Problem, range: SourceRange): vscode.Diagnostic {
  const severity = problem.severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const diagnostic = new vscode.Diagnostic(editorRange(range), plainLines(problem.message), severity);
  diagnostic.source = 'MCP Conductor';
  diagnostic.code = problem.code;
  return diagnostic;
}

/** From counting at 1 to counting at 0; without an end, up to the end of the line. */
export function editorRange(range: SourceRange): vscode.Range {
  const line = Math.max(range.line - 1, 0);
  const endLine = Math.max((range.endLine ?? range.line) - 1, line);
  const endColumn = range.endColumn === undefined ? Number.MAX_SAFE_INTEGER : Math.max(range.endColumn - 1, 0);
  return new vscode.Range(line, Math.max(range.column - 1, 0), endLine, endColumn);
}
