/** The page that carries the review panel: nothing may be loaded but the panel's own script, style and font. */
import * as vscode from 'vscode';

/** @param assets Folder that holds the script, the style and the icon font. */
export function reviewHtml(webview: vscode.Webview, assets: vscode.Uri): string {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(18))).toString('base64url');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(assets, 'review.js')).toString();
  const style = webview.asWebviewUri(vscode.Uri.joinPath(assets, 'review.css')).toString();
  const icons = webview.asWebviewUri(vscode.Uri.joinPath(assets, 'codicon.css')).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Code review</title>
<link rel="stylesheet" href="${icons}" id="vscode-codicon-stylesheet">
<link rel="stylesheet" href="${style}">
</head>
<body>
<review-panel></review-panel>
<script type="module" nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
