/** Runs test files under mocha and writes the results: `node run-mocha.ts [--timeout MS] [--jobs N] RESULTS.json GLOB…`. */
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import Mocha from 'mocha';
import { collect, failed, judged, type Results, sum, writeResults } from './mocha-results.ts';
import { root } from './paths.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { timeout: { type: 'string' }, jobs: { type: 'string' } },
});
const [resultsFile, ...globs] = positionals;
if (resultsFile === undefined || globs.length === 0)
  throw new Error('usage: run-mocha.ts [--timeout MS] [--jobs N] RESULTS.json GLOB…');

/** Whoever started this prints the results, the same way for every phase. */
class Silent extends Mocha.reporters.Base {
  override epilogue(): void {}
}

const jobs = Number(values.jobs ?? 1);
const mocha = new Mocha({
  ui: 'bdd',
  reporter: Silent,
  timeout: Number(values.timeout ?? 10_000),
  forbidOnly: true,
  ...(jobs > 1 && { parallel: true, jobs }),
});
mocha.files = globs
  .flatMap((glob) => globSync(glob, { cwd: root }))
  .map((file) => resolve(root, file))
  .sort();
await mocha.loadFilesAsync();

const results = await new Promise<Results>((done) => {
  const runner = mocha.run(() => done(read()));
  const read = collect(runner);
});
const shown = judged(results, globs.join(' '));
writeResults(resultsFile, shown);
process.exitCode = shown.failures.length > 0 ? 1 : 0;

// A process that mocha is done with ends by itself, unless a test left something running.
setTimeout(() => {
  const left = process.getActiveResourcesInfo().join(', ');
  writeResults(resultsFile, sum([shown, failed('leaves nothing running', `still live after the last test: ${left}`)]));
  process.exit(1);
}, 5000).unref();
