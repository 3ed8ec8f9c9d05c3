/** Starts the review panel: joins the element to the host's messages and to the editor's memory. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { HOST_EXTENSION } from 'vscode-messenger-common';
import { Messenger } from 'vscode-messenger-webview';
import { cancelReview, openPlace, panelReady, rerunReview, stateChanged } from '../../contracts/review-panel.ts';
import { ReviewPanel } from './review-panel.ts';
import { restoreView } from './view-state.ts';

customElements.define('review-panel', ReviewPanel);

const editor = acquireVsCodeApi();
const messenger = new Messenger(editor);
const panel = document.querySelector<ReviewPanel>('review-panel');

async function start(element: ReviewPanel): Promise<void> {
  messenger.onNotification(stateChanged, (state) => element.show(state));
  messenger.start();
  element.connect(
    {
      open: (file, line) => messenger.sendNotification(openPlace, HOST_EXTENSION, { file, line }),
      cancel: () => messenger.sendNotification(cancelReview, HOST_EXTENSION),
      rerun: () => messenger.sendNotification(rerunReview, HOST_EXTENSION),
      remember: (view) => editor.setState(view),
    },
    restoreView(editor.getState()),
  );
  element.show(await messenger.sendRequest(panelReady, HOST_EXTENSION));
}

if (panel !== null) void start(panel);
