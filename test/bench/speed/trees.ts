/** The folders that are reviewed: copies of a repository, changed, multiplied, and filled with what nobody should parse. */
import { randomBytes } from 'node:crypto';
import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isParsedLanguage } from '../../../src/analysis/languages.ts';
import { countLines } from '../../../src/analysis/read.ts';
import { type WalkedFile, walkFiles } from '../../../src/analysis/walk.ts';

export interface Tree {
  readonly folder: string;
  /** In languages that are measured. */
  readonly sources: readonly WalkedFile[];
  readonly lines: number;
}

/** A copy of what a review looks at. @param most files, taken from all over */
export async function copyOf(repository: string, folder: string, most = Number.POSITIVE_INFINITY): Promise<Tree> {
  const { files } = await walkFiles(repository, { signal: new AbortController().signal });
  const step = Math.max(1, Math.ceil(files.length / most));
  for (const { path, absolute } of files.filter((_, index) => index % step === 0)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(absolute, join(folder, path));
  }
  return treeOf(folder);
}

/** As many copies side by side as it takes for this many lines of source. */
export async function multiplied(tree: Tree, lines: number, folder: string): Promise<Tree> {
  const copies = Math.ceil(lines / tree.lines);
  for (let copy = 1; copy <= copies; copy += 1)
    await cp(tree.folder, join(folder, `${basename(tree.folder)}-${copy}`), { recursive: true });
  return treeOf(folder);
}

async function treeOf(folder: string): Promise<Tree> {
  const { files } = await walkFiles(folder, { signal: new AbortController().signal });
  const sources = files.filter(({ language }) => isParsedLanguage(language));
  let lines = 0;
  for (const { absolute } of sources) lines += countLines(await readFile(absolute, 'utf8'));
  return { folder, sources, lines };
}

/** Adds a line at the end of this many files, spread over all. */
export async function change({ sources }: Tree, count: number): Promise<void> {
  const step = Math.max(1, Math.floor(sources.length / count));
  for (let index = 0; index < Math.min(count, sources.length); index += 1) {
    const file = sources[index * step];
    if (file !== undefined) await appendFile(file.absolute, '\n');
  }
}

/** A weakness that has to be found whatever lies beside it. */
export const PLANTED = { file: 'src/planted.js', rule: 'sast/' };

export async function hostileTree(folder: string): Promise<void> {
  const deep = 200_000;
  const files: Readonly<Record<string, string | Buffer>> = {
    [PLANTED.file]:
      "const { exec } = require('child_process');\nmodule.exports = (req) => exec('ls ' + req.query.path);\n",
    'src/minified.js': 'var a=function(b){return b?b.c(1,"x"):[b,{d:2}]};'.repeat(220_000),
    'src/minified-below-the-limit.js': 'var a=function(b){return b?b.c(1,"x"):[b,{d:2}]};\n'.repeat(40_000),
    'src/deep-lists.js': `x = ${'['.repeat(deep)}${']'.repeat(deep)};\n`,
    'src/deep-calls.py': `x = ${'f('.repeat(deep)}${')'.repeat(deep)}\n`,
    'src/deep-blocks.c': `int main() ${'{'.repeat(deep)}${'}'.repeat(deep)}\n`,
    'src/deep-conditions.java': `class A { int f() { return ${'1>0?1:('.repeat(50_000)}1${')'.repeat(50_000)}; } }\n`,
    'src/noise.js': randomBytes(3_000_000),
    'src/noise.py': Buffer.from(randomBytes(1_500_000).toString('latin1').replaceAll('\0', 'x'), 'latin1'),
    'src/one-long-line.ts': `const x = "${'a'.repeat(1_900_000)}";\n`,
  };
  await mkdir(join(folder, 'src'), { recursive: true });
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content);
}
