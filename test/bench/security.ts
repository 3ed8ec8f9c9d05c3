/**
 * How well the rules about dangerous code tell what is dangerous, on public labelled sets:
 * `npm run bench:security -- [--benchmark-python DIR] [--benchmark-java DIR] [--bandit DIR] [--quick] [--wrong CATEGORY]`.
 * Of BenchmarkJava only the odd-numbered cases are looked at; the others are for whoever judges.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ParsedLanguage } from '../../src/analysis/languages.ts';
import { collectFindings } from '../../src/analysis/security/collect-findings.ts';
import { SAST_RULES } from '../../src/analysis/security/sast/rule-list.ts';
import { scanCode } from '../../src/analysis/security/sast/scan-code.ts';
import { scanSecrets } from '../../src/analysis/security/secrets/scan-secrets.ts';
import { openGrammars } from '../../src/analysis/syntax/parser.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Bar, report } from './result.ts';

const { values } = parseArgs({
  options: {
    'benchmark-python': { type: 'string' },
    'benchmark-java': { type: 'string' },
    bandit: { type: 'string' },
    quick: { type: 'boolean', default: false },
    wrong: { type: 'string' },
  },
});

/** With --quick every so many cases of a set. */
const STRIDE = values.quick ? 7 : 1;
const LEAST = { python: 0.5, java: 0.45, bandit: 0.8 };

const grammars = await openGrammars(import.meta.url, systemClock);
const figures: Record<string, number> = {};
const bars: Bar[] = [];

interface Case {
  readonly name: string;
  readonly category: string;
  readonly isBad: boolean;
  readonly cwe: string;
}

interface Rates {
  truePositives: number;
  bad: number;
  falsePositives: number;
  good: number;
}

/** `name, category, true|false, cwe` per line. */
function readCases(csv: string): readonly Case[] {
  return readFileSync(csv, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('BenchmarkTest'))
    .map((line) => {
      const [name = '', category = '', isBad, cwe = ''] = line.trim().split(',');
      return { name, category, isBad: isBad === 'true', cwe: `CWE-${cwe}` };
    });
}

/** Whether a finding of the weakness the case is about is reported anywhere in its file. */
async function isReported(file: string, language: ParsedLanguage, cwe: string): Promise<boolean> {
  const drafts = await scanCode({ file: 'src/case', text: readFileSync(file, 'utf8'), language }, grammars, SAST_RULES);
  return drafts.some((draft) => draft.cwe === cwe);
}

/** The mean over categories of the share of bad cases reported less the share of good ones. */
async function owasp(set: 'python' | 'java', cases: readonly Case[], fileOf: (name: string) => string): Promise<void> {
  const rates = new Map<string, Rates>();
  const started = performance.now();
  for (const one of cases.filter((_, at) => at % STRIDE === 0)) {
    const found = await isReported(fileOf(one.name), set, one.cwe);
    const rate = rates.get(one.category) ?? { truePositives: 0, bad: 0, falsePositives: 0, good: 0 };
    rates.set(one.category, rate);
    rate[one.isBad ? 'bad' : 'good'] += 1;
    if (found) rate[one.isBad ? 'truePositives' : 'falsePositives'] += 1;
    if (found !== one.isBad && one.category === values.wrong)
      console.error(`${one.isBad ? 'missed' : 'false '} ${fileOf(one.name)}`);
  }
  const differences = [...rates].sort().map(([category, { truePositives, bad, falsePositives, good }]) => {
    const difference = truePositives / Math.max(1, bad) - falsePositives / Math.max(1, good);
    figures[`${set} ${category} (${truePositives} of ${bad}, ${falsePositives} wrong of ${good})`] = difference;
    return difference;
  });
  const mean = differences.reduce((sum, one) => sum + one, 0) / Math.max(1, differences.length);
  figures[`${set} mean of TPR - FPR`] = mean;
  figures[`${set} seconds`] = (performance.now() - started) / 1_000;
  bars.push({ what: `Benchmark ${set}, mean of TPR - FPR`, value: mean, limit: LEAST[set], kind: 'atLeast' });
}

/** The number of issues that the project's own tests expect in each example. */
function banditExpectations(folder: string): ReadonlyMap<string, number> {
  const text = readFileSync(join(folder, 'tests/functional/test_functional.py'), 'utf8');
  const expected = new Map<string, number>();
  for (const test of text.split(/\n {4}def test_/)) {
    const severities = /"SEVERITY": \{([^}]*)\}/.exec(test)?.[1];
    const file = /check_example\(\s*"([\w.-]+)"/.exec(test)?.[1];
    if (severities === undefined || file === undefined) continue;
    const sum = [...severities.matchAll(/: (\d+)/g)].reduce((total, [, count]) => total + Number(count), 0);
    expected.set(file, Math.max(sum, expected.get(file) ?? 0));
  }
  return expected;
}

/** An example's issue is found when there is a finding for it: more findings than issues count for nothing. */
async function bandit(folder: string): Promise<void> {
  let found = 0;
  let all = 0;
  for (const [file, expected] of banditExpectations(folder)) {
    const path = join(folder, 'examples', file);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, 'utf8');
    const drafts = [
      ...(await scanCode({ file, text, language: 'python' }, grammars, SAST_RULES)),
      ...(await scanSecrets(file, text)),
    ];
    // As a review lists them: what several rules say about one place is one finding.
    const { length } = collectFindings(drafts, 'low').findings;
    found += Math.min(expected, length);
    all += expected;
    if (values.wrong === 'bandit' && length < expected) console.error(`${file}: ${length} of ${expected}`);
  }
  figures[`bandit (${found} of ${all})`] = found / Math.max(1, all);
  bars.push({ what: 'bandit, share of expected issues', value: found / all, limit: LEAST.bandit, kind: 'atLeast' });
}

const python = values['benchmark-python'];
if (python !== undefined) {
  const csv = readdirSync(python).find((name) => /^expectedresults-.*\.csv$/.test(name)) ?? 'expectedresults.csv';
  await owasp('python', readCases(join(python, csv)), (name) => join(python, 'testcode', `${name}.py`));
}
const java = values['benchmark-java'];
if (java !== undefined) {
  const folder = join(java, 'src/main/java/org/owasp/benchmark/testcode');
  const odd = readCases(join(java, 'expectedresults-1.2.csv')).filter(({ name }) => /[13579]$/.test(name));
  await owasp('java', odd, (name) => join(folder, `${name}.java`));
}
if (values.bandit !== undefined) await bandit(values.bandit);
report('security', figures, bars);
