/** The *Findings* tab: filters, groups, and a row per finding. */
import { html, nothing, type TemplateResult } from 'lit';
import {
  FINDING_KINDS,
  type Finding,
  type FindingKind,
  type ReviewReport,
  type Severity,
} from '../../../contracts/review.ts';
import type { PanelActions } from '../actions.ts';
import {
  countBySeverity,
  filterFindings,
  type FindingGroup,
  formatCount,
  groupFindings,
  KIND_LABELS,
  limitGroups,
  SEVERITY_LABELS,
  WORST_FIRST,
} from '../findings-model.ts';
import { type Grouping, GROUPINGS, ROWS, type ViewState } from '../view-state.ts';
import { cweLink, empty, icon, placeLink, prose, severityIcon, severityLabel, showMore } from './widgets.ts';

const GROUPING_LABELS: Readonly<Record<Grouping, string>> = { severity: 'Severity', file: 'File', kind: 'Kind' };

export function findings(report: ReviewReport, view: ViewState, actions: PanelActions): TemplateResult {
  if (report.findings.length === 0) {
    return empty(
      report.complete
        ? `Nothing was found${report.severity === undefined ? '' : ' at or above the severity that was asked for'}.`
        : 'Nothing was found in what could be looked at.',
      report.complete ? 'pass' : 'info',
    );
  }
  const matching = filterFindings(report.findings, view);
  const { groups, left } = limitGroups(groupFindings(matching, view.grouping), view.collapsed, view.rows);
  return html`
    ${toolbar(report, view, actions)}
    <p class="muted count" role="status">
      ${matching.length === report.findings.length ? `${formatCount(matching.length)} findings` : `${formatCount(matching.length)} of ${formatCount(report.findings.length)} findings match`}
    </p>
    ${matching.length === 0 ? empty('No finding matches the filters.', 'filter') : nothing}
    ${groups.map((group) => section(group, view, actions))}
    ${showMore(left, () => actions.change({ rows: view.rows + ROWS }))}
  `;
}

function toolbar(report: ReviewReport, view: ViewState, actions: PanelActions): TemplateResult {
  const counts = countBySeverity(report.findings);
  const kinds = FINDING_KINDS.filter((kind) => report.findings.some((finding) => finding.kind === kind));
  return html`
    <div class="toolbar">
      <div class="chips" role="group" aria-label="Severities shown">
        ${WORST_FIRST.filter((severity) => counts[severity] > 0).map((severity) => chip(severity, counts[severity], view, actions))}
      </div>
      <vscode-textfield class="search" type="search" placeholder="Filter by text" .label=${'Filter findings by text'} .value=${view.text}
        @input=${(event: Event) => actions.change({ text: valueOf(event), rows: ROWS })}
      >${html`<span slot="content-before" class="codicon codicon-search" aria-hidden="true"></span>`}</vscode-textfield>
      ${select(
        'Kind',
        view.kind,
        [['all', 'All kinds'], ...kinds.map((kind) => [kind, KIND_LABELS[kind]] as const)],
        (value) => actions.change({ kind: value as FindingKind | 'all', rows: ROWS }),
      )}
      ${select(
        'Group by',
        view.grouping,
        GROUPINGS.map((grouping) => [grouping, GROUPING_LABELS[grouping]] as const),
        (value) => actions.change({ grouping: value as Grouping, collapsed: [], rows: ROWS }),
      )}
    </div>
  `;
}

function chip(severity: Severity, count: number, view: ViewState, actions: PanelActions): TemplateResult {
  const shown = !view.hidden.includes(severity);
  const toggle = (): void =>
    actions.change({
      hidden: shown ? [...view.hidden, severity] : view.hidden.filter((each) => each !== severity),
      rows: ROWS,
    });
  return html`<button type="button" class="chip" aria-pressed=${shown ? 'true' : 'false'} @click=${toggle}>${severityIcon(severity)}${SEVERITY_LABELS[severity]} <span class="chip-count">${formatCount(count)}</span></button>`;
}

function select(
  label: string,
  value: string,
  options: readonly (readonly [string, string])[],
  onChange: (value: string) => void,
): TemplateResult {
  return html`
    <label class="select"><span class="muted">${label}</span>
      <select .value=${value} @change=${(event: Event) => onChange(valueOf(event))}>
        ${options.map(([id, text]) => html`<option value=${id} ?selected=${id === value}>${text}</option>`)}
      </select>${icon('chevron-down', 'chevron')}
    </label>
  `;
}

function valueOf(event: Event): string {
  const { target } = event;
  return target !== null && 'value' in target && typeof target.value === 'string' ? target.value : '';
}

type ShownGroup = FindingGroup & { readonly total: number; readonly open: boolean };

function section(group: ShownGroup, view: ViewState, actions: PanelActions): TemplateResult {
  const toggle = (): void =>
    actions.change({
      collapsed: group.open ? [...view.collapsed, group.key] : view.collapsed.filter((key) => key !== group.key),
    });
  return html`
    <section class="group">
      <h2>
        <button type="button" class="group-title" aria-expanded=${group.open ? 'true' : 'false'} @click=${toggle}>
          ${icon(group.open ? 'chevron-down' : 'chevron-right')} ${groupLabel(group.key, view.grouping)}
          <span class="group-count">${formatCount(group.total)}</span>
        </button>
      </h2>
      ${group.open ? html`<ul class="rows">${group.findings.map((finding) => row(finding, view.grouping, actions))}</ul>` : nothing}
    </section>
  `;
}

function groupLabel(key: string, grouping: Grouping): TemplateResult {
  if (grouping === 'severity') return severityLabel(key as Severity);
  return html`<span class="group-name">${grouping === 'kind' ? KIND_LABELS[key as FindingKind] : key}</span>`;
}

function row(finding: Finding, grouping: Grouping, actions: PanelActions): TemplateResult {
  return html`
    <li class="row">
      ${severityLabel(finding.severity)}
      <div class="what">
        <p class="message">${prose(finding.message)}</p>
        ${finding.help === undefined ? nothing : html`<p class="help">${prose(finding.help)}</p>`}
        <p class="meta">
          ${grouping === 'kind' ? nothing : html`<span>${KIND_LABELS[finding.kind]}</span>`}
          <code>${finding.ruleId}</code>
          ${cweLink(finding.cwe)}
          <span>${finding.confidence} confidence</span>
        </p>
      </div>
      <div class="where">${placeLink(finding.file, finding.startLine, actions)}</div>
    </li>
  `;
}
