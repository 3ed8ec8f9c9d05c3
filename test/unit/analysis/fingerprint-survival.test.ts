/** Findings of real analyses keep their fingerprints through edits that change nothing about them. */
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { analyzeRepository } from '../../../src/analysis/code/analyze-repository.ts';
import { createSourceAnalyzer } from '../../../src/analysis/code/analyze-source.ts';
import { ANALYSIS_TYPES } from '../../../src/analysis/code/rules.ts';
import { createScanner } from '../../../src/analysis/security/scan-file.ts';
import { scanRepository } from '../../../src/analysis/security/scan-repository.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { RawFinding } from '../../../src/contracts/index.ts';

/** A source file in parts that stand on their own: functions that can be moved about. */
interface Sample {
  readonly file: string;
  readonly head: string;
  readonly parts: readonly string[];
  readonly tail: string;
  /** A comment, and a function without problems. */
  readonly insertions: readonly string[];
  /** What a formatter might do to the whole text. */
  readonly formats: readonly ((text: string) => string)[];
}

const branches = (line: (at: number) => string): string => Array.from({ length: 18 }, (_, at) => line(at)).join('\n');

const JAVASCRIPT: Sample = {
  file: 'src/a.js',
  head: "const { exec } = require('child_process');\nconst express = require('express');\nconst app = express();\n",
  parts: [
    "app.get('/a', (req, res) => {\n  exec('ls ' + req.query.dir);\n});\n",
    "app.get('/b', (req, res) => {\n  exec('rm ' + req.query.dir, done);\n});\n",
    "app.get('/c', (req, res) => {\n  exec('ls ' + req.query.dir);\n});\n",
    "app.get('/d', (req, res) => {\n  eval(req.query.code);\n});\n",
    `function decide(value) {\n${branches((at) => `  if (value === ${at}) return 'v${at}';`)}\n}\n`,
    `function choose(value) {\n${branches((at) => `  if (value === ${at}) return 'v${at}';`)}\n}\n`,
    'function quiet() {\n  try {\n    work();\n  } catch (error) {\n  }\n}\n',
    "const settings = {\n  password: 'q7Rk2Zt9Lm4Xw8Vb3Np6',\n};\n",
  ],
  tail: '',
  insertions: ['// a remark\n', '\n\n', 'function harmless() {\n  return 1;\n}\n'],
  formats: [
    (text) => text.replace(/^( +)/gm, '$1$1'),
    (text) => text.replace(/^( {2})+/gm, (blanks) => '\t'.repeat(blanks.length / 2)),
    (text) => text.replace(/'/g, '"'),
    (text) => text.replace(/;$/gm, ''),
    (text) => text.replace(/\n/g, '\r\n'),
    (text) => text.replace(/exec\(([^,\n]*), ([^)]*)\)/g, 'exec(\n    $1,\n    $2,\n  )'),
    (text) => text.replace(/ \{$/gm, '\n{').replace(/=>\n\{/g, '=> {'),
    (text) => text.replace(/ \+ /g, '\n    + '),
  ],
};

const PYTHON: Sample = {
  file: 'src/a.py',
  head: 'import os\nimport hashlib\nimport pickle\nfrom flask import Flask, request\n\napp = Flask(__name__)\n\n',
  parts: [
    "@app.route('/a')\ndef a():\n    os.system('ls ' + request.args['dir'])\n    return 'a'\n\n",
    "@app.route('/b')\ndef b():\n    os.system('ls ' + request.args['dir'])\n    return 'b'\n\n",
    "@app.route('/c')\ndef c():\n    return pickle.loads(request.data)\n\n",
    'def digest(value):\n    password_hash = hashlib.md5(value)\n    return password_hash\n\n',
    `def decide(value):\n${branches((at) => `    if value == ${at}:\n        return 'v${at}'`)}\n\n`,
    'def quiet():\n    try:\n        work()\n    except Exception:\n        pass\n\n',
  ],
  tail: '',
  insertions: ['# a remark\n', '\n\n', 'def harmless():\n    return 1\n\n'],
  formats: [
    (text) => text.replace(/^( {4})+/gm, (blanks) => '  '.repeat(blanks.length / 4)),
    (text) => text.replace(/'/g, '"'),
    (text) => text.replace(/os\.system\((.*)\)$/gm, 'os.system(\n        $1,\n    )'),
    (text) => text.replace(/\n/g, '\r\n'),
    (text) => text.replace(/ \+ /g, ' + \\\n        '),
    (text) => text.replace(/\)$/gm, ')  # checked'),
  ],
};

const JAVA: Sample = {
  file: 'src/A.java',
  head: 'import java.io.*;\nimport javax.servlet.http.*;\n\nclass A {\n',
  parts: [
    '  void a(HttpServletRequest request) throws Exception {\n    Runtime.getRuntime().exec("ls " + request.getParameter("dir"));\n  }\n',
    '  void b(HttpServletRequest request) throws Exception {\n    Runtime.getRuntime().exec("rm " + request.getParameter("dir"));\n  }\n',
    '  byte[] c(byte[] value) throws Exception {\n    return java.security.MessageDigest.getInstance("MD5").digest(value);\n  }\n',
    `  String decide(int value) {\n${branches((at) => `    if (value == ${at}) { return "v${at}"; }`)}\n    return "";\n  }\n`,
    '  void quiet() {\n    try {\n      work();\n    } catch (Exception error) {\n    }\n  }\n',
  ],
  tail: '}\n',
  insertions: ['  // a remark\n', '\n\n', '  int harmless() {\n    return 1;\n  }\n'],
  formats: [
    (text) => text.replace(/^( +)/gm, '$1$1'),
    (text) => text.replace(/ \{$/gm, '\n{'),
    (text) => text.replace(/ \+ /g, '\n        + '),
    (text) => text.replace(/\n/g, '\r\n'),
    (text) => text.replace(/\.exec\(/g, '\n        .exec('),
  ],
};

interface Edit {
  /** Where each part goes: sorted by these. */
  readonly order: readonly number[];
  /** What is inserted before which part. */
  readonly insertions: readonly (readonly [part: number, what: number])[];
  readonly formats: readonly number[];
}

function edited(sample: Sample, { order, insertions, formats }: Edit): string {
  const parts = sample.parts.map((part, at) => {
    const before = insertions.filter(([where]) => where % sample.parts.length === at);
    return before.map(([, what]) => sample.insertions[what % sample.insertions.length]).join('') + part;
  });
  const moved = parts.map((part, at) => [order[at] ?? 0, at, part] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const text = sample.head + moved.map(([, , part]) => part).join('') + sample.tail;
  const chosen = [...new Set(formats.map((at) => at % sample.formats.length))];
  return chosen.reduce((done, at) => sample.formats[at]?.(done) ?? done, text);
}

describe('the findings of a file', function () {
  this.timeout(60_000);
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'fingerprints-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const analyzeSource = createSourceAnalyzer(import.meta.url, systemClock);
  const scan = createScanner(import.meta.url, systemClock);

  const findingsOf = async ({ file }: Sample, text: string): Promise<readonly RawFinding[]> => {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
    const options = {
      root,
      top: root,
      threshold: 'low' as const,
      signal: new AbortController().signal,
      clock: systemClock,
      concurrency: 1,
      onProgress: () => undefined,
    };
    const analysis = await analyzeRepository({
      ...options,
      types: ANALYSIS_TYPES,
      includeMetrics: false,
      analyzeSource,
    });
    const security = await scanRepository({ ...options, types: ['secrets', 'sast'], scan });
    // A copied block is what stands together in two places: where its parts are moved apart, there is none.
    const kept = analysis.findings.filter(({ ruleId }) => ruleId !== 'duplication/block');
    return [...kept, ...security.findings];
  };

  const printsOf = async (sample: Sample, edit: Edit): Promise<readonly string[]> =>
    (await findingsOf(sample, edited(sample, edit)))
      .map(({ ruleId, fingerprint }) => `${ruleId} ${fingerprint}`)
      .sort();

  const untouched: Edit = { order: [], insertions: [], formats: [] };

  for (const sample of [JAVASCRIPT, PYTHON, JAVA]) {
    it(`keep their fingerprints through inserted lines, moved functions and formatting: ${sample.file}`, async () => {
      const before = await printsOf(sample, untouched);
      assert.ok(before.length >= 5, `only ${before.length} findings to follow`);
      assert.equal(new Set(before).size, before.length, 'two problems share a fingerprint');
      const edit = fc.record({
        order: fc.array(fc.nat(9), { minLength: 9, maxLength: 9 }),
        insertions: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 }),
        formats: fc.array(fc.nat(), { maxLength: 3 }),
      });
      await fc.assert(
        fc.asyncProperty(edit, async (one) => {
          assert.deepEqual(await printsOf(sample, one), before, edited(sample, one));
        }),
        { numRuns: 60 },
      );
    });

    it(`keep their fingerprints through each kind of formatting: ${sample.file}`, async () => {
      const before = await printsOf(sample, untouched);
      for (const at of sample.formats.keys())
        assert.deepEqual(
          await printsOf(sample, { ...untouched, formats: [at] }),
          before,
          edited(sample, { ...untouched, formats: [at] }),
        );
    });
  }
});
