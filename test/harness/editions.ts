/** The VS Code server editions that the tests run on: where they are, and how npm provides them. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import envPaths from 'env-paths';
import { withLock } from '../../setup.js';
import { root } from './paths.ts';

const run = promisify(execFile);

export type EditionName = '1.139' | '1.106';

export interface Edition {
  readonly name: EditionName;
  /** Version of the npm package `code-server`; its minor and patch are VS Code's. */
  readonly version: string;
  /** Version of the npm package `node` that its extension host runs on. Default: the Node of this process. */
  readonly node?: string;
  /** Dependencies whose locked source is a git address, by the release to take instead. */
  readonly replace?: Readonly<Record<string, string>>;
}

export interface InstalledEdition extends Edition {
  /** `server-main.js` of the VS Code server. */
  readonly main: string;
  /** The Node binary to start it with. */
  readonly execPath: string;
}

export const editions: Readonly<Record<EditionName, Edition>> = {
  '1.139': { name: '1.139', version: '4.139.1' },
  '1.106': { name: '1.106', version: '4.106.3', node: '22.23.3', replace: { '@parcel/watcher': '2.5.1' } },
};

/** The edition, installed first where it is missing: one download per user, shared by every checkout. */
export async function ensureEdition(name: EditionName): Promise<InstalledEdition> {
  const edition = editions[name];
  const home = join(await cacheFolder(), edition.version);
  if (!existsSync(home)) {
    await withLock(`${home}.lock`, async () => {
      if (!existsSync(home)) await installInto(home, edition);
    });
  }
  return {
    ...edition,
    main: join(home, 'vscode/out/server-main.js'),
    execPath: edition.node === undefined ? process.execPath : join(home, 'node/node_modules/node/bin/node'),
  };
}

/** Outside the work tree where that can be written to, so that a fresh clone starts warm. */
async function cacheFolder(): Promise<string> {
  const shared = join(envPaths('mcp-conductor', { suffix: '' }).cache, 'vscode-server');
  try {
    await mkdir(shared, { recursive: true });
    await access(shared, constants.W_OK);
    return shared;
  } catch {
    const local = join(root, '.vscode-test', 'vscode-server');
    await mkdir(local, { recursive: true });
    return local;
  }
}

/** Built beside its final place and renamed: what has that name is complete. */
async function installInto(home: string, edition: Edition): Promise<void> {
  const began = Date.now();
  console.error(`harness: installing the VS Code ${edition.name} server…`);
  const work = await mkdtemp(`${home}.tmp-`);
  try {
    await unpack(work, edition);
    await npm(join(work, 'vscode'), ['install', '--omit=dev', '--ignore-scripts']);
    if (edition.node !== undefined) await installNode(join(work, 'node'), edition.node);
    await rename(work, home);
  } catch (error) {
    throw new Error(
      `the VS Code ${edition.name} server (npm package code-server@${edition.version}) could not be installed`,
      {
        cause: error,
      },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  console.error(`harness: VS Code ${edition.name} server installed in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** Only `lib/vscode` is wanted: the rest of code-server would bring native modules to compile. */
async function unpack(work: string, edition: Edition): Promise<void> {
  await npm(work, ['pack', `code-server@${edition.version}`, '--silent']);
  await run('tar', ['-xzf', `code-server-${edition.version}.tgz`, 'package/lib/vscode'], { cwd: work });
  await rm(join(work, `code-server-${edition.version}.tgz`));
  await rename(join(work, 'package/lib/vscode'), join(work, 'vscode'));
  if (edition.replace === undefined) return;
  // The lock pins the same git address, so it has to go with it.
  await rm(join(work, 'vscode/npm-shrinkwrap.json'), { force: true });
  const manifestFile = join(work, 'vscode/package.json');
  const manifest = JSON.parse(await readFile(manifestFile, 'utf8'));
  Object.assign(manifest.dependencies, edition.replace);
  await writeFile(manifestFile, JSON.stringify(manifest, undefined, 2));
}

async function installNode(folder: string, version: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }));
  await npm(folder, ['install', `node@${version}`, '--ignore-scripts=false']);
}

/** npm on the Node of this process: on an older one it would pick older majors. */
async function npm(cwd: string, args: readonly string[]): Promise<void> {
  await run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) },
    maxBuffer: 64 * 1024 * 1024,
  });
}
