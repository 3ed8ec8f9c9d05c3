/** `mcp-conductor credentials set|list|delete`: values that only one server gets, kept in the system's keyring. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import type { App, CredentialName, Principal } from '../contracts/index.ts';
import { environmentName } from '../app/credentials.ts';
import { messageOf } from '../base/errors.ts';
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts';
import { type CommonOptions, withApp } from './session.ts';
import { columns, oneLine } from './terminal.ts';

export interface CredentialOptions extends CommonOptions {
  /** `pipeline:nightly` */
  readonly principal?: string | undefined;
}

export type CredentialArguments = [server: string, name: string, options: CredentialOptions];

export async function credentialsSetCommand(...[server, name, options]: CredentialArguments): Promise<ExitCode> {
  const principal = principalOf(options.principal);
  return withKeyring(options, server, name, async (app) => {
    app.credentials.check(server, name);
    const value = process.stdin.isTTY
      ? await askHidden(`${name} for ${server}: `)
      : trimmedEnd(await readAll(process.stdin));
    await app.credentials.set(server, name, value, principal);
    process.stderr.write(`Kept ${name} for ${server}.\n`);
    return EXIT.done;
  });
}

export async function credentialsListCommand(options: CredentialOptions): Promise<ExitCode> {
  return withKeyring(options, '<SERVER>', '<NAME>', async (app) => {
    const kept = await app.credentials.list();
    process.stdout.write(
      options.json === true ? `${JSON.stringify({ version: 1, credentials: kept }, null, 2)}\n` : `${table(kept)}\n`,
    );
    return EXIT.done;
  });
}

export async function credentialsDeleteCommand(...[server, name, options]: CredentialArguments): Promise<ExitCode> {
  const principal = principalOf(options.principal);
  return withKeyring(options, server, name, async (app) => {
    if (await app.credentials.delete(server, name, principal)) return EXIT.done;
    process.stderr.write(`mcp-conductor: there is no credential ${oneLine(name)} for ${oneLine(server)}\n`);
    return EXIT.failed;
  });
}

/** Where there is no keyring, it is said what does as well. */
async function withKeyring(
  options: CredentialOptions,
  server: string,
  name: string,
  work: (app: App) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withApp(process.cwd(), { ...options, keyringOnly: true }, async (app) => {
    try {
      return await work(app);
    } catch (error) {
      if (!(error instanceof Error) || !/keyring/.test(error.message)) throw error;
      const variable = server.startsWith('<') ? 'MCP_CONDUCTOR_SECRET_<SERVER>__<NAME>' : environmentName(server, name);
      throw new Error(`${messageOf(error)}; or give the value as the environment variable ${variable}`, {
        cause: error,
      });
    }
  });
}

function principalOf(text: string | undefined): Principal | undefined {
  if (text === undefined) return undefined;
  const [, kind, id] = /^(person|pipeline|agent|automation):(.+)$/.exec(text) ?? [];
  if (kind === undefined || id === undefined) {
    throw new UsageError(`--principal ${text}: write person:NAME, pipeline:NAME, agent:ROLE or automation:RULE`);
  }
  return { kind: kind as Principal['kind'], id };
}

/** A terminal shows nothing of what is typed. */
async function askHidden(prompt: string): Promise<string> {
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  const input = createInterface({ input: process.stdin, output: muted, terminal: true });
  process.stderr.write(prompt);
  try {
    return await new Promise<string>((resolve, reject) => {
      input.question('', resolve);
      input.once('SIGINT', () => reject(new UsageError('no value was given')));
      input.once('close', () => reject(new UsageError('no value was given')));
    });
  } finally {
    input.close();
    process.stderr.write('\n');
  }
}

/** What `echo` and editors put at the end is no part of the value. */
const trimmedEnd = (text: string): string => text.replace(/\r?\n$/, '');

function table(kept: readonly CredentialName[]): string {
  if (kept.length === 0) return 'No credentials.';
  const rows = kept.map(({ server, name, principal, place }) => [
    oneLine(server),
    oneLine(name),
    principal === undefined ? 'everybody' : oneLine(`${principal.kind}:${principal.id}`),
    oneLine(place),
  ]);
  return columns([['SERVER', 'NAME', 'FOR', 'DEFINED IN'], ...rows]);
}
