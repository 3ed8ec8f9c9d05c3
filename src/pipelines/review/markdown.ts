/** The review report as Markdown that reads well in a terminal and on a page. Pure. */
import {
  type ActionItem,
  blindSpots,
  type Finding,
  type ReviewReport,
  SEVERITIES,
  type Severity,
} from '../../contracts/index.ts';
import { comparisons, counted, documentedShare, duration, plural } from './wording.ts';

/** Findings listed in full; the rest are counted. */
const LISTED_FINDINGS = 50;
const LISTED_FUNCTIONS = 10;
/** Maintainability indexes below it are told of. */
const HARD_TO_MAINTAIN = 20;
const LISTED_DEPENDENCIES = 25;

export function reviewMarkdown(report: ReviewReport): string {
  const sections = [
    head(report),
    listing('What could not be done', report.problems),
    actionItems(report),
    recommendations(report),
    findings(report),
    suppressed(report),
    metrics(report),
    dependencies(report),
    documentation(report),
    listing('Not looked at', blindSpots(report.blind)),
    listing('Left out on purpose', report.notes ?? []),
    steps(report),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function head(report: ReviewReport): string {
  const floor = report.severity === undefined ? 0 : SEVERITIES.indexOf(report.severity);
  const asked = SEVERITIES.slice(floor).reverse();
  const counts = asked.map((severity) => `${count(report, severity)} ${severity}`).join(', ');
  const leftOut = floor === 0 ? '' : ` (below ${report.severity}: left out)`;
  return [
    `# Review of ${text(report.source)}`,
    '',
    counted(report),
    `**${plural(report.findings.length, 'finding')}**: ${counts}${leftOut}.`,
    ...comparisons(report).flatMap((told) => ['', text(told)]),
    ...(report.complete ? [] : ['', '**This review is incomplete.** What is missing stands below.']),
  ].join('\n');
}

function count(report: ReviewReport, severity: Severity): number {
  return report.findings.filter((finding) => finding.severity === severity).length;
}

function listing(title: string, sentences: readonly string[]): string {
  if (sentences.length === 0) return '';
  return [`## ${title}`, '', ...sentences.map((sentence) => `- ${text(sentence)}`)].join('\n');
}

function actionItems(report: ReviewReport): string {
  if (report.actionItems.length === 0) return '';
  const items = report.actionItems.map(
    (item) =>
      `${item.priority}. **${text(item.title)}** (${item.severity}, ${item.effort} effort)\n   ${told(item)}${text(item.reason)}`,
  );
  return ['## Action items', '', ...items].join('\n');
}

/** The place, unless the title names it already. */
function told({ title, file, line }: ActionItem): string {
  return title.includes(`${file}:${line}`) ? '' : `${place(file, line)} `;
}

function recommendations(report: ReviewReport): string {
  if (report.recommendations.length === 0) return '';
  const items = report.recommendations.map((item) => {
    const places = item.places.slice(0, 3).map(({ file, line }) => place(file, line));
    const more = item.findings - places.length;
    return `- **${text(item.title)}** (${item.severity}; ${plural(item.findings, 'finding')} in ${plural(item.reach, 'file')})\n  ${text([item.reason, item.help ?? ''].join(' '))}\n  ${places.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  });
  return ['## Recommendations', '', ...items].join('\n');
}

function findings(report: ReviewReport): string {
  if (report.findings.length === 0) return '## Findings\n\nNone at or above the severity that was asked for.';
  const lines: string[] = ['## Findings'];
  const listed = report.findings.slice(0, LISTED_FINDINGS);
  for (const severity of [...SEVERITIES].reverse()) {
    const group = listed.filter((finding) => finding.severity === severity);
    if (group.length > 0)
      lines.push(
        '',
        `### ${severity[0]?.toUpperCase()}${severity.slice(1)} (${count(report, severity)})`,
        '',
        ...group.map(findingLine),
      );
  }
  const rest = report.findings.length - listed.length;
  if (rest > 0) lines.push('', `${rest} more; \`--format json\` lists them all.`);
  return lines.join('\n');
}

function findingLine(finding: Finding): string {
  const cwe = finding.cwe === undefined ? '' : `, ${finding.cwe}`;
  const rules = [finding.ruleId, ...(finding.alsoFrom ?? [])].map(text).join(', ');
  return `- ${place(finding.file, finding.startLine)} ${text(finding.message)} [${rules}${cwe}]`;
}

function suppressed({ suppressed: ones = [] }: ReviewReport): string {
  if (ones.length === 0) return '';
  const items = ones.map((one) => {
    const reason = one.suppression?.reason ?? '';
    return `- ${place(one.file, one.startLine)} ${one.ruleId} (${one.severity}): ${reason === '' ? 'no reason is given' : text(reason)}`;
  });
  return ['## Suppressed by comments', '', ...items].join('\n');
}

function metrics(report: ReviewReport): string {
  const { functions, languages } = report.metrics;
  const lines = ['## Metrics', ''];
  const table = Object.entries(languages).sort(
    ([nameA, a], [nameB, b]) => b.lines - a.lines || (nameA < nameB ? -1 : 1),
  );
  if (table.length > 0)
    lines.push(
      ...tableOf(
        ['Language', 'Files', 'Lines', 'Public functions described'],
        table.map(([name, { files, lines: total }]) => [
          name,
          String(files),
          String(total),
          documentedShare(report, name),
        ]),
      ),
    );
  const complex = [...functions]
    .sort((a, b) => b.cyclomatic - a.cyclomatic || (a.file < b.file ? -1 : 1) || a.startLine - b.startLine)
    .slice(0, LISTED_FUNCTIONS);
  if (complex.length > 0) {
    const rows = complex.map((fn) => [
      code(fn.name),
      place(fn.file, fn.startLine),
      String(fn.cyclomatic),
      fn.cognitive === undefined ? '' : String(fn.cognitive),
      String(fn.parameters),
      String(fn.lines),
    ]);
    lines.push(
      '',
      `Most complex of ${plural(functions.length, 'function')}:`,
      '',
      ...tableOf(['Function', 'Place', 'Cyclomatic', 'Cognitive', 'Parameters', 'Lines'], rows),
    );
  }
  lines.push(...hardest(report));
  if (report.partial !== undefined && report.partial.length > 0) {
    const named = report.partial.slice(0, 5).map(code);
    const rest = report.partial.length - named.length;
    lines.push('', `Did not parse whole: ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`);
  }
  return lines.join('\n');
}

function hardest({ metrics: { byFile = [] } }: ReviewReport): readonly string[] {
  const hard = byFile.filter(({ maintainability }) => maintainability < HARD_TO_MAINTAIN).slice(0, LISTED_FUNCTIONS);
  if (hard.length === 0) return [];
  const rows = hard.map((one) => [
    code(one.file),
    String(Math.round(one.maintainability)),
    String(one.lines),
    String(one.cognitive),
  ]);
  return ['', 'Hardest to maintain:', '', ...tableOf(['File', 'Maintainability', 'Lines', 'Cognitive'], rows)];
}

function dependencies(report: ReviewReport): string {
  if (report.dependencies.length === 0) return '';
  const troubled = report.dependencies.filter((entry) => entry.problems.length > 0);
  const lines = [
    '## Dependencies',
    '',
    `${plural(report.dependencies.length, 'package')}, ${troubled.length} with something to look at.`,
  ];
  if (troubled.length > 0) {
    const rows = troubled
      .slice(0, LISTED_DEPENDENCIES)
      .map((entry) => [
        text(entry.name),
        text(entry.requirement ?? entry.version),
        entry.ecosystem,
        text(entry.problems.join('; ')),
      ]);
    lines.push('', ...tableOf(['Package', 'Version', 'Ecosystem', 'Problem'], rows));
  }
  return lines.join('\n');
}

function documentation(report: ReviewReport): string {
  if (report.documentation === null) return '';
  const { readme, links, files } = report.documentation;
  const missing = readme.missing.length > 0 ? `; missing: ${readme.missing.join(', ')}` : '';
  const found =
    readme.file === null
      ? 'There is no README.'
      : `${code(readme.file)} is ${Math.round(readme.completeness * 100)} % complete${missing}.`;
  return [
    '## Documentation',
    '',
    found,
    `${plural(files, 'document')}, ${plural(links.checked, 'relative link')}, ${links.dead} dead.`,
  ].join('\n');
}

function steps(report: ReviewReport): string {
  const rows = report.steps.map((step) => [
    step.id,
    step.status,
    duration(step.durationMs),
    step.server === undefined ? '' : `${step.server}.${step.tool ?? ''}`,
  ]);
  return ['## Steps', '', ...tableOf(['Step', 'Status', 'Time', 'Tool'], rows)].join('\n');
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  return [line(first), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)];
}

/** The longest text of somebody else's that a report repeats, in characters. */
const MAX_TEXT = 400;

/** Text of a repository or a server: one line, no control characters, nothing that Markdown or a terminal acts on. */
function text(untrusted: string): string {
  return plain(untrusted)
    .replace(/[\\[\]`*]/g, (character) => `\\${character}`)
    .replace(/[<>]/g, (character) => (character === '<' ? '&lt;' : '&gt;'));
}

/** The same between backticks, where Markdown knows no escapes. */
function code(untrusted: string): string {
  return `\`${plain(untrusted).replaceAll('`', "'")}\``;
}

function plain(untrusted: string): string {
  const line = untrusted.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line;
}

function place(file: string, line: number): string {
  return code(`${file}:${line}`);
}
