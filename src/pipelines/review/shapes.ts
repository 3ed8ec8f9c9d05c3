/** What the steps of a review must return, checked because any of them may be somebody else's server. */
import { z } from 'zod';
import { CONFIDENCES, FINDING_KINDS, SEVERITIES } from '../../contracts/index.ts';

const severity = z.enum(SEVERITIES);
const count = z.number().min(0);
const line = z.int().min(1);
const skipped = z
  .array(z.object({ file: z.string(), reason: z.string(), deliberate: z.boolean().optional() }))
  .default([]);
const languages = z.record(z.string(), z.object({ files: count, lines: count }));

const editShape = z.object({ startLine: line, startColumn: line, endLine: line, endColumn: line, text: z.string() });

export const findingShape = z.object({
  ruleId: z.string(),
  kind: z.enum(FINDING_KINDS),
  severity,
  confidence: z.enum(CONFIDENCES).default('medium'),
  message: z.string(),
  file: z.string(),
  startLine: line,
  endLine: line,
  cwe: z.string().optional(),
  help: z.string().optional(),
  fingerprint: z.string(),
  suppression: z.object({ line, reason: z.string() }).optional(),
  fix: z.object({ description: z.string(), edits: z.array(editShape).min(1) }).optional(),
});

/** Findings are checked one by one, so that one bad one costs only itself. */
const findings = z.array(z.unknown()).default([]);

export const listFilesShape = z.object({
  root: z.string(),
  source: z.string(),
  totals: z.object({ files: count, lines: count, languages }),
  skipped,
});

const fileMetricShape = z.object({
  file: z.string(),
  lines: count,
  functions: count,
  cyclomatic: count,
  cognitive: count,
  volume: count,
  difficulty: count,
  effort: count,
  maintainability: count,
});

const notAnalyzed = z.record(z.string(), count).default({});

export const analyzeRepositoryShape = z.object({
  findings,
  metrics: z
    .object({
      files: count,
      lines: count,
      languages,
      functions: z.array(
        z.object({
          file: z.string(),
          name: z.string(),
          startLine: line,
          endLine: line,
          cyclomatic: count,
          parameters: count,
          lines: count,
          cognitive: count.optional(),
          nesting: count.default(0),
        }),
      ),
      documented: z.record(z.string(), z.object({ functions: count, documented: count })).optional(),
      byFile: z.array(fileMetricShape).optional(),
    })
    .optional(),
  skipped,
  partial: z.array(z.string()).default([]),
  notAnalyzed,
});

export const scanRepositoryShape = z.object({
  findings,
  dependencies: z
    .array(
      z.object({
        name: z.string(),
        version: z.string(),
        requirement: z.string().optional(),
        ecosystem: z.string(),
        file: z.string(),
        licence: z.string().optional(),
        problems: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  skipped,
  notAnalyzed,
  notUnderstood: z.array(z.string()).default([]),
});

export const analyzeDocumentationShape = z.object({
  findings,
  documentation: z.object({
    readme: z.object({
      file: z.string().nullable(),
      completeness: z.number(),
      present: z.array(z.string()),
      missing: z.array(z.string()),
    }),
    links: z.object({ checked: count, dead: count }),
    files: count,
  }),
  skipped,
});

export const recommendationsShape = z.object({
  recommendations: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      kind: z.enum(FINDING_KINDS),
      severity,
      score: z.number(),
      reach: count,
      findings: count,
      reason: z.string(),
      help: z.string().optional(),
      ruleIds: z.array(z.string()),
      places: z.array(z.object({ file: z.string(), line, message: z.string().optional() })),
    }),
  ),
});

export const actionItemsShape = z.object({
  actionItems: z.array(
    z.object({
      id: z.string(),
      priority: z.int().min(1),
      title: z.string(),
      reason: z.string(),
      severity,
      effort: z.enum(['small', 'medium', 'large']),
      file: z.string(),
      line,
      recommendation: z.string(),
    }),
  ),
});
