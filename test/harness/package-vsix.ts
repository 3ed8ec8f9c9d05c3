/** Packages what is built as a VSIX and prints its size: `node package-vsix.ts`. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { out, root, vsixFile } from './paths.ts';

const run = promisify(execFile);

/** Files besides `dist` and `media` that change what is inside. */
const parts = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore'];

/** The packaged extension, made anew only when something inside is newer than it. */
export async function ensureVsix(): Promise<string> {
  const packed = await changed(vsixFile);
  const files = [
    ...parts.map((part) => join(root, part)),
    ...(await filesBelow('dist')),
    ...(await filesBelow('media')),
  ];
  const times = await Promise.all(files.map(changed));
  if (packed === 0 || times.some((time) => time > packed)) await packageVsix();
  return vsixFile;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Milliseconds since the epoch; 0 for a file that is not there. */
function changed(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function packageVsix(): Promise<void> {
  await mkdir(out, { recursive: true });
  await rm(vsixFile, { force: true });
  // Everything is bundled, and there is no public address yet that links in the README could point to.
  const flags = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--skip-license'];
  const vsce = join(root, 'node_modules/@vscode/vsce/vsce');
  await run(process.execPath, [vsce, 'package', ...flags, '--out', vsixFile], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  });
}

if (import.meta.main) {
  await rm(vsixFile, { force: true });
  const file = await ensureVsix();
  const { size } = await stat(file);
  console.log(`${relative(root, file)}: ${(size / 1024 / 1024).toFixed(2)} MB`);
}
