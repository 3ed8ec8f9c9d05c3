/** The review panel: shows the state that the host sends, and keeps what the person chose to see of it. */
import { html, LitElement, type TemplateResult } from 'lit';
import type { ReviewPanelState } from '../../contracts/review-panel.ts';
import type { ReviewReport } from '../../contracts/review.ts';
import type { PanelActions } from './actions.ts';
import { actionItems, recommendations } from './parts/advice.ts';
import { findings } from './parts/findings.ts';
import { banners, header } from './parts/header.ts';
import { dependencies, documentation } from './parts/inventory.ts';
import { metrics } from './parts/metrics.ts';
import { missingNote } from './parts/missing.ts';
import { liveSteps, steps } from './parts/steps.ts';
import { summary } from './parts/summary.ts';
import { tabs } from './parts/tabs.ts';
import { missingPart } from './report-model.ts';
import { INITIAL_VIEW, ROWS, type ViewState } from './view-state.ts';

/** What the panel needs from outside: a way to the host, and a memory. */
export interface PanelHost extends Omit<PanelActions, 'change'> {
  readonly remember: (view: ViewState) => void;
}

export class ReviewPanel extends LitElement {
  #state: ReviewPanelState | undefined;
  #view: ViewState = INITIAL_VIEW;
  #host: PanelHost | undefined;

  /** Rendered into the page itself, so that its one style sheet applies. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  connect(host: PanelHost, view: ViewState): void {
    this.#host = host;
    this.#view = view;
    this.requestUpdate();
  }

  show(state: ReviewPanelState): void {
    this.#state = state;
    if (this.#view.runId !== state.runId) this.#change({ runId: state.runId });
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const state = this.#state;
    const host = this.#host;
    if (state === undefined || host === undefined) return html`<p class="loading" role="status">Loading the review</p>`;
    const actions: PanelActions = { ...host, change: (view) => this.#change(view) };
    return html`<main>
      ${header(state, actions)} ${banners(state)}
      ${state.report === null ? liveSteps(state) : html`${summary(state.report, state)}${tabs(state.report, this.#view.tab, this.#tab(state, state.report, actions), actions)}`}
    </main>`;
  }

  #tab(state: ReviewPanelState, report: ReviewReport, actions: PanelActions): TemplateResult {
    const view = this.#view;
    const missing = missingPart(view.tab, report);
    if (missing !== undefined) return missingNote(missing);
    switch (view.tab) {
      case 'findings':
        return findings(report, view, actions);
      case 'actions':
        return actionItems(report, view, actions);
      case 'recommendations':
        return recommendations(report, view, actions);
      case 'metrics':
        return metrics(report, view, actions);
      case 'dependencies':
        return dependencies(report, view, actions);
      case 'documentation':
        return documentation(report, actions);
      case 'steps':
        return steps(state.steps);
    }
  }

  #change(change: Partial<ViewState>): void {
    const rows = change.tab === undefined ? {} : { rows: ROWS };
    this.#view = { ...this.#view, ...rows, ...change };
    this.#host?.remember(this.#view);
    this.requestUpdate();
  }
}
