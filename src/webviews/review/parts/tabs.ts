/** The tabs: a WAI-ARIA tab list that wraps at narrow widths; arrow keys move, and the panel follows. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ReviewReport } from '../../../contracts/review.ts';
import type { PanelActions } from '../actions.ts';
import { formatCount } from '../findings-model.ts';
import { missingPart } from '../report-model.ts';
import { type TabId, TABS } from '../view-state.ts';
import { missingWord } from './missing.ts';
import type { Html } from './widgets.ts';

const LABELS: Readonly<Record<TabId, string>> = {
  findings: 'Findings',
  actions: 'Action Items',
  recommendations: 'Recommendations',
  metrics: 'Metrics',
  dependencies: 'Dependencies',
  documentation: 'Documentation',
  steps: 'Steps',
};

export function tabs(
  report: ReviewReport,
  active: TabId,
  content: TemplateResult,
  actions: PanelActions,
): TemplateResult {
  return html`
    <div class="tabs" role="tablist" aria-label="Parts of the report" @keydown=${(event: KeyboardEvent) => onKey(event, active, actions)}>
      ${TABS.map((tab) => tabButton(tab, badge(tab, report), tab === active, actions))}
    </div>
    <div class="tab-panel" role="tabpanel" id="tab-panel" aria-labelledby="tab-${active}" tabindex="-1">${content}</div>
  `;
}

function tabButton(tab: TabId, mark: Html, selected: boolean, actions: PanelActions): TemplateResult {
  return html`
    <button type="button" class="tab" role="tab" id="tab-${tab}" aria-selected=${selected ? 'true' : 'false'} aria-controls="tab-panel"
      tabindex=${selected ? 0 : -1} @click=${() => actions.change({ tab })}
    >${LABELS[tab]}${mark}</button>
  `;
}

/** A number only where something was counted. */
function badge(tab: TabId, report: ReviewReport): Html {
  const missing = missingPart(tab, report);
  if (missing !== undefined) return missingWord(missing);
  const count = countOf(tab, report);
  return count === undefined ? nothing : html`<span class="tab-count">${formatCount(count)}</span>`;
}

function countOf(tab: TabId, report: ReviewReport): number | undefined {
  if (tab === 'findings') return report.findings.length;
  if (tab === 'actions') return report.actionItems.length;
  if (tab === 'recommendations') return report.recommendations.length;
  return tab === 'dependencies' ? report.dependencies.length : undefined;
}

function onKey(event: KeyboardEvent, active: TabId, actions: PanelActions): void {
  const at = TABS.indexOf(active);
  const moves: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: TABS.length - 1,
  };
  const to = moves[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const tab = TABS[(to + TABS.length) % TABS.length] ?? active;
  actions.change({ tab });
  const list = event.currentTarget;
  if (list instanceof HTMLElement) list.querySelector<HTMLElement>(`#tab-${tab}`)?.focus();
}
