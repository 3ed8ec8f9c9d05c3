/** The *Metrics* tab: languages by lines, and the most complex functions in a table that can be sorted. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import type { FunctionMetric, ReviewReport } from '../../../contracts/review.ts';
import type { PanelActions } from '../actions.ts';
import { formatCount, sortFunctions } from '../findings-model.ts';
import { FUNCTION_COLUMNS, type FunctionColumn, type ViewState } from '../view-state.ts';
import { empty, type Html, icon, placeLink } from './widgets.ts';

/** Functions in the table. */
const FUNCTION_ROWS = 100;
/** Files named of those that did not parse whole. */
const PARTIAL_ROWS = 50;

const COLUMN_LABELS: Readonly<Record<FunctionColumn, string>> = {
  name: 'Function',
  file: 'Place',
  cyclomatic: 'Complexity',
  lines: 'Lines',
  parameters: 'Parameters',
  nesting: 'Nesting',
};

export function metrics(report: ReviewReport, view: ViewState, actions: PanelActions): TemplateResult {
  const { languages, functions } = report.metrics;
  const byLines = Object.entries(languages).sort(([, a], [, b]) => b.lines - a.lines);
  if (byLines.length === 0 && functions.length === 0) return empty('There are no metrics in this report.');
  return html`
    <h2 class="part">Languages</h2>
    ${languageTable(byLines)}
    <h2 class="part">Most complex functions</h2>
    ${functions.length === 0 ? empty('No function was measured.') : functionTable(functions, view, actions)}
    ${partialFiles(report.partial ?? [], actions)}
  `;
}

function partialFiles(files: readonly string[], actions: PanelActions): Html {
  if (files.length === 0) return nothing;
  return html`
    <h2 class="part">Files that did not parse whole</h2>
    <p class="muted">They were analysed; some of their functions may be missing above.</p>
    <ul class="partial">${files.slice(0, PARTIAL_ROWS).map((file) => html`<li>${placeLink(file, undefined, actions)}</li>`)}</ul>
    ${files.length > PARTIAL_ROWS ? html`<p class="muted">and ${formatCount(files.length - PARTIAL_ROWS)} more</p>` : nothing}
  `;
}

function languageTable(
  languages: readonly (readonly [string, { readonly files: number; readonly lines: number }])[],
): TemplateResult {
  const total = languages.reduce((sum, [, { lines }]) => sum + lines, 0);
  return html`
    <div class="table-box" tabindex="0" role="region" aria-label="Languages">
      <table>
        <thead><tr><th scope="col">Language</th><th scope="col" class="number">Files</th><th scope="col" class="number">Lines</th><th scope="col">Share of lines</th></tr></thead>
        <tbody>
          ${languages.map(([name, { files, lines }]) => {
            const share = total === 0 ? 0 : (lines / total) * 100;
            return html`<tr><td>${languageName(name)}</td><td class="number">${formatCount(files)}</td><td class="number">${formatCount(lines)}</td><td><span class="share">${bar(share)}<span>${share.toFixed(share < 10 ? 1 : 0)} %</span></span></td></tr>`;
          })}
        </tbody>
      </table>
    </div>
  `;
}

/** Names that are no plain words: `typescript` is `TypeScript`, not `Typescript`. */
const LANGUAGE_NAMES: Readonly<Record<string, string>> = {
  javascript: 'JavaScript',
  typescript: 'TypeScript',
  cpp: 'C++',
  csharp: 'C#',
  php: 'PHP',
  ocaml: 'OCaml',
  powershell: 'PowerShell',
  'objective-c': 'Objective-C',
};

/** Short ones are abbreviations (`json`, `css`); the rest begins with a capital letter. */
function languageName(id: string): string {
  const known = LANGUAGE_NAMES[id];
  if (known !== undefined) return known;
  const isAbbreviation = /^(?:json|yaml|toml|html|scss|css|xml|sql|svg|ini|tsx|jsx|ejs|r|c)$/u.test(id);
  return isAbbreviation ? id.toUpperCase() : id.charAt(0).toUpperCase() + id.slice(1);
}

function bar(share: number): TemplateResult {
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">${svg`<rect class="bar-back" width="100" height="8"></rect><rect class="bar-fill" width=${share} height="8"></rect>`}</svg>`;
}

function functionTable(functions: readonly FunctionMetric[], view: ViewState, actions: PanelActions): TemplateResult {
  const sorted = sortFunctions(functions, view.sort).slice(0, FUNCTION_ROWS);
  return html`
    <div class="table-box" tabindex="0" role="region" aria-label="Most complex functions">
      <table>
        <thead><tr>${FUNCTION_COLUMNS.map((column) => columnHead(column, view, actions))}</tr></thead>
        <tbody>
          ${sorted.map(
            (each) => html`
              <tr>
                <td class="name">${each.name}</td>
                <td>${placeLink(each.file, each.startLine, actions)}</td>
                <td class="number">${each.cyclomatic}</td>
                <td class="number">${each.lines}</td>
                <td class="number">${each.parameters}</td>
                <td class="number">${each.nesting}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function columnHead(column: FunctionColumn, { sort }: ViewState, actions: PanelActions): TemplateResult {
  const active = sort.column === column;
  const isText = column === 'name' || column === 'file';
  const direction = sort.ascending ? 'ascending' : 'descending';
  const click = (): void => actions.change({ sort: { column, ascending: active ? !sort.ascending : isText } });
  return html`
    <th scope="col" class=${isText ? '' : 'number'} aria-sort=${active ? direction : 'none'}>
      <button type="button" class="sort" @click=${click}>${COLUMN_LABELS[column]}${icon(active ? (sort.ascending ? 'arrow-up' : 'arrow-down') : 'blank')}</button>
    </th>
  `;
}
