/** The tools that read a repository: its files, its code, its documentation. */
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ResultCache } from '../../analysis/cache/result-cache.ts';
import { analyzeRepository } from '../../analysis/code/analyze-repository.ts';
import { ANALYSIS_TYPES } from '../../analysis/code/rules.ts';
import { analyzeDocumentation } from '../../analysis/docs/analyze-documentation.ts';
import { takeInventory } from '../../analysis/inventory.ts';
import {
  analyzeDocumentationResultSchema,
  analyzeRepositoryResultSchema,
  listFilesResultSchema,
  severitySchema,
} from '../../analysis/schemas.ts';
import { boundSkipped, walkFiles } from '../../analysis/walk.ts';
import { systemClock } from '../../base/clock.ts';
import type { AnalyzeRepositoryResult, ListFilesResult, SkippedPlace } from '../../contracts/review.ts';
import type { ServerOptions } from '../kit/options.ts';
import { resolveTarget, targetFields } from '../kit/target.ts';
import { registerTool } from '../kit/tools.ts';
import { type AnalysisPool, analyzeInWorker, readInWorker } from './tasks.ts';

/** Files listed one by one. */
const MAX_LISTED = 20_000;

export function registerRepositoryTools(
  server: McpServer,
  options: ServerOptions,
  pool: AnalysisPool,
  cache: ResultCache | undefined,
): void {
  registerListFiles(server, options, cache);
  registerAnalyzeRepository(server, options, pool, cache);
  registerAnalyzeDocumentation(server, options, pool, cache);
}

function registerListFiles(server: McpServer, options: ServerOptions, cache: ResultCache | undefined): void {
  registerTool(server, {
    name: 'list_files',
    title: 'List files',
    description:
      'Lists the files of a repository with language, lines and bytes, without what git ignores, dependencies and build output. With url, clones it first and returns where.',
    input: z.object(targetFields),
    output: listFilesResultSchema,
    openWorld: true,
    run: async (input, context): Promise<ListFilesResult> => {
      const { signal, progress } = context;
      const { root, top, source, branch, commit } = await resolveTarget(input, options, context);
      const walked = await walkFiles(root, { signal, top, onProgress: progress });
      const found = walked.files.length;
      const onFile = (done: number): void => progress(found + done, 2 * found, 'counting lines');
      const { entries, totals, skipped } = await takeInventory(walked.files, signal, onFile, await cache?.ledger(root));
      return {
        root,
        source,
        ...(branch === undefined ? {} : { branch }),
        ...(commit === undefined ? {} : { commit }),
        files: entries.slice(0, MAX_LISTED),
        totals,
        truncated: entries.length > MAX_LISTED,
        skipped: boundSkipped([...walked.skipped, ...skipped]),
      };
    },
    summarize: ({ root, totals, skipped }) => {
      const languages = Object.entries(totals.languages)
        .sort(([, a], [, b]) => b.lines - a.lines)
        .slice(0, 8);
      const list = languages.map(([name, { files, lines }]) => `${name} ${files} files, ${lines} lines`).join('; ');
      return `${totals.files} files, ${totals.lines} lines in ${root}. ${list}.${skippedText(skipped)}`;
    },
  });
}

function registerAnalyzeRepository(
  server: McpServer,
  options: ServerOptions,
  pool: AnalysisPool,
  cache: ResultCache | undefined,
): void {
  registerTool(server, {
    name: 'analyze_repository',
    title: 'Analyse code',
    description:
      'Measures functions of JavaScript, TypeScript, Python, Java, Go, C, C++, Rust, C#, PHP, Ruby and Kotlin (cyclomatic complexity as lizard counts it, length, nesting, parameters) and finds complex code, smells, copied functions and import cycles.',
    input: z.object({
      ...targetFields,
      analysis_types: z
        .array(z.enum(ANALYSIS_TYPES))
        .min(1)
        .default([...ANALYSIS_TYPES]),
      include_metrics: z.boolean().default(true).describe('Whether every function is listed with its measures'),
      severity_threshold: severitySchema.default('low').describe('Findings below it are left out'),
    }),
    output: analyzeRepositoryResultSchema,
    openWorld: true,
    run: async (input, context): Promise<AnalyzeRepositoryResult> => {
      const { signal, progress } = context;
      const { root, top } = await resolveTarget(input, options, context);
      return analyzeRepository({
        root,
        top,
        types: input.analysis_types,
        includeMetrics: input.include_metrics,
        threshold: input.severity_threshold,
        signal,
        clock: systemClock,
        // One task waits at each worker, so that none idles between two files.
        concurrency: pool.size * 2,
        analyzeSource: (task, taskSignal) => analyzeInWorker(pool, task, taskSignal),
        onProgress: progress,
        cache,
      });
    },
    summarize: ({ findings, metrics, partial, skipped, notAnalyzed = {} }) => {
      const measured =
        metrics === undefined ? '' : ` in ${metrics.functions.length} functions of ${metrics.files} files`;
      const broken = partial.length === 0 ? '' : ` ${partial.length} files did not parse whole.`;
      const list = Object.entries(notAnalyzed).map(([language, files]) => `${language} (${files} files)`);
      const uncovered = list.length === 0 ? '' : ` No analysis for: ${list.join(', ')}.`;
      return `${findings.length} findings${measured}.${broken}${uncovered}${skippedText(skipped)}${firstFindings(findings)}`;
    },
  });
}

function registerAnalyzeDocumentation(
  server: McpServer,
  options: ServerOptions,
  pool: AnalysisPool,
  cache: ResultCache | undefined,
): void {
  registerTool(server, {
    name: 'analyze_documentation',
    title: 'Analyse documentation',
    description:
      'Says which expected parts the README lacks and which relative links and anchors in Markdown files are dead.',
    input: z.object({
      ...targetFields,
      severity_threshold: severitySchema.default('low').describe('Findings below it are left out'),
    }),
    output: analyzeDocumentationResultSchema,
    openWorld: true,
    run: async (input, context) => {
      const { signal, progress } = context;
      const { root, top } = await resolveTarget(input, options, context);
      return analyzeDocumentation({
        root,
        top,
        threshold: input.severity_threshold,
        signal,
        concurrency: pool.size * 2,
        readDocument: (task, taskSignal) => readInWorker(pool, task, taskSignal),
        onProgress: progress,
        cache,
      });
    },
    summarize: ({ documentation, findings, skipped }) => {
      const { readme, links } = documentation;
      const percent = Math.round(readme.completeness * 100);
      const missing = readme.missing.length === 0 ? '' : `, missing: ${readme.missing.join(', ')}`;
      const first = readme.file === null ? 'No README' : `${readme.file} is ${percent} % complete${missing}`;
      return `${first}. ${links.dead} of ${links.checked} links are dead.${skippedText(skipped)}${firstFindings(findings)}`;
    },
  });
}

function skippedText(skipped: readonly SkippedPlace[]): string {
  if (skipped.length === 0) return '';
  const first = skipped.slice(0, 5).map(({ file, reason }) => `${file} (${reason})`);
  return ` ${skipped.length} places could not be looked at: ${first.join('; ')}${skipped.length > 5 ? '; …' : ''}.`;
}

function firstFindings(findings: AnalyzeRepositoryResult['findings']): string {
  const lines = findings
    .slice(0, 20)
    .map((f) => `\n- ${f.severity} ${f.file}:${f.startLine} ${f.message} [${f.ruleId}]`);
  const rest = findings.length - lines.length;
  return `${lines.join('')}${rest > 0 ? `\n… and ${rest} more` : ''}`;
}
