/** Completion and hover in `config.yaml`, from its schema and the live catalog. */
import * as vscode from 'vscode';
import { type Disposable, disposable } from '../../base/disposables.ts';
import type { Suggestion } from '../../app/config/language.ts';
import type { LiveNames } from '../../app/config/unknown-servers.ts';
import type { ConfigLanguage } from './language-loader.ts';
import { isConfigFile } from './places.ts';

const KINDS: Readonly<Record<Suggestion['kind'], vscode.CompletionItemKind>> = {
  key: vscode.CompletionItemKind.Property,
  value: vscode.CompletionItemKind.Value,
  name: vscode.CompletionItemKind.Reference,
};

const TRIGGERS = [' ', ':', '.', '-', '[', '{', '\n'];

export function provideForConfig(language: () => ConfigLanguage, names: () => LiveNames): Disposable {
  // The file's place says what it is, whatever language the editor takes it for.
  const selector: vscode.DocumentSelector = { scheme: 'file', pattern: '**/config.yaml' };
  const registrations = [
    vscode.languages.registerCompletionItemProvider(
      selector,
      {
        provideCompletionItems(document, position) {
          if (!isConfigFile(document, language)) return [];
          const found = language().complete(document.getText(), document.offsetAt(position), names());
          return found.map((suggestion, index) => itemOf(document, suggestion, index));
        },
      },
      ...TRIGGERS,
    ),
    vscode.languages.registerHoverProvider(selector, {
      provideHover(document, position) {
        if (!isConfigFile(document, language)) return undefined;
        const hover = language().hoverAt(document.getText(), document.offsetAt(position));
        return hover === undefined
          ? undefined
          : new vscode.Hover(new vscode.MarkdownString(hover.markdown), rangeOf(document, hover.from, hover.to));
      },
    }),
  ];
  return disposable(() => {
    for (const registration of registrations) registration.dispose();
  });
}

function itemOf(document: vscode.TextDocument, suggestion: Suggestion, index: number): vscode.CompletionItem {
  const item = new vscode.CompletionItem(
    { label: suggestion.label, description: suggestion.detail },
    KINDS[suggestion.kind],
  );
  item.documentation = suggestion.documentation;
  item.insertText = new vscode.SnippetString(suggestion.insert);
  item.range = rangeOf(document, suggestion.from, suggestion.to);
  item.sortText = String(index).padStart(4, '0');
  return item;
}

function rangeOf(document: vscode.TextDocument, from: number, to: number): vscode.Range {
  return new vscode.Range(document.positionAt(from), document.positionAt(to));
}
