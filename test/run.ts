/** Runs the tests by phase: `node test/run.ts [check|unit|conformance|faults|host|e2e…]`; without names, all of them. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureChromium } from './harness/chromium.ts';
import { type EditionName, ensureEdition } from './harness/editions.ts';
import { runInHost } from './harness/in-host.ts';
import { describeFailures, failed, lastLine, parseResults, type Results, sum } from './harness/mocha-results.ts';
import { ensureVsix } from './harness/package-vsix.ts';
import { out, root } from './harness/paths.ts';
import { type PhaseName, parsePhases } from './harness/phases.ts';
import { spawnGroup, stopGroup, within } from './harness/processes.ts';

interface MochaOptions {
  readonly glob: string;
  /** Milliseconds one test may take. */
  readonly timeout: number;
  /** Milliseconds the whole phase may take; then its processes are ended. */
  readonly atMost: number;
  /** Files at a time. Default: 1. */
  readonly jobs?: number;
}

/** In a process of its own: a suite that crashes or hangs costs its phase, not the rest. */
async function runMocha(name: string, { glob, timeout, atMost, jobs = 1 }: MochaOptions): Promise<Results> {
  const file = join(out, 'test-results', `${name}.json`);
  await rm(file, { force: true });
  const args = ['test/harness/run-mocha.ts', '--timeout', String(timeout), '--jobs', String(jobs), file, glob];
  const child = spawnGroup(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(null));
  });
  const end = await within(atMost, `phase ${name}`, ended).then((code) => `ended with exit code ${code}`, String);
  await stopGroup(child);
  const print = said.join('').trim();
  if (print) console.log(print);
  if (!existsSync(file)) return failed(`phase ${name}`, `left no results: ${end}`);
  const results = parseResults(await readFile(file, 'utf8'));
  const isClean = results.failures.length > 0 || end === 'ended with exit code 0';
  return isClean ? results : sum([results, failed(`phase ${name}`, end)]);
}

async function runHost(edition: EditionName): Promise<Results> {
  const { results, output } = await runInHost({ edition, suitePath: join(root, 'out/test/host/index.cjs') });
  console.log(output.trimEnd());
  return results;
}

async function runE2e(): Promise<Results> {
  await ensureVsix();
  return runMocha('e2e', { glob: 'test/e2e/**/*.test.ts', timeout: 60_000, atMost: 480_000 });
}

interface Step {
  readonly phase: PhaseName;
  readonly title: string;
  run(): Promise<Results>;
}

/** Each group's steps run side by side, the groups one after another: a window wants both cores to itself. */
const groups: readonly (readonly Step[])[] = [
  [
    {
      phase: 'check',
      title: 'check',
      run: () => runMocha('check', { glob: 'test/guards/*.test.ts', timeout: 60_000, atMost: 300_000 }),
    },
    {
      phase: 'unit',
      title: 'unit',
      run: () => runMocha('unit', { glob: 'test/unit/**/*.test.ts', timeout: 10_000, atMost: 300_000 }),
    },
  ],
  [
    {
      phase: 'conformance',
      title: 'conformance',
      run: () => runMocha('conformance', { glob: 'test/conformance/**/*.test.ts', timeout: 15_000, atMost: 120_000 }),
    },
  ],
  [
    {
      phase: 'faults',
      title: 'faults',
      run: () => runMocha('faults', { glob: 'test/faults/**/*.test.ts', timeout: 30_000, atMost: 300_000 }),
    },
  ],
  [{ phase: 'host', title: 'host on VS Code 1.139', run: () => runHost('1.139') }],
  [{ phase: 'host', title: 'host on VS Code 1.106', run: () => runHost('1.106') }],
  [{ phase: 'e2e', title: 'e2e', run: runE2e }],
];

/** Whatever a step throws is its failure; the next one still runs. */
async function runStep({ title, run }: Step): Promise<Results> {
  const began = Date.now();
  const results = await run().catch((error: unknown) => failed(title, describe(error)));
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  if (results.failures.length > 0) console.log(describeFailures(results));
  console.log(`${results.failures.length > 0 ? '✗' : '✓'} ${title}: ${lastLine(results)} (${seconds} s)`);
  return results;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}\n${describe(error.cause)}`;
}

/** What the windows need, fetched while the first phases compute. */
async function prepare(wanted: ReadonlySet<PhaseName>): Promise<void> {
  if (!wanted.has('host') && !wanted.has('e2e')) return;
  await ensureChromium();
  await ensureEdition('1.139');
  if (wanted.has('host')) await ensureEdition('1.106');
}

async function runPhases(wanted: ReadonlySet<PhaseName>): Promise<Results> {
  await mkdir(join(out, 'test-results'), { recursive: true });
  // A failure here shows again, in full, in the phase that needs the missing thing.
  const prepared = prepare(wanted).catch(() => {});
  const all: Results[] = [];
  for (const group of groups) {
    const steps = group.filter(({ phase }) => wanted.has(phase));
    if (steps.some(({ phase }) => phase === 'host' || phase === 'e2e')) await prepared;
    all.push(...(await Promise.all(steps.map(runStep))));
  }
  return sum(all);
}

try {
  const total = await runPhases(parsePhases(process.argv.slice(2)));
  process.exitCode = total.failures.length > 0 ? 1 : 0;
  console.log(lastLine(total));
} catch (error) {
  console.error(`test: ${describe(error)}`);
  process.exitCode = 2;
}
