/** The published schemas and the contracts say the same, for the compiler and at run time. */
import assert from 'node:assert/strict';
import type { z } from 'zod';
import {
  type actionItemsResultSchema,
  type analyzeDocumentationResultSchema,
  analyzeRepositoryResultSchema,
  type listFilesResultSchema,
  type recommendationsResultSchema,
  type scanRepositoryResultSchema,
} from '../../../src/analysis/schemas.ts';
import type {
  ActionItemsResult,
  AnalyzeDocumentationResult,
  AnalyzeRepositoryResult,
  ListFilesResult,
  RecommendationsResult,
  ScanRepositoryResult,
} from '../../../src/contracts/review.ts';

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
type Published<S extends z.ZodType> = DeepReadonly<z.infer<S>>;
/** `true` when each can stand for the other; anything else does not compile below. */
type Same<A, B> = [A, B] extends [B, A] ? true : never;

const SAME: readonly [
  Same<Published<typeof listFilesResultSchema>, ListFilesResult>,
  Same<Published<typeof analyzeRepositoryResultSchema>, AnalyzeRepositoryResult>,
  Same<Published<typeof analyzeDocumentationResultSchema>, AnalyzeDocumentationResult>,
  Same<Published<typeof scanRepositoryResultSchema>, ScanRepositoryResult>,
  Same<Published<typeof recommendationsResultSchema>, RecommendationsResult>,
  Same<Published<typeof actionItemsResultSchema>, ActionItemsResult>,
] = [true, true, true, true, true, true];

describe('the schemas of results', () => {
  it('say what the contracts say', () => {
    assert.ok(SAME.every(Boolean));
  });

  it('refuse what the contracts do not allow', () => {
    const finding = { ruleId: 'a/b', kind: 'smell', severity: 'urgent' };
    const parsed = analyzeRepositoryResultSchema.safeParse({ findings: [finding], skipped: [], partial: [] });
    assert.equal(parsed.success, false);
  });
});
