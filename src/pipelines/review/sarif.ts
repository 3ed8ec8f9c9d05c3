/** The review report as SARIF 2.1.0, for code scanning and editors. Pure. */
import type { Invocation, Log, ReportingDescriptor, Result, Run, ToolComponent, VersionControlDetails } from 'sarif';
import { ruleOf } from '../../analysis/code/rules.ts';
import { securityRuleTitle } from '../../analysis/security/rule-catalog.ts';
import {
  type BaselineEntry,
  blindSpots,
  type Finding,
  type Fix,
  type ReviewReport,
  type Severity,
} from '../../contracts/index.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const ROOT = '%SRCROOT%';
/** Raised when fingerprints are made in another way. */
const FINGERPRINT = 'mcpConductor/v1';

const LEVELS = { low: 'note', medium: 'warning', high: 'error', critical: 'error' } as const;
/** What code scanning sorts by: the middle of CVSS's range for each severity. */
const SCORES: Readonly<Record<Severity, string>> = { low: '2.0', medium: '5.5', high: '8.0', critical: '9.5' };

/** @param version - of the product */
export function reviewSarif(report: ReviewReport, version: string): Log {
  const found = [...report.findings, ...(report.suppressed ?? [])];
  const fixed = report.baseline?.fixed ?? [];
  const rules = rulesOf(found, fixed);
  const indexOf = new Map(rules.map((rule, index) => [rule.id, index]));
  const cwes = [...new Set(found.flatMap((finding) => cweNumber(finding) ?? []))].sort((a, b) => Number(a) - Number(b));
  const run: Run = {
    tool: { driver: driver(version, rules, cwes) },
    ...(cwes.length === 0 ? {} : { taxonomies: [taxonomy(cwes)] }),
    invocations: [invocation(report)],
    originalUriBaseIds: { [ROOT]: rootLocation(report.root) },
    ...versionControl(report.source),
    automationDetails: { id: 'mcp-conductor/review/' },
    columnKind: 'utf16CodeUnits',
    results: [
      ...found.map((finding) => result(finding, indexOf.get(finding.ruleId) ?? 0)),
      ...fixed.map((entry) => absent(entry, indexOf.get(entry.ruleId) ?? 0)),
    ],
  };
  return { $schema: SCHEMA, version: '2.1.0', runs: [run] };
}

function driver(version: string, rules: readonly ReportingDescriptor[], cwes: readonly string[]): ToolComponent {
  return {
    name: 'MCP Conductor',
    version,
    semanticVersion: version,
    rules: [...rules],
    ...(cwes.length === 0 ? {} : { supportedTaxonomies: [{ name: 'CWE', index: 0 }] }),
  };
}

/** Rules by id; what a rule is about is told by its worst finding. */
function rulesOf(findings: readonly Finding[], fixed: readonly BaselineEntry[]): readonly ReportingDescriptor[] {
  const first = new Map<string, Finding | undefined>(fixed.map(({ ruleId }) => [ruleId, undefined]));
  for (const finding of findings) if (first.get(finding.ruleId) === undefined) first.set(finding.ruleId, finding);
  return [...first]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, finding]) => (finding === undefined ? { id, ...titles(id) } : rule(id, finding)));
}

function rule(id: string, finding: Finding): ReportingDescriptor {
  const cwe = cweNumber(finding);
  const help = finding.help ?? finding.message;
  const isSecurity = finding.kind === 'sast' || finding.kind === 'secret' || finding.kind === 'dependency';
  return {
    id,
    ...titles(id),
    help: { text: help },
    defaultConfiguration: { level: LEVELS[finding.severity] },
    ...(cwe === undefined
      ? {}
      : { relationships: [{ target: { id: cwe, toolComponent: { name: 'CWE', index: 0 } }, kinds: ['superset'] }] }),
    properties: {
      tags: [
        finding.kind,
        ...(isSecurity ? ['security'] : ['maintainability']),
        ...(cwe === undefined ? [] : [`external/cwe/cwe-${cwe.padStart(3, '0')}`]),
      ],
      precision: finding.confidence,
      ...(isSecurity ? { 'security-severity': SCORES[finding.severity] } : {}),
    },
  };
}

/** `area/what-it-is` of a rule that is not ours is named WhatItIs and titled "What it is". */
function titles(id: string): Pick<ReportingDescriptor, 'name' | 'shortDescription'> {
  const words = (id.split('/').at(-1) ?? id).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const title = ruleOf(id)?.title ?? securityRuleTitle(id) ?? (words.join(' ') || id);
  return {
    name: words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('') || 'Rule',
    shortDescription: { text: `${title.charAt(0).toUpperCase()}${title.slice(1)}` },
  };
}

function result(finding: Finding, ruleIndex: number): Result {
  const { suppression, state } = finding;
  return {
    ruleId: finding.ruleId,
    ruleIndex,
    level: LEVELS[finding.severity],
    message: { text: finding.message },
    locations: [location(finding.file, finding.startLine, finding.endLine)],
    partialFingerprints: { [FINGERPRINT]: finding.fingerprint },
    ...(state === undefined ? {} : { baselineState: state === 'new' ? ('new' as const) : ('unchanged' as const) }),
    // An empty list says that suppressions were looked for.
    suppressions:
      suppression === undefined
        ? []
        : [
            {
              kind: 'inSource',
              status: 'accepted',
              location: location(finding.file, suppression.line, suppression.line),
              ...(suppression.reason === '' ? {} : { justification: suppression.reason }),
            },
          ],
    ...(finding.fix === undefined ? {} : { fixes: [fixOf(finding.file, finding.fix)] }),
    properties: {
      severity: finding.severity,
      confidence: finding.confidence,
      server: finding.server,
      tool: finding.tool,
      ...(finding.alsoFrom === undefined ? {} : { alsoFrom: [...finding.alsoFrom] }),
    },
  };
}

function fixOf(file: string, { description, edits }: Fix): NonNullable<Result['fixes']>[number] {
  const replacements = edits.map(({ text, ...deletedRegion }) => ({ deletedRegion, insertedContent: { text } }));
  return {
    description: { text: description },
    artifactChanges: [{ artifactLocation: { uri: relativeUri(file), uriBaseId: ROOT }, replacements }],
  };
}

/** In the baseline and no longer found. */
function absent(entry: BaselineEntry, ruleIndex: number): Result {
  return {
    ruleId: entry.ruleId,
    ruleIndex,
    level: 'none',
    kind: 'pass',
    message: { text: 'This was in the baseline and is no longer found.' },
    locations: [{ physicalLocation: { artifactLocation: { uri: relativeUri(entry.file), uriBaseId: ROOT } } }],
    partialFingerprints: { [FINGERPRINT]: entry.fingerprint },
    baselineState: 'absent',
  };
}

function location(file: string, startLine: number, endLine: number): NonNullable<Result['locations']>[number] {
  return {
    physicalLocation: {
      artifactLocation: { uri: relativeUri(file), uriBaseId: ROOT },
      region: { startLine, endLine: Math.max(startLine, endLine) },
    },
  };
}

/** Each part of the path escaped, so that neither `?` nor `#` nor a colon means anything; never absolute, never upward. */
function relativeUri(file: string): string {
  const parts = file.split(/[/\\]/).filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.map((part) => encodeURIComponent(part.toWellFormed())).join('/') || '.';
}

function rootLocation(root: string): { readonly uri: string } | { readonly description: { readonly text: string } } {
  const path = root.replaceAll('\\', '/').replace(/\/*$/, '/');
  if (root === '' || !/^(?:\/|[A-Za-z]:\/)/.test(path)) return { description: { text: 'The root of the repository' } };
  const escaped = path.split('/').map((part, at) => (at === 0 ? part : encodeURIComponent(part.toWellFormed())));
  return { uri: `file://${path.startsWith('/') ? '' : '/'}${escaped.join('/')}` };
}

/** Where it was cloned from, when that is an address. */
function versionControl(source: string): { readonly versionControlProvenance?: VersionControlDetails[] } {
  if (!/^(?:https?|ssh|git):\/\//.test(source) || !URL.canParse(source)) return {};
  return { versionControlProvenance: [{ repositoryUri: new URL(source).href, mappedTo: { uriBaseId: ROOT } }] };
}

function invocation(report: ReviewReport): Invocation {
  return {
    executionSuccessful: report.complete,
    toolExecutionNotifications: [
      ...report.problems.map((text) => ({ level: 'warning' as const, message: { text } })),
      ...[...blindSpots(report.blind), ...(report.notes ?? [])].map((text) => ({
        level: 'note' as const,
        message: { text },
      })),
    ],
  };
}

function taxonomy(cwes: readonly string[]): ToolComponent {
  return {
    name: 'CWE',
    organization: 'MITRE',
    informationUri: 'https://cwe.mitre.org/',
    shortDescription: { text: 'The Common Weakness Enumeration' },
    taxa: cwes.map((id) => ({ id, helpUri: `https://cwe.mitre.org/data/definitions/${id}.html` })),
  };
}

function cweNumber({ cwe }: Finding): string | undefined {
  return /^CWE-(\d{1,6})$/.exec(cwe ?? '')?.[1];
}
