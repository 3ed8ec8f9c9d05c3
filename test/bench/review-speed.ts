/**
 * How long a review takes and what it needs, beginning to end with the built product:
 * `npm run bench:review-speed -- --repository DIR [--lines N] [--quick]`, after `npm run build`.
 * DIR should hold some 800,000 lines of source; it is copied, and the copies are what is changed and multiplied.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { type Bar, report } from './result.ts';
import { type CommandCost, costOf } from './speed/processes.ts';
import { startServers } from './speed/servers.ts';
import { change, copyOf, hostileTree, multiplied, PLANTED, type Tree } from './speed/trees.ts';

/** What must hold on two cores, with nothing else at work. */
const LIMIT = { coldS: 30, megabytes: 800, warmS: 3, changedS: 1, firstFindingS: 3, pingMs: 100 };
/** Lines for which the time and memory are promised, and lines for which only an end is. */
const PROMISED_LINES = 800_000;
const HUGE_LINES = 2_000_000;
const CHANGED_FILES = 20;
/** Of the repository, --quick copies this many files. */
const QUICK_FILES = 300;

const { values } = parseArgs({
  options: {
    repository: { type: 'string', default: process.env.REVIEW_SPEED_REPOSITORY },
    lines: { type: 'string', default: String(HUGE_LINES) },
    quick: { type: 'boolean', default: false },
  },
});
if (values.repository === undefined) throw new Error('say with --repository DIR what is to be reviewed');
const dist = fileURLToPath(new URL('../../dist', import.meta.url));
if (!existsSync(join(dist, 'cli.js'))) throw new Error('there is no dist/cli.js: build first');

const figures: Record<string, number> = { 'load average at the start': loadavg()[0] ?? 0 };
const bars: Bar[] = [];
const home = await mkdtemp(join(tmpdir(), 'review-speed-'));
try {
  const tree = await copyOf(resolve(values.repository), join(home, 'tree'), values.quick ? QUICK_FILES : undefined);
  figures['lines of source'] = tree.lines;
  await overCommandLine(tree);
  await overServers(tree);
  await hostile();
  if (!values.quick) await huge(tree, Number(values.lines));
} finally {
  await rm(home, { recursive: true, force: true });
}
figures['load average at the end'] = loadavg()[0] ?? 0;
report('review-speed', figures, bars);

function judge(what: string, value: number, limit: number, kind: Bar['kind'] = 'atMost'): void {
  figures[what] = value;
  bars.push({ what, value, limit, kind });
}

function review(folder: string, state: string, onOutput?: (text: string) => void): Promise<CommandCost> {
  const args = [join(dist, 'cli.js'), 'review', folder, '--state', join(home, state), '--json'];
  return costOf(process.execPath, args, { onOutput, timeoutMs: 600_000 });
}

/** As a person runs it: three times, the last after changing some files. */
async function overCommandLine(tree: Tree): Promise<void> {
  const cold = await review(tree.folder, 'state');
  const warm = await review(tree.folder, 'state');
  await change(tree, CHANGED_FILES);
  const changed = await review(tree.folder, 'state');
  const isWhole = tree.lines >= PROMISED_LINES * 0.9;
  if (isWhole) judge('first review (s)', cold.wall / 1_000, LIMIT.coldS);
  else figures['first review (s)'] = cold.wall / 1_000;
  judge('memory of all processes (MB)', cold.megabytes, LIMIT.megabytes);
  judge('same again (s)', warm.wall / 1_000, LIMIT.warmS);
  figures['same again, memory (MB)'] = warm.megabytes;
  figures[`${CHANGED_FILES} changed files, whole command (s)`] = changed.wall / 1_000;
  judge('reviews that ended as they should', [cold, warm, changed].filter(isComplete).length, 3, 'atLeast');
}

function isComplete({ stdout }: CommandCost): boolean {
  return (JSON.parse(stdout) as { complete: boolean }).complete;
}

/** As an editor runs it: the servers are there already. */
async function overServers(tree: Tree): Promise<void> {
  const servers = await startServers(dist, tree.folder, join(home, 'state-of-servers'));
  try {
    const cold = await servers.review();
    const warm = await servers.review();
    await change(tree, CHANGED_FILES);
    const changed = await servers.review();
    judge('first finding shown (s)', cold.firstFinding / 1_000, LIMIT.firstFindingS);
    judge('slowest ping (ms)', Math.max(cold.slowestPing, warm.slowestPing, changed.slowestPing), LIMIT.pingMs);
    figures.pings = cold.pings + warm.pings + changed.pings;
    figures['both analyses, first time (s)'] = cold.wall / 1_000;
    figures['both analyses, same again (s)'] = warm.wall / 1_000;
    judge(`both analyses, ${CHANGED_FILES} changed files (s)`, changed.wall / 1_000, LIMIT.changedS);
  } finally {
    await servers.close();
  }
}

/** A minified file of 10 MB, nesting 200,000 deep and noise must not hide what lies beside them. */
async function hostile(): Promise<void> {
  const folder = join(home, 'hostile');
  await hostileTree(folder);
  const cost = await review(folder, 'state-of-hostile');
  const { findings } = JSON.parse(cost.stdout) as { findings: readonly { file: string; ruleId: string }[] };
  const found = findings.filter(({ file, ruleId }) => file === PLANTED.file && ruleId.startsWith(PLANTED.rule));
  judge('planted findings beside hostile files', found.length, 1, 'atLeast');
  figures['review of hostile files (s)'] = cost.wall / 1_000;
  figures['review of hostile files, memory (MB)'] = cost.megabytes;
}

/** Size alone stops nothing. */
async function huge(tree: Tree, lines: number): Promise<void> {
  const many = await multiplied(tree, lines, join(home, 'many'));
  const cost = await review(many.folder, 'state-of-many');
  figures['lines of source in many copies'] = many.lines;
  figures['review of many copies (s)'] = cost.wall / 1_000;
  figures['review of many copies, memory (MB)'] = cost.megabytes;
  judge('reviews of many copies that ended', cost.stdout.length > 0 && cost.code !== null ? 1 : 0, 1, 'atLeast');
}
