/** The top of the panel: what was reviewed, how it stands, what can be done about it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ReviewPanelState } from '../../../contracts/review-panel.ts';
import { blindSpots } from '../../../contracts/review-text.ts';
import type { PanelActions } from '../actions.ts';
import { formatCount, formatDuration } from '../findings-model.ts';
import { type Html, icon } from './widgets.ts';

/** Notes drawn at most. */
const NOTE_ROWS = 100;

const STATUS: Readonly<Record<ReviewPanelState['status'], readonly [icon: string, text: string]>> = {
  running: ['loading', 'Running'],
  succeeded: ['pass', 'Finished'],
  failed: ['error', 'Failed'],
  cancelled: ['circle-slash', 'Cancelled'],
};

export function header(state: ReviewPanelState, actions: PanelActions): TemplateResult {
  const [iconName, text] = STATUS[state.status];
  const elapsed = state.durationMs === undefined ? '' : ` in ${formatDuration(state.durationMs)}`;
  const spin = state.status === 'running' ? 'codicon-modifier-spin' : '';
  return html`
    <header class="top">
      <div class="titles">
        <h1>${state.title}</h1>
        <p class="sub">
          <span class="status status-${state.status}">${icon(iconName, spin)}<span>${text}${elapsed}</span></span>
          ${state.report === null ? nothing : html`<span class="root" title=${state.report.root}>${state.report.source}</span>`}
        </p>
      </div>
      <div class="buttons">
        ${
          state.status === 'running'
            ? html`<vscode-button secondary @click=${actions.cancel}>Cancel</vscode-button>`
            : html`<vscode-button @click=${actions.rerun}>Run Again</vscode-button>`
        }
      </div>
    </header>
  `;
}

export function banners(state: ReviewPanelState): Html {
  const { report, error } = state;
  const incomplete = report !== null && !report.complete;
  return html`
    ${error === undefined ? nothing : html`<div class="banner banner-error" role="alert">${icon('error')}<div>${error}</div></div>`}
    ${incomplete ? incompleteBanner(report.problems) : nothing}
    ${report === null ? nothing : notes('Not looked at', blindSpots(report.blind))}
    ${report === null ? nothing : notes('Left out on purpose', report.notes ?? [])}
  `;
}

/** There for whoever wonders, and no reason to worry. */
function notes(title: string, list: readonly string[]): Html {
  if (list.length === 0) return nothing;
  return html`
    <details class="notes">
      <summary>${icon('chevron-right', 'twistie')}${title}: ${list.length === 1 ? '1 note' : `${formatCount(list.length)} notes`}</summary>
      <ul>${list.slice(0, NOTE_ROWS).map((note) => html`<li>${note}</li>`)}</ul>
      ${list.length > NOTE_ROWS ? html`<p>and ${formatCount(list.length - NOTE_ROWS)} more</p>` : nothing}
    </details>
  `;
}

function incompleteBanner(problems: readonly string[]): TemplateResult {
  return html`
    <div class="banner banner-warning" role="status">
      ${icon('warning')}
      <div>
        <strong>This review is incomplete.</strong> What is below was found; this could not be looked at:
        <ul>
          ${problems.slice(0, 8).map((problem) => html`<li>${problem}</li>`)}
          ${problems.length > 8 ? html`<li>and ${problems.length - 8} more, listed in the log</li>` : nothing}
        </ul>
      </div>
    </div>
  `;
}
