/** Sets up a checkout with only Node ≥ 20 and npm, then does what was asked: `node setup.js <command> [arguments]`. */
// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const oldestNode = 20;
/** Everything else runs on this Node; the devDependency `node` brings it. */
const wantedNode = 24;
const buildStamp = join(root, 'dist', '.stamp.json');

/**
 * What each command needs before it runs, and what it runs. Arguments are handed on.
 * @type {Readonly<Record<string, { build: boolean, run?: (args: readonly string[]) => string[] }>>}
 */
export const commands = {
  install: { build: false },
  build: { build: true },
  start: { build: true, run: (args) => ['dist/cli.js', 'review', ...withDefaultPath(args)] },
  test: { build: true, run: (args) => ['test/run.ts', ...args] },
  run: { build: false, run: (args) => [...args] },
  package: { build: true, run: (args) => ['test/harness/package-vsix.ts', ...args] },
  vscode: { build: true, run: (args) => ['test/harness/open-vscode.ts', ...args] },
  watch: { build: false, run: (args) => ['esbuild.js', '--watch', ...args] },
};

/**
 * The review looks at this repository unless the first argument names another one.
 * @param {readonly string[]} args
 */
export function withDefaultPath(args) {
  return args[0] === undefined || args[0].startsWith('-') ? ['.', ...args] : [...args];
}

/**
 * True when the installed tree is the locked one. npm writes the second file last, so a broken installation has none.
 * @param {string | undefined} lockText package-lock.json
 * @param {string | undefined} installedText node_modules/.package-lock.json
 */
export function isInstalled(lockText, installedText) {
  if (lockText === undefined || installedText === undefined) return false;
  const locked = JSON.parse(lockText).packages;
  const installed = JSON.parse(installedText).packages;
  const same = (/** @type {string} */ path) =>
    installed[path] === undefined
      ? locked[path].optional === true
      : installed[path].version === locked[path].version && installed[path].integrity === locked[path].integrity;
  return (
    Object.keys(locked).every((path) => path === '' || same(path)) &&
    Object.keys(installed).every((path) => locked[path] !== undefined)
  );
}

/**
 * One digest over names and contents: unlike times, it survives a clone, a branch switch and a cache.
 * @param {string} base
 * @param {readonly string[]} paths files and folders below `base`; missing ones count as absent
 */
export function digest(base, paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap((path) => filesBelow(join(base, path)))) {
    const content = readFileSync(file);
    hash.update(`${relative(base, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/**
 * Runs `work` while no other process is inside the same lock; a lock whose holder died is taken over.
 * @template T
 * @param {string} directory the lock itself: made here, removed at the end
 * @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(directory, work) {
  for (let tries = 0; !tryLock(directory); tries += 1) {
    if (tries === 10) console.error(`setup: waiting for another set-up (${directory})`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @param {string} directory */
function tryLock(directory) {
  try {
    mkdirSync(directory);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    if (isHeld(directory)) return false;
    rmSync(directory, { recursive: true, force: true });
    return tryLock(directory);
  }
  writeFileSync(join(directory, 'pid'), String(process.pid));
  return true;
}

/** @param {string} directory */
function isHeld(directory) {
  const pid = Number(readIfThere(join(directory, 'pid')) ?? Number.NaN);
  // Between mkdir and the writing of its pid a holder is young and nameless.
  if (!(pid > 0)) return existsSync(directory) && Date.now() - statSync(directory).mtimeMs < 5000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, 'EPERM');
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function isErrno(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** @param {string} file */
function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/**
 * Thrown, not exited: the lock has to be given back first.
 * @param {string} text what went wrong and what would be right
 * @returns {never}
 */
function fail(text) {
  throw new Error(`setup: ${text}`);
}

/** Dependencies as locked, or nothing to do. */
function install() {
  const current = () =>
    isInstalled(
      readIfThere(join(root, 'package-lock.json')),
      readIfThere(join(root, 'node_modules', '.package-lock.json')),
    );
  if (current()) return;
  console.error('setup: installing dependencies (npm ci)…');
  const began = Date.now();
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const [command, first] =
    npm !== undefined && basename(npm) === 'npm-cli.js' ? [process.execPath, [npm]] : ['npm', []];
  // What npm prints is progress, never a result: all of it goes to stderr.
  const { status, error } = spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (error) fail(`npm could not be started (${error.message}); install npm, then try again`);
  if (status !== 0) fail(`npm ci ended with exit code ${status}; see its messages above`);
  console.error(`setup: dependencies installed in ${seconds(began)}`);
}

/** Every bundle, unless those in place were made from these very sources. */
function build(/** @type {string} */ node) {
  const sources = digest(root, ['src', 'test/host', 'esbuild.js', 'package.json', 'package-lock.json']);
  const stamp = JSON.parse(readIfThere(buildStamp) ?? '{}');
  if (stamp.sources === sources && stamp.outputs.every((/** @type {string} */ file) => existsSync(join(root, file)))) {
    return;
  }
  console.error('setup: building…');
  const began = Date.now();
  const { status } = spawnSync(node, ['esbuild.js', '--production'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) fail(`the build failed: ${node} esbuild.js --production ended with exit code ${status}`);
  const outputs = ['dist', 'out/test/host'].flatMap((path) => filesBelow(join(root, path)));
  writeFileSync(buildStamp, JSON.stringify({ sources, outputs: outputs.map((file) => relative(root, file)) }));
  console.error(`setup: built in ${seconds(began)}`);
}

/** @param {number} began milliseconds since the epoch */
function seconds(began) {
  return `${((Date.now() - began) / 1000).toFixed(1)} s`;
}

/** The Node that the project runs on: the installed one, else this one where it is new enough. */
function findNode() {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  if (Number.parseInt(process.versions.node, 10) >= wantedNode) return process.execPath;
  return fail(
    `node_modules/node has no binary: npm skipped its install script. ` +
      `Run \`npm ci --ignore-scripts=false\`, or use Node ≥ ${wantedNode}`,
  );
}

/**
 * Runs the command in this terminal and ends as it ends.
 * @param {string} node
 * @param {readonly string[]} args
 */
function hand(node, args) {
  const path = [join(root, 'node_modules', '.bin'), dirname(node), process.env.PATH ?? ''].join(delimiter);
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
  // Ctrl-C reaches the child by itself; this process only has to outlive it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`setup: ${node} could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('close', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
}

/** @param {readonly string[]} argv */
async function main([name = '', ...args]) {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    console.error(`setup: unknown command '${name}'; there are ${Object.keys(commands).join(', ')}`);
    process.exit(2);
  }
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    fail(`this is Node ${process.versions.node}; MCP Conductor needs Node ≥ ${oldestNode}`);
  }
  const lock = join(tmpdir(), `mcp-conductor-setup-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  const node = await withLock(lock, () => {
    install();
    const found = findNode();
    if (command.build) build(found);
    return found;
  });
  // Watching rebuilds without a stamp, so what it leaves behind counts as out of date.
  if (name === 'watch') rmSync(buildStamp, { force: true });
  if (command.run) hand(node, command.run(args));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2)).catch((error) => {
    console.error(error instanceof Error && error.message.startsWith('setup: ') ? error.message : error);
    process.exitCode = 1;
  });
}
