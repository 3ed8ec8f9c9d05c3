/** A definition as it is written into what is started or called: variables, inputs, env file and environment put in. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { ConductorError, messageOf } from '../../base/errors.ts';
import { resolveSecretReferences, secretReferences } from '../../base/secret-references.ts';
import type { Credentials } from '../../contracts/credentials.ts';
import type {
  HostEnvironment,
  HttpLaunch,
  ServerDefinition,
  StdioLaunch,
  VariableSource,
} from '../../contracts/server.ts';
import type { ResolvedLaunch } from '../open-connection.ts';
import { parseEnvFile } from './env-file.ts';
import type { InputValues } from './inputs.ts';
import { isHttpUrl } from './parse-server.ts';
import { type ResolveVariable, substitute } from './variables.ts';

/** A folder the person has open. */
export interface WorkspaceFolder {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export interface ResolveContext {
  readonly folders: readonly WorkspaceFolder[];
  readonly environment: HostEnvironment;
  readonly variables: VariableSource;
  readonly inputs: InputValues;
  /** What `${{ secrets.NAME }}` in headers and environments means. */
  readonly credentials: Credentials;
  /** Told what is odd about an env file. */
  readonly note: (text: string) => void;
}

export interface Resolved {
  readonly launch: ResolvedLaunch;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
}

/** Names whose values are somebody's secret, whoever wrote them where. */
const SECRET_NAME =
  /token|secret|passw|credential|api.?key|access.?key|private.?key|authorization|cookie|^x-.*-key$|_key$|_pat$/i;

/** @throws ConductorError SERVER_START_FAILED naming the variable, file or address that is wrong */
export async function resolveLaunch(
  definition: ServerDefinition,
  context: ResolveContext,
  signal: AbortSignal,
): Promise<Resolved> {
  const secrets = new Set<string>();
  const variable = variableResolver(definition, context, secrets, signal);
  const fill = (text: string): Promise<string> => {
    const [name] = secretReferences(text);
    if (name === undefined) return substitute(text, variable);
    throw failed(
      definition,
      `\${{ secrets.${name} }} may stand in "env" and "headers" alone: elsewhere it can be seen`,
    );
  };
  const credential = async (name: string): Promise<string> => {
    const value = await context.credentials.value(definition, name);
    secrets.add(value);
    return value;
  };
  const fillSecret: Fill = (text) => resolveSecretReferences(text, credential, (part) => substitute(part, variable));
  const { launch } = definition;
  const resolved =
    launch.type === 'stdio'
      ? await fillStdio(definition, launch, context, { fill, fillSecret }, secrets)
      : await fillHttp(definition, launch, { fill, fillSecret }, secrets);
  return { launch: resolved, secrets: [...secrets] };
}

function variableResolver(
  definition: ServerDefinition,
  context: ResolveContext,
  secrets: Set<string>,
  signal: AbortSignal,
): ResolveVariable {
  const { environment, variables, folders } = context;
  const plain = new Map<string, () => string>([
    ['userHome', () => environment.lookup('HOME') ?? environment.lookup('USERPROFILE') ?? ''],
    ['pathSeparator', () => sep],
  ]);
  const withArgument = new Map<string, (argument: string) => string | undefined | Promise<string | undefined>>([
    ['env', (argument) => environmentValue(context, argument, secrets)],
    ['config', (argument) => variables.config(argument)],
    ['command', (argument) => variables.command(argument)],
    ['input', (argument) => inputValue(definition, context, argument, secrets, signal)],
  ]);
  return async (name, argument) => {
    if (name === 'workspaceFolder') return folderPath(definition, folders, argument);
    return argument === undefined ? plain.get(name)?.() : withArgument.get(name)?.(argument);
  };
}

async function inputValue(
  definition: ServerDefinition,
  context: ResolveContext,
  id: string,
  secrets: Set<string>,
  signal: AbortSignal,
): Promise<string> {
  const { value, secret } = await context.inputs.value(definition, id, signal);
  if (secret) secrets.add(value);
  return value;
}

function environmentValue(context: ResolveContext, name: string, secrets: Set<string>): string {
  const value = context.environment.lookup(name) ?? '';
  if (SECRET_NAME.test(name)) secrets.add(value);
  return value;
}

function folderPath(
  definition: ServerDefinition,
  folders: readonly WorkspaceFolder[],
  name: string | undefined,
): string {
  const own = definition.origin.kind === 'workspace' ? definition.origin.folder : folders[0]?.path;
  const found = name === undefined ? own : folders.find((folder) => folder.name === name)?.path;
  if (found !== undefined) return found;
  const known = folders.map((folder) => `"${folder.name}"`).join(', ');
  throw failed(
    definition,
    name === undefined
      ? '${workspaceFolder} has no value, because no folder is open'
      : `no open folder is called "${name}"; open: ${known || 'none'}`,
  );
}

type Fill = (text: string) => Promise<string>;

interface Fills {
  readonly fill: Fill;
  /** Where a credential may stand. */
  readonly fillSecret: Fill;
}

async function fillStdio(
  definition: ServerDefinition,
  launch: StdioLaunch,
  context: ResolveContext,
  { fill, fillSecret }: Fills,
  secrets: Set<string>,
): Promise<ResolvedLaunch> {
  const base = definition.origin.kind === 'workspace' ? definition.origin.folder : undefined;
  const written = launch.cwd === undefined ? undefined : await fill(launch.cwd);
  const cwd = written === undefined ? base : absolute(written, base);
  const fromFile =
    launch.envFile === undefined
      ? {}
      : await readEnvFile(definition, absolute(await fill(launch.envFile), base), context);
  const env: Record<string, string> = { ...context.environment.inherited, ...fromFile };
  for (const [name, value] of Object.entries(launch.env)) {
    if (value === null) delete env[name];
    else env[name] = await fillSecret(value);
  }
  for (const name of [...Object.keys(fromFile), ...Object.keys(launch.env)]) {
    const value = env[name];
    if (value !== undefined && SECRET_NAME.test(name)) secrets.add(value);
  }
  const command = await fill(launch.command);
  const args: string[] = [];
  for (const arg of launch.args) args.push(await fill(arg));
  return { type: 'stdio', command, args, cwd, env };
}

async function readEnvFile(
  definition: ServerDefinition,
  file: string,
  context: ResolveContext,
): Promise<Readonly<Record<string, string>>> {
  try {
    const { values, badLines } = parseEnvFile(await readFile(file, 'utf8'));
    if (badLines.length > 0) context.note(`${file}: not of the form NAME=value, left out: line ${badLines.join(', ')}`);
    return values;
  } catch (error) {
    throw failed(definition, `its envFile ${file} cannot be read: ${messageOf(error)}`);
  }
}

async function fillHttp(
  definition: ServerDefinition,
  launch: HttpLaunch,
  { fill, fillSecret }: Fills,
  secrets: Set<string>,
): Promise<ResolvedLaunch> {
  const url = await fill(launch.url);
  if (!isHttpUrl(url)) throw failed(definition, `its address "${launch.url}" does not become an http or https address`);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(launch.headers)) {
    headers[name] = await fillSecret(value);
    // The scheme before a token ("Bearer") is no secret, and must not be blotted out elsewhere.
    if (SECRET_NAME.test(name)) secrets.add((headers[name] ?? '').replace(/^(?:Bearer|Basic|Token)\s+/i, ''));
  }
  return { type: 'http', url, headers };
}

function absolute(path: string, base: string | undefined): string {
  return isAbsolute(path) || base === undefined ? path : resolve(base, path);
}

function failed(definition: ServerDefinition, why: string): ConductorError {
  return new ConductorError('SERVER_START_FAILED', `server "${definition.id}" was not started: ${why}`, {
    details: { server: definition.id },
  });
}
