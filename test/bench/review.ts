/**
 * How closely the measures agree with lizard's, over all of its rows:
 * `npm run bench:review -- --repositories DIR [--rows DIR…] [--quick] [--differences N]`.
 * DIR (or REVIEW_REPOSITORIES) holds one checked-out folder per `<name>.csv.gz`; --rows says where those files are.
 */
import { groupBy } from '../../src/analysis/group-by.ts';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import pLimit from 'p-limit';
import type { SourceOutcome, SourceTask } from '../../src/analysis/code/analyze-source.ts';
import { isParsedLanguage, languageOfPath } from '../../src/analysis/languages.ts';
import type { FunctionFacts } from '../../src/analysis/syntax/facts.ts';
import { createWorkerPool } from '../../src/servers/kit/worker-pool.ts';
import { type Row, readRows, type Verdict, verdicts } from './lizard-rows.ts';
import { type Bar, report } from './result.ts';

/** Share of lizard's rows that must be equal, by language; an unmatched row counts as wrong. */
const LEAST: Readonly<Record<string, number>> = {
  python: 0.99,
  javascript: 0.99,
  java: 0.99,
  go: 0.97,
  c: 0.97,
  rust: 0.97,
  typescript: 0.97,
  php: 0.97,
};
/** Of large repositories, --quick looks at this many files. */
const QUICK_FILES = 150;

const { values } = parseArgs({
  options: {
    repositories: { type: 'string', default: process.env.REVIEW_REPOSITORIES },
    rows: { type: 'string', multiple: true, default: ['../shared/data/review/complexity'] },
    quick: { type: 'boolean', default: false },
    differences: { type: 'string', default: '0' },
  },
});

interface Score {
  rows: number;
  equal: number;
  unmatched: number;
  parameters: number;
  lines: number;
  functions: number;
}

const { repositories } = values;
if (repositories === undefined) throw new Error('say with --repositories DIR where the repositories are checked out');

const scores = new Map<string, Score>();
const differences: string[] = [];
const pool = createWorkerPool<SourceTask, SourceOutcome>({
  entry: new URL('../../src/servers/code-analysis/worker.ts', import.meta.url),
  size: Math.min(2, availableParallelism()),
});
const started = performance.now();
for (const file of await rowFiles(values.rows)) await compare(file);
const seconds = (performance.now() - started) / 1_000;
await pool.dispose();
tell();

async function rowFiles(folders: readonly string[]): Promise<readonly string[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => (await readdir(resolve(folder))).sort().map((name) => resolve(folder, name))),
  );
  return lists.flat().filter((file) => file.endsWith('.csv.gz'));
}

async function compare(file: string): Promise<void> {
  const name = basename(file, '.csv.gz');
  const folder = resolve(repositories ?? '.', name);
  if (!existsSync(folder)) {
    throw new Error(`${folder} is missing: check ${name} out there at the commit its rows were made from`);
  }
  const byFile = groupBy(readRows(gunzipSync(await readFile(file)).toString(), name), (row) => row.file);
  const limit = pLimit(pool.size * 2);
  const files = [...byFile].slice(0, values.quick ? QUICK_FILES : undefined);
  await Promise.all(files.map(([path, rows]) => limit(compareFile, folder, path, rows)));
}

async function compareFile(folder: string, path: string, rows: readonly Row[]): Promise<void> {
  const language = languageOfPath(path);
  if (!isParsedLanguage(language)) return;
  const absolute = join(folder, path);
  const outcome = await pool.run({ absolute, path, language }, new AbortController().signal);
  const functions = outcome.kind === 'facts' ? outcome.facts.functions : [];
  const score = scoreOf(language);
  if (outcome.kind === 'facts') score.lines += outcome.facts.lines;
  score.functions += functions.length;
  for (const verdict of verdicts(rows, functions)) count(score, verdict);
}

function scoreOf(language: string): Score {
  const family = language === 'jsx' ? 'javascript' : language === 'tsx' ? 'typescript' : language;
  let score = scores.get(family);
  if (score === undefined) {
    score = { rows: 0, equal: 0, unmatched: 0, parameters: 0, lines: 0, functions: 0 };
    scores.set(family, score);
  }
  return score;
}

function count(score: Score, { row, match }: Verdict<FunctionFacts>): void {
  score.rows += 1;
  if (match === undefined) score.unmatched += 1;
  if (match?.cyclomatic === row.cyclomatic) score.equal += 1;
  else
    differences.push(`${row.file}:${row.startLine} ${row.name}: ${row.cyclomatic}, here ${match?.cyclomatic ?? '-'}`);
  if (match?.parameters === row.parameters) score.parameters += 1;
}

function tell(): void {
  const lines = [...scores.values()].reduce((sum, score) => sum + score.lines, 0);
  const byLanguage = [...scores].sort(([a], [b]) => (a < b ? -1 : 1));
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;
  console.table(
    Object.fromEntries(
      byLanguage.map(([language, score]) => [
        language,
        {
          rows: score.rows,
          unmatched: score.unmatched,
          equal: percent(score.equal, score.rows),
          'equal of matched': percent(score.equal, score.rows - score.unmatched),
          parameters: percent(score.parameters, score.rows),
          functions: score.functions,
        },
      ]),
    ),
  );
  for (const line of differences.slice(0, Number(values.differences))) console.log(line);
  const shares = byLanguage.map(([language, { equal, rows }]) => [language, equal / rows] as const);
  const bars = shares.flatMap(([language, share]): Bar[] => {
    const limit = LEAST[language];
    return limit === undefined ? [] : [{ what: `${language}: equal to lizard`, value: share, limit, kind: 'atLeast' }];
  });
  const figures = Object.fromEntries(shares.map(([language, share]) => [`${language}: equal to lizard`, share]));
  report('review', { ...figures, 'lines per second': lines / seconds, seconds }, bars);
}
