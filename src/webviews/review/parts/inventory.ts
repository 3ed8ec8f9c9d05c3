/** The *Dependencies* and *Documentation* tabs. */
import { html, nothing, type TemplateResult } from 'lit';
import type { DependencyEntry, ReviewReport } from '../../../contracts/review.ts';
import type { PanelActions } from '../actions.ts';
import { formatCount } from '../findings-model.ts';
import { ROWS, type ViewState } from '../view-state.ts';
import { empty, icon, placeLink, showMore } from './widgets.ts';

export function dependencies(report: ReviewReport, view: ViewState, actions: PanelActions): TemplateResult {
  // Those with problems first; the order is the report's otherwise.
  const entries = [...report.dependencies].sort(
    (a, b) => Number(b.problems.length > 0) - Number(a.problems.length > 0),
  );
  if (entries.length === 0) return empty('No dependencies were found.');
  return html`
    <div class="table-box" tabindex="0" role="region" aria-label="Dependencies">
      <table>
        <thead>
          <tr><th scope="col">Package</th><th scope="col">Version</th><th scope="col">Ecosystem</th><th scope="col">Problems</th><th scope="col">Declared in</th></tr>
        </thead>
        <tbody>${entries.slice(0, view.rows).map((entry) => dependencyRow(entry, actions))}</tbody>
      </table>
    </div>
    ${showMore(entries.length - view.rows, () => actions.change({ rows: view.rows + ROWS }))}
  `;
}

function dependencyRow(entry: DependencyEntry, actions: PanelActions): TemplateResult {
  return html`
    <tr>
      <td class="name">${entry.name}</td>
      <td class="name">${entry.requirement ?? entry.version}</td>
      <td>${entry.ecosystem}</td>
      <td>${entry.problems.length === 0 ? html`<span class="muted">none</span>` : html`<span class="warned">${icon('warning', 'severity-medium')}<span>${entry.problems.join(', ')}</span></span>`}</td>
      <td>${placeLink(entry.file, undefined, actions)}</td>
    </tr>
  `;
}

export function documentation(report: ReviewReport, actions: PanelActions): TemplateResult {
  const docs = report.documentation;
  if (docs === null) return empty('The documentation was not looked at.');
  const { readme, links } = docs;
  return html`
    <dl class="facts">
      <dt>README</dt>
      <dd>${readme.file === null ? html`<span class="warned">${icon('warning', 'severity-medium')}<span>there is none</span></span>` : html`${placeLink(readme.file, undefined, actions)}<span>${Math.round(readme.completeness * 100)} % of the expected parts</span>`}</dd>
      ${readme.present.length === 0 ? nothing : html`<dt>Present</dt><dd>${readme.present.map((part) => html`<span class="part-tag">${icon('check')}${part}</span>`)}</dd>`}
      ${readme.missing.length === 0 ? nothing : html`<dt>Missing</dt><dd>${readme.missing.map((part) => html`<span class="part-tag">${icon('close')}${part}</span>`)}</dd>`}
      <dt>Links</dt>
      <dd>${formatCount(links.checked)} checked, ${formatCount(links.dead)} dead</dd>
      <dt>Files</dt>
      <dd>${formatCount(docs.files)} documentation ${docs.files === 1 ? 'file' : 'files'}</dd>
    </dl>
  `;
}
