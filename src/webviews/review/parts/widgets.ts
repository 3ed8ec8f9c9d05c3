/** The small pieces that every part of the panel is made of. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Severity } from '../../../contracts/review.ts';
import type { PanelActions } from '../actions.ts';
import { SEVERITY_LABELS } from '../findings-model.ts';

export type Html = TemplateResult | typeof nothing;

/** A codicon that only decorates the words beside it. */
export function icon(name: string, extra = ''): TemplateResult {
  return html`<span class="codicon codicon-${name} ${extra}" aria-hidden="true"></span>`;
}

const SEVERITY_ICONS: Readonly<Record<Severity, string>> = {
  critical: 'flame',
  high: 'error',
  medium: 'warning',
  low: 'info',
};

export function severityIcon(severity: Severity): TemplateResult {
  return icon(SEVERITY_ICONS[severity], `severity-${severity}`);
}

export function severityLabel(severity: Severity): TemplateResult {
  return html`<span class="severity">${severityIcon(severity)}<span>${SEVERITY_LABELS[severity]}</span></span>`;
}

/** `src/a.ts:12`, opening the editor there; without a line, the file as a whole. */
export function placeLink(file: string, line: number | undefined, actions: PanelActions): TemplateResult {
  const open = (event: Event): void => {
    event.preventDefault();
    actions.open(file, line ?? 1);
  };
  const title = line === undefined ? `Open ${file}` : `Open ${file} at line ${line}`;
  return html`<a class="place" href="#" title=${title} @click=${open}>${breakable(file)}${line === undefined ? nothing : `:${line}`}</a>`;
}

/** A path that may break after its slashes, not within its names. */
function breakable(file: string): TemplateResult {
  const parts = file.split('/');
  return html`${parts.map((part, index) => (index < parts.length - 1 ? html`${part}/<wbr />` : part))}`;
}

export function cweLink(cwe: string | undefined): Html {
  if (cwe === undefined) return nothing;
  const id = /^CWE-(\d+)$/u.exec(cwe)?.[1];
  return id === undefined
    ? html`<span>${cwe}</span>`
    : html`<a href="https://cwe.mitre.org/data/definitions/${id}.html">${cwe}</a>`;
}

/** A sentence in which `code` stands between backticks; everything stays text. */
export function prose(text: string): TemplateResult {
  const parts = text.split('`');
  // An odd number of backticks means that they are no quotes here.
  if (parts.length % 2 === 0) return html`${text}`;
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

export function empty(text: string, iconName = 'info'): TemplateResult {
  return html`<p class="empty">${icon(iconName)}<span>${text}</span></p>`;
}

export function showMore(left: number, more: () => void): Html {
  if (left <= 0) return nothing;
  return html`<div class="more"><vscode-button secondary @click=${more}>Show more (${left.toLocaleString('en-US')} left)</vscode-button></div>`;
}
