/** The documentation of a repository: how complete its README is and which links in Markdown files are dead. */
import pLimit from 'p-limit';
import { markSuppressed } from '../suppressions.ts';
import { messageOf } from '../../base/errors.ts';
import type { AnalyzeDocumentationResult, Documentation, Severity, SkippedPlace } from '../../contracts/review.ts';
import { type FindingDraft, makeFindings } from '../code/make-finding.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import { hideCredentials } from '../hide-credentials.ts';
import { takeInventory } from '../inventory.ts';
import { placeOf, type Skipped } from '../read.ts';
import { boundSkipped, type WalkedFile, walkFiles } from '../walk.ts';
import { checkLinks, type DeadLink, type DocumentFile } from './links.ts';
import type { DocumentFacts } from './markdown-facts.ts';
import { findReadme, presentParts, README_PARTS } from './readme.ts';

export interface DocumentTask {
  readonly absolute: string;
  /** Not Markdown: headings and prose only. */
  readonly plain: boolean;
}

export type DocumentOutcome =
  | { readonly kind: 'document'; readonly facts: DocumentFacts }
  | Skipped
  | { readonly kind: 'not-text' };

export interface DocumentationOptions {
  readonly root: string;
  readonly top: string;
  /** Findings below it are left out. */
  readonly threshold: Severity;
  readonly signal: AbortSignal;
  readonly concurrency: number;
  readonly readDocument: (task: DocumentTask, signal: AbortSignal) => Promise<DocumentOutcome>;
  readonly onProgress: (done: number, total?: number, message?: string) => void;
  /** Remembers results from one call to the next. @default nothing is remembered */
  readonly cache?: ResultCache | undefined;
}

/** Documentation files looked at. */
const MAX_DOCUMENTS = 5_000;
/** Longest link that is repeated in a message, in characters. */
const MAX_HREF = 200;

/** @throws ConductorError CANCELLED */
export async function analyzeDocumentation(options: DocumentationOptions): Promise<AnalyzeDocumentationResult> {
  const { root, top, signal } = options;
  const walked = await walkFiles(root, { signal, top, onProgress: options.onProgress });
  const readme = findReadme(walked.files.map((file) => file.path));
  const wanted = walked.files.filter((file) => file.language === 'markdown' || file.path === readme);
  const skipped: SkippedPlace[] = [...walked.skipped];
  if (wanted.length > MAX_DOCUMENTS) {
    skipped.push({ file: '.', reason: `more than ${MAX_DOCUMENTS} documentation files; the rest was not looked at` });
  }
  const documents = await readDocuments(wanted.slice(0, MAX_DOCUMENTS), walked.files.length, options, skipped);
  const links = await checkLinks(documents, { root, top });
  const besides = walked.files
    .map((file) => file.path.replace(/^(?:\.github|docs)\//, ''))
    .filter((path) => !path.includes('/'));
  const parts = describeReadme(
    documents.find((file) => file.path === readme),
    readme,
    besides,
  );
  const documentation: Documentation = {
    readme: parts,
    links: { checked: links.checked, dead: links.dead.length },
    files: documents.length,
  };
  const drafts = [...readmeFindings(parts), ...links.dead.map(linkFinding)];
  const findings = await markSuppressed(root, makeFindings(drafts, options.threshold));
  return { findings, documentation, skipped: boundSkipped(skipped) };
}

async function readDocuments(
  files: readonly WalkedFile[],
  before: number,
  options: DocumentationOptions,
  skipped: SkippedPlace[],
): Promise<readonly DocumentFile[]> {
  const limit = pLimit(options.concurrency);
  const remembered = await openRemembered(files, options);
  let done = 0;
  const read = async (file: WalkedFile): Promise<DocumentFile | undefined> => {
    const task = { absolute: file.absolute, plain: file.language !== 'markdown' };
    const outcome = await remembered.of(file, task.plain, () =>
      options.readDocument(task, options.signal).catch((error: unknown): DocumentOutcome => {
        if (options.signal.aborted) throw error;
        return { kind: 'skipped', reason: `could not be analysed: ${messageOf(error)}` };
      }),
    );
    done += 1;
    options.onProgress(before + done, before + files.length, file.path);
    if (outcome.kind === 'skipped') skipped.push(placeOf(file.path, outcome));
    return outcome.kind === 'document' ? { path: file.path, facts: outcome.facts } : undefined;
  };
  const results = await Promise.all(files.map((file) => limit(read, file)));
  await remembered.save();
  return results.filter((result) => result !== undefined);
}

interface RememberedDocuments {
  of(file: WalkedFile, plain: boolean, make: () => Promise<DocumentOutcome>): Promise<DocumentOutcome>;
  save(): Promise<void>;
}

async function openRemembered(
  files: readonly WalkedFile[],
  { root, signal, cache }: DocumentationOptions,
): Promise<RememberedDocuments> {
  if (cache === undefined) return { of: (_file, _plain, make) => make(), save: () => Promise.resolve() };
  // The ledger is of all files: what is looked at here must not push out the rest.
  const ledger = { ...(await cache.ledger(root)), save: () => Promise.resolve() };
  const { digests } = await takeInventory(files, signal, () => undefined, ledger);
  const results = await cache.open('documents', root);
  return {
    of: (file, plain, make) =>
      results.of({
        file,
        digest: digests.get(file.path),
        asked: String(plain),
        make,
        keeps: ({ kind }) => kind !== 'skipped',
      }),
    save: () => results.save(true),
  };
}

function describeReadme(
  document: DocumentFile | undefined,
  path: string | undefined,
  besides: readonly string[],
): Documentation['readme'] {
  if (document === undefined) return { file: path ?? null, completeness: 0, present: [], missing: README_PARTS };
  const present = presentParts(document.facts, besides);
  return {
    file: document.path,
    completeness: Math.round((100 * present.length) / README_PARTS.length) / 100,
    present,
    missing: README_PARTS.filter((part) => !present.includes(part)),
  };
}

function readmeFindings(readme: Documentation['readme']): readonly FindingDraft[] {
  const place = { startLine: 1, endLine: 1, confidence: 'high' } as const;
  if (readme.file === null) {
    const message = 'there is no README, so a newcomer cannot tell what this is or how to start';
    return [{ ruleId: 'docs/no-readme', severity: 'medium', message, file: 'README.md', context: '', ...place }];
  }
  if (readme.missing.length === 0) return [];
  return [
    {
      ruleId: 'docs/readme-incomplete',
      severity: readme.completeness < 0.5 ? 'medium' : 'low',
      message: `the README says nothing about: ${readme.missing.join(', ')}`,
      file: readme.file,
      context: readme.missing.join(' '),
      ...place,
      confidence: 'medium',
    },
  ];
}

function linkFinding(link: DeadLink): FindingDraft {
  const shown = hideCredentials(link.href);
  const href = shown.length <= MAX_HREF ? shown : `${shown.slice(0, MAX_HREF)}…`;
  const place = { file: link.file, startLine: link.line, endLine: link.line, context: shown };
  if (link.kind === 'file') {
    const message = `the link to ${href} leads to a file that does not exist`;
    return { ruleId: 'docs/dead-link', severity: 'medium', confidence: 'high', message, ...place };
  }
  const message = `the link to ${href} names a heading that does not exist`;
  return { ruleId: 'docs/dead-anchor', severity: 'low', confidence: 'medium', message, ...place };
}
