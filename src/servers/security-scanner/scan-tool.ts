/** The tool that scans a repository. */
import { join } from 'node:path';
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { ResultCache } from '../../analysis/cache/result-cache.ts';
import { createOsvCache } from '../../analysis/dependencies/osv/cache.ts';
import { OSV_URL } from '../../analysis/dependencies/osv/client.ts';
import { findVulnerabilities } from '../../analysis/dependencies/osv/vulnerabilities.ts';
import { scanRepositoryResultSchema, severitySchema } from '../../analysis/schemas.ts';
import type { ScanOutcome, ScanTask } from '../../analysis/security/scan-file.ts';
import { type RepositoryScanOptions, SCAN_TYPES, scanRepository } from '../../analysis/security/scan-repository.ts';
import { systemClock } from '../../base/clock.ts';
import { type ScanRepositoryResult, SEVERITIES } from '../../contracts/review.ts';
import type { ServerOptions } from '../kit/options.ts';
import { resolveTarget, targetFields } from '../kit/target.ts';
import { registerTool } from '../kit/tools.ts';
import type { WorkerPool } from '../kit/worker-pool.ts';

/** Findings and skipped places named in the text for clients that show no structure. */
const MAX_NAMED = 20;

export function registerScanTool(
  server: McpServer,
  options: ServerOptions,
  pool: WorkerPool<ScanTask, ScanOutcome>,
  cache: ResultCache | undefined,
): void {
  registerTool(server, {
    name: 'scan_repository',
    title: 'Scan for security problems',
    description:
      'Finds secrets (shown by their first characters only), dangerous code with its CWE in JavaScript, TypeScript, Python, Java, Go, PHP, Ruby and C#, and the dependencies of manifests and lockfiles with what is loose about them. Nothing of the repository is executed.',
    input: z.object({
      ...targetFields,
      scan_types: z
        .array(z.enum(SCAN_TYPES))
        .min(1)
        .default([...SCAN_TYPES]),
      severity_threshold: severitySchema
        .default('medium')
        .describe('Findings below it are left out; dependencies are always listed'),
      online: z
        .boolean()
        .default(false)
        .describe(
          'Asks OSV (osv.dev) about known vulnerabilities: names and versions of packages leave the machine, nothing else does. Without it nothing is sent',
        ),
    }),
    output: scanRepositoryResultSchema,
    openWorld: true,
    run: async (input, context): Promise<ScanRepositoryResult> => {
      const { signal, progress } = context;
      const { root, top } = await resolveTarget(input, options, context);
      return scanRepository({
        root,
        top,
        types: input.scan_types,
        threshold: input.severity_threshold,
        signal,
        clock: systemClock,
        // One task waits at each worker, so that none idles between two files.
        concurrency: pool.size * 2,
        scan: (task, taskSignal) => pool.run(task, taskSignal),
        onProgress: progress,
        ...(input.online ? { lookUp: lookUpWith(options) } : {}),
        cache,
      });
    },
    summarize,
  });
}

/** Remembers answers where the server was given a folder for them. */
function lookUpWith({ cache, osvUrl }: ServerOptions): RepositoryScanOptions['lookUp'] {
  const url = osvUrl ?? OSV_URL;
  const kept = cache === undefined ? undefined : createOsvCache(join(cache, 'osv'), url, systemClock);
  return (packages, signal) => findVulnerabilities(packages, { url, cache: kept, clock: systemClock, signal });
}

function summarize(result: ScanRepositoryResult): string {
  const { findings, dependencies, scannedFiles, skipped, notAnalyzed, notUnderstood = [] } = result;
  const counts = [...SEVERITIES]
    .reverse()
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  const asked = result.lookedUp === undefined ? '' : `, ${result.lookedUp} of them looked up at OSV`;
  const listed = dependencies === undefined ? '' : ` ${dependencies.length} dependencies${asked}.`;
  const first = `${findings.length} findings${counts.length === 0 ? '' : ` (${counts.join(', ')})`} in ${scannedFiles} files.${listed}`;
  const named = findings
    .slice(0, MAX_NAMED)
    .map(({ severity, file, startLine, message }) => `${severity} ${file}:${startLine} ${message}`);
  const missed = skipped.slice(0, MAX_NAMED).map(({ file, reason }) => `not scanned: ${file} (${reason})`);
  const unread = notUnderstood.slice(0, MAX_NAMED).map((file) => `not understood: ${file}`);
  return [first, ...uncovered(notAnalyzed), ...named, ...missed, ...unread].join('\n');
}

/** Nothing found where nothing was looked for is no good news. */
function uncovered(notAnalyzed: ScanRepositoryResult['notAnalyzed'] = {}): readonly string[] {
  const list = Object.entries(notAnalyzed).map(([language, files]) => `${language} (${files} files)`);
  return list.length === 0 ? [] : [`No rules about dangerous code for: ${list.join(', ')}.`];
}
