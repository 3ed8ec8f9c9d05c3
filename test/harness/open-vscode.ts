/** `npm run vscode [FOLDER] [--port N]`: a real VS Code in the browser with the packaged extension, open on a folder. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureEdition, type InstalledEdition } from './editions.ts';
import { ensureVsix } from './package-vsix.ts';
import { out } from './paths.ts';
import { freePort } from './processes.ts';
import { writeSettings } from './user-settings.ts';
import { installVsix, startVsCodeServer } from './vscode-server.ts';

const home = join(out, 'vscode');
const userDataDir = join(home, 'user-data');
const extensionsDir = join(home, 'extensions');

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { port: { type: 'string' } } });
  // npm starts scripts in the project's folder; INIT_CWD is where the person is.
  const folder = resolve(process.env.INIT_CWD ?? process.cwd(), positionals[0] ?? '.');
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}; name one that exists`);
  const port = await choosePort(values.port);
  const edition = await ensureEdition('1.139');
  await installOnce(edition, await ensureVsix());
  if (!existsSync(join(userDataDir, 'User', 'settings.json'))) await writeSettings(userDataDir, {});
  const server = await startVsCodeServer({ edition, userDataDir, extensionsDir, port, trust: true });
  const url = `${server.url}/?folder=${encodeURIComponent(folder)}`;
  console.log(`VS Code with MCP Conductor: ${url}\nCtrl-C ends it.`);
  openInBrowser(url);
  process.exitCode = (await server.exited) ?? 1;
}

/** Installing takes seconds, so only when the package is another one than last time. */
async function installOnce(into: InstalledEdition, vsix: string): Promise<void> {
  const stamp = join(home, 'installed.sha256');
  const hash = createHash('sha256')
    .update(await readFile(vsix))
    .digest('hex');
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === hash) return;
  await installVsix(into, vsix, { extensionsDir, userDataDir });
  await mkdir(home, { recursive: true });
  await writeFile(stamp, hash);
}

/** The asked-for port, or the usual one while nobody else has it. */
async function choosePort(asked: string | undefined): Promise<number> {
  const usual = 3131;
  if (asked === undefined) return freePort(usual).catch(() => freePort());
  const port = Number(asked);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`--port ${asked}: a port is a whole number from 1 to 65535`);
  }
  return port;
}

/** A courtesy: where there is no browser to open, the printed address is enough. */
function openInBrowser(address: string): void {
  const hasScreen = Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  if (process.platform === 'linux' && !hasScreen) return;
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(opener, [address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

await main().catch((error: unknown) => {
  console.error(`vscode: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
});
