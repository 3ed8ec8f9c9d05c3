/** What an analysis does not speak of is counted, so that no findings are not mistaken for good news. */
import assert from 'node:assert/strict';
import { analyzeRepository } from '../../../../src/analysis/code/analyze-repository.ts';
import { isCode } from '../../../../src/analysis/coverage.ts';
import { PARSED_LANGUAGES } from '../../../../src/analysis/languages.ts';
import { systemClock } from '../../../../src/base/clock.ts';
import type { AnalyzeRepositoryResult } from '../../../../src/contracts/review.ts';
import { fileTree } from '../../../fixtures/file-tree.ts';

describe('the coverage of an analysis', () => {
  const analyze = async (files: Readonly<Record<string, string>>): Promise<AnalyzeRepositoryResult> => {
    const tree = await fileTree(files);
    try {
      return await analyzeRepository({
        root: tree.root,
        top: tree.root,
        types: ['complexity'],
        includeMetrics: false,
        threshold: 'low',
        signal: new AbortController().signal,
        clock: systemClock,
        concurrency: 1,
        analyzeSource: async () => ({ kind: 'not-source' }),
        onProgress: () => undefined,
      });
    } finally {
      await tree.dispose();
    }
  };

  it('counts the files in programming languages that are not analysed', async () => {
    const files = { 'a.swift': '', 'b.swift': '', tool: '#!/usr/bin/perl\n', 'a.js': '', 'a.json': '', 'a.md': '' };
    assert.deepEqual((await analyze(files)).notAnalyzed, { perl: 1, swift: 2 });
    assert.equal((await analyze({ 'a.js': '', 'a.css': '', x: '' })).notAnalyzed, undefined);
  });

  it('says of vendored folders, once each, that they are not judged by their style', async () => {
    const { skipped } = await analyze({ 'deps/a/x.c': '', 'deps/b/y.c': '', 'src/z.c': '' });
    assert.deepEqual(skipped, [
      { file: 'deps/', reason: 'brought along from others: measured, and not judged by its style', deliberate: true },
    ]);
  });

  it('takes every language that is analysed for code', () => {
    assert.ok(PARSED_LANGUAGES.every(isCode));
  });
});
