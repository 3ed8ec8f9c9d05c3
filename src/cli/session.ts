/** What every command needs: the app opened on a folder with the common options, closed whatever happens. */
import { access, constants } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import type { AuditKeeper } from '../app/audit-trail.ts';
import { createNodeApp } from '../app/create-node-app.ts';
import { ConductorError, messageOf } from '../base/errors.ts';
import { KeyringStore } from '../node/keyring.ts';
import type { App, AskInput, Problem, SecretStore } from '../contracts/index.ts';
import { UsageError } from './exit-codes.ts';
import { answerOnTerminal, type Terminal } from './approve.ts';
import { oneLine } from './terminal.ts';

export interface CommonOptions {
  readonly config: readonly string[];
  readonly trustWorkspace?: boolean | undefined;
  readonly state?: string | undefined;
  readonly verbose?: boolean | undefined;
  readonly json?: boolean | undefined;
  /** Fail where there is no keyring, as who keeps a credential must. @default false */
  readonly keyringOnly?: boolean | undefined;
}

/** Opens the app on `folder`, runs `work`, and closes it; Ctrl-C aborts the signal, and a second one ends the process. */
export async function withApp<T>(
  folder: string,
  options: CommonOptions,
  work: (app: App, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new ConductorError('CANCELLED', 'interrupted'));
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  await checkReadable(options.config);
  const app = await openApp(folder, options);
  const answering = process.stdin.isTTY ? answerOnTerminal(app.approvals, terminal) : undefined;
  try {
    for (const problem of app.problems()) process.stderr.write(`${problemLine(problem)}\n`);
    return await work(app, controller.signal);
  } finally {
    answering?.dispose();
    await app.dispose();
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

async function checkReadable(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await access(file, constants.R_OK).catch((error: unknown) => {
      throw new UsageError(`--config ${file}: ${messageOf(error)}`);
    });
  }
}

function openApp(folder: string, options: CommonOptions): Promise<App> {
  return createNodeApp({
    assetsDir: assetsDir(),
    ...(options.state === undefined ? {} : { stateDir: options.state }),
    folders: [{ name: basename(folder) || folder, path: folder }],
    configFiles: options.config,
    discoverWorkspace: options.trustWorkspace === true,
    trusted: () => true,
    parksApprovals: !process.stdin.isTTY,
    askInput: askOnTerminal,
    variables: { config: () => undefined, command: () => Promise.resolve(undefined) },
    secrets: options.keyringOnly === true ? new KeyringStore() : keyringElseMemory(),
    credentialsFromEnvironment: true,
    auditKeeper: auditKeeper(),
    onServerLog: ({ server, text }) => {
      if (options.verbose === true) process.stderr.write(`[${server}] ${oneLine(text)}\n`);
    },
    log: (message) => process.stderr.write(`mcp-conductor: ${oneLine(message)}\n`),
  });
}

/** The built product: beside the bundle, or in `dist` when this runs from source. */
function assetsDir(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return basename(here) === 'cli' ? join(here, '..', '..', 'dist') : here;
}

/** As compilers print them, so that an editor finds the place. */
export function problemLine({ severity, message, range }: Problem): string {
  const place = range === undefined ? '' : `${range.file}:${range.line}:${range.column}: `;
  return oneLine(`${place}${severity}: ${message}`);
}

/** Without a keyring answers live as long as the command; nothing is written to disk. */
function keyringElseMemory(): SecretStore {
  const keyring = new KeyringStore();
  const values = new Map<string, string>();
  return {
    get: async (key) => values.get(key) ?? (await keyring.get(key).catch(() => undefined)),
    set: (key, value) => Promise.resolve(void values.set(key, value)),
    delete: (key) => Promise.resolve(void values.delete(key)),
  };
}

/** Windows takes secrets of some 1,280 characters. */
export function auditKeeper(): AuditKeeper {
  return { name: 'keyring', secrets: new KeyringStore(), most: process.platform === 'win32' ? 10 : 500 };
}

const terminal: Terminal = {
  write: (text) => process.stderr.write(text),
  async question(text) {
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await prompt.question(text);
    } finally {
      prompt.close();
    }
  },
};

const askOnTerminal: AskInput = async (input, server, signal) => {
  if (!process.stdin.isTTY) {
    throw new ConductorError(
      'SERVER_START_FAILED',
      `server ${server.label} needs the input "${input.id}", and there is no terminal to ask on; put it into the environment and use \${env:…} instead`,
    );
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const choices = input.options === undefined ? '' : ` (${input.options.join(', ')})`;
    const answer = await prompt.question(`${oneLine(input.description ?? input.id)}${oneLine(choices)}: `, { signal });
    return answer === '' ? input.default : answer;
  } finally {
    prompt.close();
  }
};
