/** Fingerprints over a generated corpus and a sample repository: edits that change no problem change none of them, and no two problems share one. */
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { analyzeRepository } from '../../../src/analysis/code/analyze-repository.ts';
import { createSourceAnalyzer } from '../../../src/analysis/code/analyze-source.ts';
import { ANALYSIS_TYPES } from '../../../src/analysis/code/rules.ts';
import { analyzeDocumentation } from '../../../src/analysis/docs/analyze-documentation.ts';
import { readDocumentFile } from '../../../src/analysis/docs/read-document.ts';
import { createScanner } from '../../../src/analysis/security/scan-file.ts';
import { SCAN_TYPES, scanRepository } from '../../../src/analysis/security/scan-repository.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { RawFinding } from '../../../src/contracts/index.ts';
import { writeSampleRepository } from '../../fixtures/sample-repository.ts';

/** Put together here, so that no scanner takes this file for a leak. */
const secret = (...parts: readonly string[]): string => parts.join('');

/** Pieces that stand on their own, each with a problem or two; the same one may occur several times. */
const PIECES: Readonly<Record<string, readonly string[]>> = {
  'src/a.js': [
    'run(req => {\n  eval(req.query.code);\n});\n',
    'run(req => {\n  eval(req.query.code); eval(req.query.code);\n});\n',
    "app.get('/a', (req, res) => {\n  db.query('SELECT * FROM t WHERE a = ' + req.query.a);\n  db.query('SELECT * FROM u WHERE a = ' + req.query.a);\n});\n",
    `const one = { password: '${secret('q7Rk2Zt9', 'Lm4Xw8Vb3Np6')}' };\n`,
    `const two = { password: '${secret('Yc1Hj5Gd', '8Sf0Pa3Lk7Mn')}' };\n`,
    '// TODO: find out why\nnext();\n',
    '// FIXME: and this\nnext();\n',
    '// const old = read(file);\n// if (old) { write(old); }\n// send(old);\nnext();\n',
    '// let other = open(path);\n// other.close();\n// return other.size;\nnext();\n',
    'function f() {\n  return 1;\n  work(first, second);\n}\n',
    'try {\n  work();\n} catch (error) {\n}\n',
  ],
  'src/a.py': [
    "def a(request):\n    os.system('ls ' + request.args['d'])\n",
    "def b(request):\n    os.system('ls ' + request.args['d'])\n    os.system('rm ' + request.args['d'])\n",
    `token = "${secret('kJ8s92mxzQ', 'Wplm77aRt4Bd')}"\n`,
    `token = "${secret('Zx1Cv2Bn3M', 'a4Sd5Fg6Hj7K')}"\n`,
    'def c():\n    try:\n        work()\n    except Exception:\n        pass\n',
    '# TODO: one\nx = 1\n',
    '# TODO: two\ny = 2\n',
    'import hashlib\ndef d(password):\n    return hashlib.md5(password)\n',
  ],
};

/** Files that do not move within themselves; edits of white space reach them, too. */
const BESIDES: Readonly<Record<string, string>> = {
  'README.md': '# A\n\n[one](gone.md) and [two](gone.md)\n\n[three](#nowhere)\n',
  'package.json':
    '{\n  "name": "a",\n  "dependencies": {\n    "expres": "*",\n    "left": "latest",\n    "right": "git+https://host.internal/right.git"\n  }\n}\n',
  'requirements.txt': 'flask\nflask==1.0\nrequests\n',
  'config/app.yml': `db:\n  password: ${secret('Zk9!', 'aa72qW')}\nmail:\n  password: ${secret('Rt5?', 'bb81xE')}\n`,
  '.netrc': `machine a.internal login b password ${secret('Corr3ct', 'horse9')}\n`,
};

const EDITS: readonly ((text: string, file: string) => string)[] = [
  (text, file) =>
    /\.js$/.test(file) ? text.replace('work(first, second)', 'work(\n    first,\n    second,\n  )') : text,
  (text) => `\n\n\n${text}`,
  (text) => text.replace(/\n/g, '\r\n'),
  (text, file) => (file.endsWith('.md') ? text : text.replace(/([;{}\w'"])\n/g, '$1  \n')),
  (text) => `${text}\n\n`,
  (text, file) => (/\.js$/.test(file) ? text.replace(/^( +)/gm, '$1$1') : text),
  (text, file) => (/\.py$/.test(file) ? text.replace(/^( {4})+/gm, (blanks) => '  '.repeat(blanks.length / 4)) : text),
  (text, file) => (/\.js$/.test(file) ? text.replace(/'/g, '"') : text),
  (text, file) =>
    /\.js$/.test(file) ? text.replace(/; eval/g, ';\n  eval').replace(/^(?!\s*\/\/)(.*);$/gm, '$1') : text,
  (text, file) => (/\.py$/.test(file) ? text.replace(/'/g, '"') : text),
  (text, file) =>
    /\.js$/.test(file) ? `const unrelated = 1;\n${text}function added() {\n  return unrelated;\n}\n` : text,
  (text, file) => (/\.py$/.test(file) ? `unrelated = 1\n${text}def added():\n    return unrelated\n` : text),
];

describe('fingerprints', function () {
  this.timeout(120_000);
  const analyzeSource = createSourceAnalyzer(import.meta.url, systemClock);
  const scan = createScanner(import.meta.url, systemClock);
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'fingerprints-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const findings = async (): Promise<readonly RawFinding[]> => {
    const signal = new AbortController().signal;
    const options = {
      root,
      top: root,
      threshold: 'low' as const,
      signal,
      clock: systemClock,
      concurrency: 2,
      onProgress: () => undefined,
    };
    const analysis = await analyzeRepository({
      ...options,
      types: ANALYSIS_TYPES,
      includeMetrics: false,
      analyzeSource,
    });
    const security = await scanRepository({ ...options, types: SCAN_TYPES, scan });
    const docs = await analyzeDocumentation({ ...options, readDocument: readDocumentFile });
    return [...analysis.findings, ...security.findings, ...docs.findings];
  };

  /** What is told, without the places that may move. */
  const told = (list: readonly RawFinding[]): readonly string[] =>
    list.map(({ fingerprint, file, message }) => `${fingerprint} ${file} ${message.replace(/\d+/g, 'n')}`).sort();

  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    }
  };

  const edited = (
    files: Readonly<Record<string, string>>,
    edits: readonly number[],
  ): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(files).map(([file, text]) => [
        file,
        [...new Set(edits.map((edit) => edit % EDITS.length))].reduce(
          (done, edit) => EDITS[edit]?.(done, file) ?? done,
          text,
        ),
      ]),
    );

  it('of a generated corpus survive insertions, moves, formatting and line ends, and are never shared', async () => {
    const chosen = fc.record({
      pieces: fc.record(
        Object.fromEntries(
          Object.entries(PIECES).map(([file, pieces]) => [
            file,
            fc.array(fc.record({ piece: fc.constantFrom(...pieces), order: fc.nat(99) }), {
              minLength: 2,
              maxLength: 8,
            }),
          ]),
        ),
      ),
      edits: fc.array(fc.nat(99), { maxLength: 4 }),
    });
    let followed = 0;
    await fc.assert(
      fc.asyncProperty(chosen, async ({ pieces, edits }) => {
        const written = (isMoved: boolean): Readonly<Record<string, string>> => ({
          ...BESIDES,
          ...Object.fromEntries(
            Object.entries(pieces).map(([file, list]) => {
              const ordered = isMoved ? [...list].sort((a, b) => a.order - b.order) : list;
              return [file, ordered.map(({ piece }) => piece).join('')];
            }),
          ),
        });
        await write(written(false));
        const before = await findings();
        const prints = before.map(({ fingerprint }) => fingerprint);
        assert.equal(new Set(prints).size, prints.length, 'two problems share a fingerprint');
        followed += before.length;
        await write(edited(written(true), edits));
        assert.deepEqual(told(await findings()), told(before), JSON.stringify(edited(written(true), edits), null, 1));
      }),
      { numRuns: 40 },
    );
    assert.ok(followed > 40 * 12, `only ${followed} findings followed`);
  });

  it('of the sample repository survive every edit that leaves its problems alone', async () => {
    await writeSampleRepository(root);
    await write(BESIDES);
    const before = told(await findings());
    assert.ok(before.length >= 15, `only ${before.length} findings to follow`);
    const files: Record<string, string> = {};
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) files[path.slice(root.length + 1)] = await readFile(path, 'utf8');
    }
    for (const edit of EDITS.keys()) {
      await write(edited(files, [edit]));
      assert.deepEqual(told(await findings()), before, `edit ${edit}`);
    }
  });

  it('of one problem among equal ones are not taken over by another when it is gone', async () => {
    const pieces = PIECES['src/a.js'] ?? [];
    for (const [first, second] of [
      [3, 4],
      [5, 6],
      [7, 8],
    ] as const) {
      await write({ 'src/a.js': `${pieces[first]}${pieces[second]}` });
      const both = (await findings()).map(({ fingerprint }) => fingerprint);
      await write({ 'src/a.js': pieces[second] ?? '' });
      const [left] = (await findings()).filter(
        ({ file, ruleId }) => file === 'src/a.js' && ruleId !== 'docs/no-readme',
      );
      assert.ok(both.includes(left?.fingerprint ?? ''), pieces[second]);
      await write({ 'src/a.js': pieces[first] ?? '' });
      const [other] = (await findings()).filter(({ file }) => file === 'src/a.js');
      assert.notEqual(other?.fingerprint, left?.fingerprint, pieces[first]);
    }
  });
});
