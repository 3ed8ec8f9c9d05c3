/** The review report as one HTML file: no scripts, nothing loaded, readable in light and dark. Pure. */
import { blindSpots, type Finding, type ReviewReport, SEVERITIES, type Severity } from '../../contracts/index.ts';
import { STYLE, STYLE_DIGEST } from './html-style.ts';
import { comparisons, counted, documentedShare, duration, plural } from './wording.ts';

/** Markup that is safe as it is; everything else goes through `escaped`. */
type Markup = { readonly markup: string };

const LISTED_FUNCTIONS = 25;
const LISTED_DEPENDENCIES = 500;
/** The longest text of somebody else's that a report repeats, in characters. */
const MAX_TEXT = 2_000;

export function reviewHtml(report: ReviewReport): string {
  const title = `Review of ${report.source}`;
  const sections = [
    head(report, title),
    list('What could not be done', report.problems),
    actionItems(report),
    recommendations(report),
    findings(report),
    suppressed(report),
    fixed(report),
    metrics(report),
    dependencies(report),
    documentation(report),
    list('Not looked at', blindSpots(report.blind)),
    list('Left out on purpose', report.notes ?? []),
    steps(report),
  ];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${`default-src 'none'; style-src 'sha256-${STYLE_DIGEST}'; base-uri 'none'; form-action 'none'`}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main>
${sections}
</main>
</body>
</html>
`.markup;
}

function head(report: ReviewReport, title: string): Markup {
  const floor = report.severity === undefined ? 0 : SEVERITIES.indexOf(report.severity);
  const asked = SEVERITIES.slice(floor).reverse();
  const counts = asked.map(
    (severity) => html`<li class="${severity}"><strong>${String(count(report, severity))}</strong> ${severity}</li>`,
  );
  const leftOut = floor === 0 ? html`` : html`<p>Findings below ${SEVERITIES[floor] ?? ''} are left out.</p>`;
  const state = report.complete
    ? html``
    : html`<p class="incomplete" role="status">This review is incomplete. What is missing stands below.</p>`;
  return html`<header>
<h1>${title}</h1>
<p>${counted(report)}</p>
<ul class="counts">${counts}</ul>
${leftOut}
${comparisons(report).map((text) => html`<p>${text}</p>`)}
${state}
</header>`;
}

function count(report: ReviewReport, severity: Severity): number {
  return report.findings.filter((finding) => finding.severity === severity).length;
}

function list(title: string, texts: readonly string[]): Markup {
  if (texts.length === 0) return html``;
  return section(title, html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`);
}

function section(title: string, content: Markup): Markup {
  return html`<section><h2>${title}</h2>${content}</section>`;
}

function actionItems({ actionItems: items }: ReviewReport): Markup {
  if (items.length === 0) return html``;
  const rows = items.map(
    (item) =>
      html`<li><strong>${item.title}</strong> ${badge(item.severity)} <span class="muted">${item.effort} effort, ${place(item.file, item.line)}</span><p>${item.reason}</p></li>`,
  );
  return section('Action items', html`<ol>${rows}</ol>`);
}

function recommendations({ recommendations: items }: ReviewReport): Markup {
  if (items.length === 0) return html``;
  const rows = items.map((item) => {
    const places = item.places.slice(0, 5).map(({ file, line }) => html`<li>${place(file, line)}</li>`);
    return html`<li><strong>${item.title}</strong> ${badge(item.severity)} <span class="muted">${plural(item.findings, 'finding')} in ${plural(item.reach, 'file')}</span><p>${[item.reason, item.help ?? ''].join(' ').trim()}</p><ul class="places">${places}</ul></li>`;
  });
  return section('Recommendations', html`<ul class="plain">${rows}</ul>`);
}

function findings(report: ReviewReport): Markup {
  if (report.findings.length === 0)
    return section('Findings', html`<p>None at or above the severity that was asked for.</p>`);
  const groups = [...SEVERITIES].reverse().map((severity) => {
    const group = report.findings.filter((finding) => finding.severity === severity);
    if (group.length === 0) return html``;
    const open = severity === 'low' ? html`` : html` open`;
    return html`<details${open}><summary><h3>${severity} <span class="muted">${String(group.length)}</span></h3></summary><ul class="findings">${group.map(finding)}</ul></details>`;
  });
  return section('Findings', html`${groups}`);
}

function finding(one: Finding): Markup {
  const help = one.help === undefined ? html`` : html`<p class="help">${one.help}</p>`;
  const state = one.state === 'known' ? html` <span class="badge">known</span>` : html``;
  return html`<li class="${one.severity}"><p>${place(one.file, one.startLine)}${state} <span class="muted">${[one.ruleId, ...(one.alsoFrom ?? []), one.cwe].filter((part) => part !== undefined).join(', ')}</span></p><p>${one.message}</p>${help}</li>`;
}

function suppressed({ suppressed: ones = [] }: ReviewReport): Markup {
  if (ones.length === 0) return html``;
  const rows = ones.map(
    (one) =>
      html`<li>${badge(one.severity)} ${place(one.file, one.startLine)} <span class="muted">${one.ruleId}</span><p>${one.message}</p><p class="help">${one.suppression?.reason || 'No reason is given.'}</p></li>`,
  );
  return section('Suppressed by comments', html`<ul class="findings">${rows}</ul>`);
}

function fixed({ baseline }: ReviewReport): Markup {
  if (baseline === undefined || baseline.fixed.length === 0) return html``;
  const rows = baseline.fixed.map(
    ({ ruleId, file }) => html`<li><code>${file}</code> <span class="muted">${ruleId}</span></li>`,
  );
  return section('No longer found', html`<ul>${rows}</ul>`);
}

function metrics(report: ReviewReport): Markup {
  const { functions, languages } = report.metrics;
  const sizes = Object.entries(languages)
    .sort(([nameA, a], [nameB, b]) => b.lines - a.lines || (nameA < nameB ? -1 : 1))
    .map(([name, { files, lines }]) => [
      html`${name}`,
      number(files),
      number(lines),
      html`${documentedShare(report, name)}`,
    ]);
  const complex = [...functions]
    .sort((a, b) => b.cyclomatic - a.cyclomatic || (a.file < b.file ? -1 : 1) || a.startLine - b.startLine)
    .slice(0, LISTED_FUNCTIONS)
    .map((fn) => [
      html`<code>${fn.name}</code>`,
      place(fn.file, fn.startLine),
      number(fn.cyclomatic),
      fn.cognitive === undefined ? html`` : number(fn.cognitive),
      number(fn.parameters),
      number(fn.lines),
    ]);
  return html`${sizes.length === 0 ? html`` : section('Metrics', table(['Language', 'Files', 'Lines', 'Public functions described'], sizes))}${
    complex.length === 0
      ? html``
      : section(
          'Most complex functions',
          table(['Function', 'Place', 'Cyclomatic', 'Cognitive', 'Parameters', 'Lines'], complex),
        )
  }`;
}

function dependencies({ dependencies: entries }: ReviewReport): Markup {
  if (entries.length === 0) return html``;
  const troubled = entries.filter((entry) => entry.problems.length > 0);
  const rows = troubled
    .slice(0, LISTED_DEPENDENCIES)
    .map((entry) => [
      html`${entry.name}`,
      html`${entry.requirement ?? entry.version}`,
      html`${entry.ecosystem}`,
      html`<code>${entry.file}</code>`,
      html`${entry.problems.join('; ')}`,
    ]);
  const told = html`<p>${plural(entries.length, 'package')}, ${String(troubled.length)} with something to look at.</p>`;
  const listed = rows.length === 0 ? html`` : table(['Package', 'Version', 'Ecosystem', 'File', 'Problem'], rows);
  return section('Dependencies', html`${told}${listed}`);
}

function documentation({ documentation: docs }: ReviewReport): Markup {
  if (docs === null) return html``;
  const { readme, links, files } = docs;
  const missing = readme.missing.length > 0 ? `; missing: ${readme.missing.join(', ')}` : '';
  const found =
    readme.file === null
      ? 'There is no README.'
      : `${readme.file} is ${Math.round(readme.completeness * 100)} % complete${missing}.`;
  const told = `${plural(files, 'document')}, ${plural(links.checked, 'relative link')}, ${links.dead} dead.`;
  return section('Documentation', html`<p>${found}</p><p>${told}</p>`);
}

function steps(report: ReviewReport): Markup {
  const rows = report.steps.map((step) => [
    html`${step.id}`,
    html`${step.status}`,
    html`${duration(step.durationMs)}`,
    html`${step.server === undefined ? '' : `${step.server}.${step.tool ?? ''}`}`,
  ]);
  return section('Steps', table(['Step', 'Status', 'Time', 'Tool'], rows));
}

function table(heads: readonly string[], rows: readonly (readonly Markup[])[]): Markup {
  const body = rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`);
  const cells = heads.map((name) => html`<th scope="col">${name}</th>`);
  return html`<div class="scroll" tabindex="0"><table><thead><tr>${cells}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function badge(severity: Severity): Markup {
  return html`<span class="badge ${severity}">${severity}</span>`;
}

function place(file: string, line: number): Markup {
  return html`<code>${file}:${String(line)}</code>`;
}

function number(value: number): Markup {
  return html`${value.toLocaleString('en-US')}`;
}

/** Only markup made here stays markup. */
function html(texts: TemplateStringsArray, ...values: readonly (string | Markup | readonly Markup[])[]): Markup {
  return { markup: texts.map((text, at) => text + rendered(values[at] ?? '')).join('') };
}

function rendered(value: string | Markup | readonly Markup[]): string {
  if (typeof value === 'string') return escaped(value);
  return 'markup' in value ? value.markup : value.map((one) => one.markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text of a repository or a server: one line, without controls and without what turns the direction of writing. */
function escaped(untrusted: string): string {
  const line = untrusted
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .toWellFormed();
  const short = line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line;
  return short.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
