/** The figures at the top of a finished review. */
import { html, type TemplateResult } from 'lit';
import type { ReviewPanelState } from '../../../contracts/review-panel.ts';
import type { ReviewReport, Severity } from '../../../contracts/review.ts';
import { countBySeverity, formatCount, formatDuration, SEVERITY_LABELS, WORST_FIRST } from '../findings-model.ts';
import { isLeftOut, missingPart } from '../report-model.ts';
import { severityIcon } from './widgets.ts';

export function summary(report: ReviewReport, state: ReviewPanelState): TemplateResult {
  const counts = countBySeverity(report.findings);
  const { files, lines, languages } = report.metrics;
  return html`
    <section class="summary" aria-label="Summary">
      <dl class="figures severities">
        ${WORST_FIRST.map((severity) => severityFigure(severity, counts[severity], report))}
      </dl>
      <dl class="figures">
        ${figure('Files', formatCount(files))} ${figure('Lines', formatCount(lines))}
        ${figure('Languages', String(Object.keys(languages).length))}
        ${figure('Duration', state.durationMs === undefined ? '–' : formatDuration(state.durationMs))}
      </dl>
    </section>
  `;
}

function severityFigure(severity: Severity, count: number, report: ReviewReport): TemplateResult {
  const dim = count === 0 ? 'zero' : '';
  return html`<div class="figure ${dim}"><dt>${severityIcon(severity)}${SEVERITY_LABELS[severity]}</dt>${severityCount(severity, count, report)}</div>`;
}

/** A number only where it was counted. */
function severityCount(severity: Severity, count: number, report: ReviewReport): TemplateResult {
  const missing = missingPart('findings', report);
  if (missing !== undefined) return html`<dd class="left-out">${missing}</dd>`;
  if (count === 0 && isLeftOut(severity, report))
    return html`<dd class="left-out" title="Findings of this severity were left out of this review">left out</dd>`;
  return html`<dd>${formatCount(count)}</dd>`;
}

function figure(label: string, value: string): TemplateResult {
  return html`<div class="figure"><dt>${label}</dt><dd>${value}</dd></div>`;
}
