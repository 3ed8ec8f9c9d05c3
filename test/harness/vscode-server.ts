/** A real VS Code server on the loopback interface: started, ready, stopped; and VSIX installation into one. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstalledEdition } from './editions.ts';
import { freePort, spawnGroup, stopGroup, within } from './processes.ts';

export interface ServerOptions {
  readonly edition: InstalledEdition;
  readonly extensionsDir: string;
  readonly userDataDir: string;
  /** Whether Workspace Trust asks. Default: false, every folder is trusted. */
  readonly trust?: boolean;
  /** Default: a free one. */
  readonly port?: number;
  /** Added to this process's environment; the extension host inherits it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until the first page must have been served. Default: 30,000. */
  readonly readyWithin?: number;
}

export interface VsCodeServer {
  readonly url: string;
  readonly port: number;
  /** What the server wrote, for the curious and for failures. */
  readonly logFile: string;
  /** Ends when the server ends by itself. */
  readonly exited: Promise<number | null>;
  dispose(): Promise<void>;
}

/** Starts the server and waits until it serves its page. */
export async function startVsCodeServer(options: ServerOptions): Promise<VsCodeServer> {
  await mkdir(options.userDataDir, { recursive: true });
  await mkdir(options.extensionsDir, { recursive: true });
  const port = options.port ?? (await freePort());
  const logFile = join(options.userDataDir, 'server.log');
  const child = spawnGroup(options.edition.execPath, [options.edition.main, ...serverArguments(options, port)], {
    env: { ...hostEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile);
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', (code) => {
      log.end();
      resolve(code);
    });
  });
  const server: VsCodeServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    logFile,
    exited,
    dispose: () => stopGroup(child),
  };
  try {
    await untilReady(server, options.readyWithin ?? 30_000);
    return server;
  } catch (error) {
    await server.dispose();
    throw error;
  }
}

function serverArguments(options: ServerOptions, port: number): string[] {
  return [
    '--host=127.0.0.1',
    `--port=${port}`,
    '--without-connection-token',
    '--accept-server-license-terms',
    `--user-data-dir=${options.userDataDir}`,
    `--server-data-dir=${join(options.userDataDir, 'server')}`,
    `--extensions-dir=${options.extensionsDir}`,
    '--disable-telemetry',
    '--enable-smoke-test-driver',
    ...(options.trust ? [] : ['--disable-workspace-trust']),
  ];
}

/** npm's own variables would reach the extension host and everything it starts. */
function hostEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VSCODE_|ELECTRON_|NODE_OPTIONS$)/i.test(name)),
  );
}

async function untilReady(server: VsCodeServer, ms: number): Promise<void> {
  let over = false;
  const gone = server.exited.then((code) => {
    if (!over) throw new Error(`the VS Code server ended with ${code} before it was ready; see ${server.logFile}`);
  });
  const ready = (async () => {
    while (!over && !(await answers(server.url))) await sleep(50);
  })();
  try {
    await within(ms, `the VS Code server's first page (log: ${server.logFile})`, Promise.race([ready, gone]));
  } finally {
    over = true;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5000) })).status === 200;
  } catch {
    return false;
  }
}

/** Installs a packaged extension the way a user does; fails with VS Code's own words. */
export async function installVsix(
  edition: InstalledEdition,
  vsix: string,
  into: { readonly extensionsDir: string; readonly userDataDir: string },
): Promise<void> {
  const child = spawnGroup(
    edition.execPath,
    [
      edition.main,
      '--install-extension',
      vsix,
      `--extensions-dir=${into.extensionsDir}`,
      `--user-data-dir=${into.userDataDir}`,
      `--server-data-dir=${join(into.userDataDir, 'server')}`,
      '--accept-server-license-terms',
      '--force',
    ],
    { env: hostEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  try {
    const code = await within(60_000, `installing ${vsix}`, ended);
    if (code !== 0 || /Failed Installing/i.test(said)) throw new Error(`installing ${vsix} failed:\n${said.trim()}`);
  } finally {
    await stopGroup(child);
  }
}
