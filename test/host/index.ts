/** The mocha runner inside VS Code's extension host: runs every bundled `*.test.cjs` beside it. */
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import {
  collect,
  failed,
  judged,
  outputFile,
  type Results,
  resultsVariable,
  writeResults,
} from '../harness/mocha-results.ts';

/** VS Code calls this and ends; a rejection is its exit code 1. */
export async function run(): Promise<void> {
  const file = process.env[resultsVariable];
  if (file) printTo(outputFile(file));
  const results = await runSuite().catch((error: unknown) =>
    failed('the in-host suite loads', error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  if (file) writeResults(file, results);
  if (results.failures.length > 0) throw new Error(`${results.failures.length} in-host tests failed`);
}

/** The window forwards the console among a hundred lines of its own; what the suite says goes beside its results. */
function printTo(path: string): void {
  const log = (...args: unknown[]): void => appendFileSync(path, `${format(...args)}\n`);
  // The host's console ignores assignments.
  Object.defineProperty(console, 'log', { value: log });
}

async function runSuite(): Promise<Results> {
  // mocha is an ES module: a bundled `require` of it would see its namespace, not its class.
  const { default: Mocha } = await import('mocha');
  /** The failures follow with the results of all phases. */
  class Lines extends Mocha.reporters.Spec {
    override epilogue(): void {}
  }
  const mocha = new Mocha({ ui: 'bdd', reporter: Lines, color: false, timeout: 20_000, forbidOnly: true });
  // This file is bundled as CommonJS, where `import.meta` has no directory.
  const here = __dirname;
  for (const name of readdirSync(here).sort()) {
    if (name.endsWith('.test.cjs')) mocha.addFile(join(here, name));
  }
  await mocha.loadFilesAsync();
  return new Promise((done) => {
    const runner = mocha.run(() => done(judged(read(), 'the in-host suite')));
    const read = collect(runner);
  });
}
