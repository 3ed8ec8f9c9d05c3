/** The figures at the top of a finished review. */
import { html, type TemplateResult } from 'lit';
import type { ReviewPanelState } from '../../../contracts/review-panel.ts';
import type { ReviewReport } from '../../../contracts/review.ts';
import { countBySeverity, formatCount, formatDuration, SEVERITY_LABELS, WORST_FIRST } from '../findings-model.ts';
import { severityIcon } from './widgets.ts';

export function summary(report: ReviewReport, state: ReviewPanelState): TemplateResult {
  const counts = countBySeverity(report.findings);
  const { files, lines, languages } = report.metrics;
  return html`
    <section class="summary" aria-label="Summary">
      <dl class="figures severities">
        ${WORST_FIRST.map(
          (severity) => html`
            <div class="figure ${counts[severity] === 0 ? 'zero' : ''}">
              <dt>${severityIcon(severity)}${SEVERITY_LABELS[severity]}</dt>
              <dd>${formatCount(counts[severity])}</dd>
            </div>
          `,
        )}
      </dl>
      <dl class="figures">
        ${figure('Files', formatCount(files))} ${figure('Lines', formatCount(lines))}
        ${figure('Languages', String(Object.keys(languages).length))}
        ${figure('Duration', state.durationMs === undefined ? '–' : formatDuration(state.durationMs))}
      </dl>
    </section>
  `;
}

function figure(label: string, value: string): TemplateResult {
  return html`<div class="figure"><dt>${label}</dt><dd>${value}</dd></div>`;
}
