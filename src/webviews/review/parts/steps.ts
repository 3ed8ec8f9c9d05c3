/** The steps of the run: what is going on while it runs, and what each one took afterwards. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ReviewPanelState } from '../../../contracts/review-panel.ts';
import { formatDuration } from '../findings-model.ts';
import { icon } from './widgets.ts';

type Step = ReviewPanelState['steps'][number];

const STEP_STATUS: Readonly<Record<Step['status'], readonly [icon: string, text: string]>> = {
  pending: ['circle-outline', 'Waiting'],
  running: ['loading', 'Running'],
  succeeded: ['pass', 'Done'],
  failed: ['error', 'Failed'],
  skipped: ['debug-step-over', 'Skipped'],
  cancelled: ['circle-slash', 'Cancelled'],
};

export function steps(list: readonly Step[]): TemplateResult {
  return html`<ol class="steps">${list.map(stepRow)}</ol>`;
}

/** While it runs: the steps, and how far it is, said politely to screen readers. */
export function liveSteps(state: ReviewPanelState): TemplateResult {
  const done = state.steps.filter((step) => step.status !== 'pending' && step.status !== 'running').length;
  const waitsForReport = state.status !== 'running';
  return html`
    <section aria-label="Progress" class="progress">
      <vscode-progress-bar aria-label="Progress of the review" .value=${done} .max=${Math.max(state.steps.length, 1)} ?indeterminate=${done === 0}></vscode-progress-bar>
      <p role="status" class="muted">${waitsForReport ? 'Preparing the report' : `${done} of ${state.steps.length} steps done`}</p>
      ${steps(state.steps)}
    </section>
  `;
}

function stepRow(step: Step): TemplateResult {
  const [iconName, text] = STEP_STATUS[step.status];
  const detail = step.error ?? step.progress;
  return html`
    <li class="step step-${step.status}">
      ${icon(iconName, step.status === 'running' ? 'codicon-modifier-spin' : '')}
      <span class="step-label">${step.label}</span>
      <span class="step-status muted">${text}${step.durationMs === undefined ? '' : ` · ${formatDuration(step.durationMs)}`}</span>
      ${detail === undefined ? nothing : html`<span class="step-detail ${step.status === 'failed' ? 'error-text' : 'muted'}">${detail}</span>`}
    </li>
  `;
}
