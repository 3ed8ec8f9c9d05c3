/**
 * Secrets in public sets: `npm run bench:secrets -- --leaky-repo DIR [--clean DIR]… [--verbose] [--quick]`.
 *
 * leaky-repo (Plazmaz/leaky-repo) states in `.leaky-meta/secrets.csv`, per file, how many lines are a risk and how many
 * are informative. Its own script compares counts of findings with the sum of both. This one is stricter: findings count
 * by distinct line, a file scores at most its risk lines, and what goes beyond risk and informative lines is over.
 * Informative lines (names of hosts and users) earn nothing. `--clean` names repositories without known leaks: what is
 * found there above `low` is listed by number, and every one has to be defensible.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { MAX_SEARCHED_BYTES } from '../../src/analysis/security/scan-file.ts';
import type { FindingDraft } from '../../src/analysis/security/findings.ts';
import { scanSecrets } from '../../src/analysis/security/secrets/scan-secrets.ts';
import { type Bar, report } from './result.ts';

interface Expected {
  readonly file: string;
  readonly risk: number;
  readonly informative: number;
}

const { values } = parseArgs({
  options: {
    'leaky-repo': { type: 'string' },
    clean: { type: 'string', multiple: true, default: [] },
    verbose: { type: 'boolean', default: false },
    /** It takes seconds either way. */
    quick: { type: 'boolean', default: false },
  },
});

const figures: Record<string, number> = {};
const bars: Bar[] = [];
if (values['leaky-repo'] !== undefined) await measureLeakyRepo(values['leaky-repo']);
for (const root of values.clean) await countFindings(root);
if (Object.keys(figures).length === 0) throw new Error('name a set: --leaky-repo DIR, or --clean DIR');
report('secrets', figures, bars);

async function measureLeakyRepo(root: string): Promise<void> {
  let [found, risk, over] = [0, 0, 0];
  for (const expected of expectations(join(root, '.leaky-meta/secrets.csv'))) {
    const drafts = await scanSecrets(expected.file, readFileSync(join(root, expected.file), 'utf8'));
    const lines = new Set(drafts.map((draft) => draft.startLine)).size;
    risk += expected.risk;
    found += Math.min(lines, expected.risk);
    over += Math.max(0, lines - expected.risk - expected.informative);
    if (values.verbose && lines !== expected.risk) {
      const { file, informative } = expected;
      process.stderr.write(`${file}: ${lines} lines found, ${expected.risk} risk, ${informative} informative\n`);
    }
  }
  Object.assign(figures, { 'leaky-repo: risk lines': risk, 'leaky-repo: found': found, 'leaky-repo: over': over });
  bars.push(
    { what: 'leaky-repo: risk lines found, of 96', value: found, limit: 70, kind: 'atLeast' },
    { what: 'leaky-repo: lines beyond risk and informative', value: over, limit: 5 },
  );
}

function expectations(path: string): readonly Expected[] {
  if (!existsSync(path)) throw new Error(`not a checkout of leaky-repo, there is no ${path}`);
  const rows = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return rows.map((row) => {
    const [file = '', risk, informative] = row.split(',');
    return { file, risk: Number(risk), informative: Number(informative) };
  });
}

async function countFindings(root: string): Promise<void> {
  const listed = execFileSync('git', ['-C', root, 'ls-files', '-z'], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  const weights = { all: 0, weighty: 0 };
  for (const file of listed.split('\0').filter((one) => one !== '')) {
    const text = readText(join(root, file));
    if (text === undefined) continue;
    const drafts = await scanSecrets(file, text);
    weights.all += drafts.length;
    weights.weighty += drafts.filter((draft) => draft.severity !== 'low').length;
    if (values.verbose) for (const draft of drafts) process.stderr.write(`${lineOf(draft)}\n`);
  }
  figures[`${basename(root)}: findings`] = weights.all;
  figures[`${basename(root)}: above low`] = weights.weighty;
}

function lineOf(draft: FindingDraft): string {
  return `${draft.file}:${draft.startLine} ${draft.severity}/${draft.confidence} ${draft.ruleId} ${draft.message}`;
}

/** Undefined for what the scan leaves out as well: links, big files, binaries. */
function readText(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > MAX_SEARCHED_BYTES) return undefined;
  const bytes = readFileSync(path);
  return bytes.subarray(0, 8_000).includes(0) ? undefined : bytes.toString('utf8');
}
