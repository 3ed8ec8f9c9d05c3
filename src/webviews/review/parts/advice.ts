/** The *Action Items* and *Recommendations* tabs: what to do first, and why. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ActionItem, Recommendation, ReviewReport } from '../../../contracts/review.ts';
import type { PanelActions } from '../actions.ts';
import { formatCount, KIND_LABELS } from '../findings-model.ts';
import { ROWS, type ViewState } from '../view-state.ts';
import { empty, placeLink, prose, severityLabel, showMore } from './widgets.ts';

export function actionItems(report: ReviewReport, view: ViewState, actions: PanelActions): TemplateResult {
  const items = report.actionItems;
  if (items.length === 0) return empty('There is nothing to do.', 'pass');
  return html`
    <ol class="rows">${items.slice(0, view.rows).map((item) => actionRow(item, actions))}</ol>
    ${showMore(items.length - view.rows, () => actions.change({ rows: view.rows + ROWS }))}
  `;
}

function actionRow(item: ActionItem, actions: PanelActions): TemplateResult {
  return html`
    <li class="row">
      <div class="rank"><span class="number">${item.priority}</span>${severityLabel(item.severity)}</div>
      <div class="what">
        <p class="message">${prose(item.title)}</p>
        <p class="help">${prose(item.reason)}</p>
        <p class="meta"><span>${item.effort} effort</span></p>
      </div>
      <div class="where">${placeLink(item.file, item.line, actions)}</div>
    </li>
  `;
}

export function recommendations(report: ReviewReport, view: ViewState, actions: PanelActions): TemplateResult {
  const items = report.recommendations;
  if (items.length === 0) return empty('There is nothing to recommend.', 'pass');
  return html`
    <ol class="rows">${items.slice(0, view.rows).map((item) => recommendationRow(item, actions))}</ol>
    ${showMore(items.length - view.rows, () => actions.change({ rows: view.rows + ROWS }))}
  `;
}

function recommendationRow(item: Recommendation, actions: PanelActions): TemplateResult {
  const findings = item.findings === 1 ? '1 finding' : `${formatCount(item.findings)} findings`;
  const files = item.reach === 1 ? '1 file' : `${formatCount(item.reach)} files`;
  return html`
    <li class="row">
      ${severityLabel(item.severity)}
      <div class="what">
        <p class="message">${prose(item.title)}</p>
        <p class="help">${prose(item.reason)}${item.help === undefined ? nothing : html` ${prose(item.help)}`}</p>
        <p class="meta"><span>${KIND_LABELS[item.kind]}</span><span>${findings} in ${files}</span>${item.ruleIds.map((rule) => html`<code>${rule}</code>`)}</p>
      </div>
      <div class="where many">
        ${item.places.slice(0, 3).map(({ file, line }) => placeLink(file, line, actions))}
        ${item.places.length > 3 ? html`<span class="muted">and ${item.places.length - 3} more</span>` : nothing}
      </div>
    </li>
  `;
}
