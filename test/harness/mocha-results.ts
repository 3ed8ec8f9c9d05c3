/** What a mocha run showed, as data: collected from its events, written to a file, added up over the phases. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Runner, Test } from 'mocha';

export interface Failure {
  readonly title: string;
  readonly message: string;
  readonly stack?: string;
}

export interface Results {
  readonly passed: number;
  readonly failures: readonly Failure[];
}

/** The environment variable that tells a suite where its results belong. */
export const resultsVariable = 'MCP_CONDUCTOR_TEST_RESULTS';

/** Where a suite that has no terminal of its own prints to. */
export function outputFile(resultsFile: string): string {
  return `${resultsFile}.txt`;
}

/** Follows a run. A pending test is a failure: nothing is skipped silently. */
export function collect(runner: Runner): () => Results {
  let passed = 0;
  const failures: Failure[] = [];
  runner.on('pass', () => {
    passed += 1;
  });
  runner.on('pending', (test: Test) => {
    failures.push({
      title: test.fullTitle(),
      message: 'skipped: a test that cannot run fails, it is never passed over',
    });
  });
  runner.on('fail', (test: Test, thrown: unknown) => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    failures.push({ title: test.fullTitle(), message: error.message, ...(error.stack && { stack: error.stack }) });
  });
  return () => ({ passed, failures });
}

/** A run in which nothing ran has shown nothing. */
export function judged(results: Results, what: string): Results {
  if (results.passed + results.failures.length > 0) return results;
  return failed(what, 'ran no tests');
}

export function failed(title: string, message: string): Results {
  return { passed: 0, failures: [{ title, message }] };
}

export function sum(all: readonly Results[]): Results {
  return {
    passed: all.reduce((total, { passed }) => total + passed, 0),
    failures: all.flatMap(({ failures }) => failures),
  };
}

/** Read back from a file, where a crash or an older program may have left anything. */
export function parseResults(text: string): Results {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && 'passed' in value && 'failures' in value) {
    if (Number.isInteger(value.passed) && Array.isArray(value.failures)) return value as Results;
  }
  throw new Error('not a result file: it needs `passed` (an integer) and `failures` (a list)');
}

export function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(results, undefined, 2));
}

/** The failures of one phase, for people. */
export function describeFailures({ failures }: Results): string {
  return failures.map(({ title, message, stack }) => `  ✗ ${title}\n${indent(stack ?? message)}`).join('\n');
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
}

/** The last line of `npm test`. */
export function lastLine({ passed, failures }: Results): string {
  return `${passed} passed, ${failures.length} failed`;
}
