/** Replies of tools as read-only documents: nothing to save, nothing to be asked about when they are closed. */
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposables.ts';
import type { Reply } from '../../contracts/index.ts';
import { renderReply } from './render-reply.ts';

const SCHEME = 'mcp-conductor-result';
/** Replies kept; an older document shows that it is gone. */
const KEPT = 20;

export class ResultDocuments implements vscode.TextDocumentContentProvider, Disposable {
  readonly #texts = new Map<string, string>();
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  #count = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? 'This reply is no longer kept. Run the tool again.';
  }

  /** @param title Names the document: `server.tool`. */
  async open(title: string, reply: Reply): Promise<void> {
    const { text, language } = renderReply(reply);
    this.#count += 1;
    const name = title.replace(/[^\w.-]+/gu, '_').slice(0, 80);
    const path = `/${this.#count}/${name}.${language === 'json' ? 'json' : 'txt'}`;
    this.#texts.set(path, text);
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= KEPT) break;
      this.#texts.delete(oldest);
    }
    const document = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: SCHEME, path }));
    await vscode.window.showTextDocument(document, { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#texts.clear();
  }
}
