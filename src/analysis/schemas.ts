/** The shapes of `contracts/review.ts` as zod schemas, which bundled servers publish with their tools. */
import { z } from 'zod';
import { CONFIDENCES, FINDING_KINDS, SEVERITIES } from '../contracts/review.ts';

export const severitySchema = z.enum(SEVERITIES);
const confidenceSchema = z.enum(CONFIDENCES);
const findingKindSchema = z.enum(FINDING_KINDS);
const line = z.int().min(1);
const count = z.int().min(0);

const fixSchema = z.object({
  description: z.string(),
  edits: z.array(z.object({ startLine: line, startColumn: line, endLine: line, endColumn: line, text: z.string() })),
});

const rawFindingFields = {
  ruleId: z.string(),
  kind: findingKindSchema,
  severity: severitySchema,
  confidence: confidenceSchema,
  message: z.string(),
  file: z.string().describe('Relative to the root, with forward slashes'),
  startLine: line,
  endLine: line,
  cwe: z.string().optional(),
  help: z.string().optional(),
  fingerprint: z.string().describe('The same problem keeps it when lines move'),
  suppression: z
    .object({ line, reason: z.string() })
    .optional()
    .describe('Present when a comment in the file takes the finding off the list'),
  fix: fixSchema.optional().describe('A change of the file that does away with the finding'),
};
const rawFindingSchema = z.object(rawFindingFields);

/** What the recommendation tools accept: findings with or without who said them. */
export const findingInputSchema = z.object({
  ...rawFindingFields,
  server: z.string().optional(),
  tool: z.string().optional(),
});

const functionMetricSchema = z.object({
  file: z.string(),
  name: z.string(),
  startLine: line,
  endLine: line,
  cyclomatic: count,
  cognitive: count.optional(),
  parameters: count,
  lines: count,
  nesting: count,
});

const fileMetricSchema = z.object({
  file: z.string(),
  lines: count,
  functions: count,
  cyclomatic: count,
  cognitive: count,
  volume: count,
  difficulty: z.number().min(0),
  effort: count,
  maintainability: z.number().min(0).max(100),
});

const languagesSchema = z.record(z.string(), z.object({ files: count, lines: count }));

const metricsSchema = z.object({
  files: count,
  lines: count,
  languages: languagesSchema,
  functions: z.array(functionMetricSchema),
  documented: z.record(z.string(), z.object({ functions: count, documented: count })).optional(),
  byFile: z.array(fileMetricSchema).optional(),
});

export const dependencyEntrySchema = z.object({
  name: z.string(),
  version: z.string(),
  requirement: z.string().optional(),
  ecosystem: z.string(),
  file: z.string(),
  licence: z.string().optional(),
  problems: z.array(z.string()),
});

export const documentationSchema = z.object({
  readme: z.object({
    file: z.string().nullable(),
    completeness: z.number().min(0).max(1),
    present: z.array(z.string()),
    missing: z.array(z.string()),
  }),
  links: z.object({ checked: count, dead: count }),
  files: count,
});

const skippedSchema = z.array(
  z.object({
    file: z.string(),
    reason: z.string(),
    deliberate: z.boolean().optional().describe('Left out on purpose: nothing is missing'),
  }),
);

const notAnalyzed = z
  .record(z.string(), count)
  .optional()
  .describe('Number of files by programming language for which there is no analysis');

export const recommendationSchema = z.object({
  id: z.string(),
  title: z.string(),
  kind: findingKindSchema,
  severity: severitySchema,
  score: z.number(),
  reach: count,
  findings: count,
  reason: z.string(),
  help: z.string().optional(),
  ruleIds: z.array(z.string()),
  places: z.array(z.object({ file: z.string(), line, message: z.string().optional() })),
});

const actionItemSchema = z.object({
  id: z.string(),
  priority: z.int().min(1),
  title: z.string(),
  reason: z.string(),
  severity: severitySchema,
  effort: z.enum(['small', 'medium', 'large']),
  file: z.string(),
  line,
  recommendation: z.string(),
});

export const listFilesResultSchema = z.object({
  root: z.string(),
  source: z.string(),
  branch: z.string().optional(),
  commit: z.string().optional(),
  files: z.array(z.object({ path: z.string(), language: z.string().nullable(), lines: count, bytes: count })),
  totals: z.object({ files: count, lines: count, languages: languagesSchema }),
  truncated: z.boolean(),
  skipped: skippedSchema,
});

export const analyzeRepositoryResultSchema = z.object({
  findings: z.array(rawFindingSchema),
  metrics: metricsSchema.optional(),
  skipped: skippedSchema,
  partial: z.array(z.string()),
  notAnalyzed,
});

export const analyzeDocumentationResultSchema = z.object({
  findings: z.array(rawFindingSchema),
  documentation: documentationSchema,
  skipped: skippedSchema,
});

export const scanRepositoryResultSchema = z.object({
  findings: z.array(rawFindingSchema),
  dependencies: z.array(dependencyEntrySchema).optional(),
  scannedFiles: count,
  skipped: skippedSchema,
  notAnalyzed,
  notUnderstood: z.array(z.string()).optional().describe('Manifests and lockfiles that cannot be read'),
  lookedUp: count.optional().describe('Packages that a database of vulnerabilities was asked about'),
});

export const recommendationsResultSchema = z.object({ recommendations: z.array(recommendationSchema) });
export const actionItemsResultSchema = z.object({ actionItems: z.array(actionItemSchema) });
