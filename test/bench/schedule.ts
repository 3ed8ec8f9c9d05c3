/** How closely runs follow their longest path: `npm run bench:schedule [-- --quick] [-- FOLDER…]`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createNodeApp } from '../../src/app/create-node-app.ts';
import { createFakeApp } from '../fixtures/fake-app.ts';
import { longestPath, percentile, startLags } from '../fixtures/run-timing.ts';
import { SLEEPING_LONGEST_PATH, SLEEPING_STEPS, sleepingServers } from '../fixtures/sleeping-workflow.ts';
import { report } from './result.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' } } });
const repeats = values.quick === true ? 3 : 10;
const folders = positionals.length > 0 ? positionals.map((folder) => resolve(folder)) : [process.cwd()];

const sleeping = await overSleepingServers();
const reviews = await overRealReviews();
report(
  'schedule',
  {
    'sleeping: run / longest path, p50': percentile(sleeping.ratios, 0.5),
    'sleeping: run / longest path, p95': percentile(sleeping.ratios, 0.95),
    'sleeping: start lag p95, ms': percentile(sleeping.lags, 0.95),
    'review: run / longest path, p50': percentile(reviews.ratios, 0.5),
    'review: start lag p50, ms': percentile(reviews.lags, 0.5),
    'review: start lag p95, ms': percentile(reviews.lags, 0.95),
  },
  [
    { what: 'sleeping: run / longest path, p95', value: percentile(sleeping.ratios, 0.95), limit: 1.1 },
    { what: 'review: start lag p95, ms', value: percentile(reviews.lags, 0.95), limit: 20 },
  ],
);

interface Sample {
  readonly ratios: number[];
  readonly lags: number[];
}

async function overSleepingServers(): Promise<Sample> {
  const fake = createFakeApp(sleepingServers(), SLEEPING_STEPS);
  const sample: Sample = { ratios: [], lags: [] };
  const { servers } = fake.app;
  await Promise.all(servers.list().map(({ definition }) => servers.start(definition.id, new AbortController().signal)));
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const { state } = await fake.run();
    sample.ratios.push(((state.endedAt ?? 0) - state.createdAt) / SLEEPING_LONGEST_PATH);
    sample.lags.push(...startLags(state));
  }
  await fake.dispose();
  return sample;
}

/** Each review with fresh servers, as a newcomer's is. */
async function overRealReviews(): Promise<Sample> {
  const sample: Sample = { ratios: [], lags: [] };
  const stateDir = await mkdtemp(join(tmpdir(), 'bench-schedule-'));
  for (const path of folders) {
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const app = await openApp(path, stateDir);
      const handle = await app.review({ target: path });
      const state = await handle.ended;
      await handle.report;
      await app.dispose();
      const longest = longestPath(state, (step) => (step.endedAt ?? 0) - (step.startedAt ?? 0));
      sample.ratios.push(((state.endedAt ?? 0) - state.createdAt) / longest);
      sample.lags.push(...startLags(state));
    }
  }
  await rm(stateDir, { recursive: true, force: true });
  return sample;
}

function openApp(path: string, stateDir: string): ReturnType<typeof createNodeApp> {
  return createNodeApp({
    assetsDir: resolve('dist'),
    stateDir,
    folders: [{ name: 'repository', path }],
    configFiles: [],
    discoverWorkspace: false,
    trusted: () => true,
    askInput: async () => undefined,
    variables: { config: () => undefined, command: async () => undefined },
    secrets: { get: async () => undefined, set: async () => undefined, delete: async () => undefined },
    onServerLog: () => undefined,
    log: (message) => process.stderr.write(`${message}\n`),
  });
}
