/** `config`: where the configuration is, what is wrong with it, and its schema. Nothing is started. */
import { join } from 'node:path';
import { configJsonSchema } from '../app/config/json-schema.ts';
import { loadConfig, workspaceConfigFile } from '../app/config/load-config.ts';
import { LiveRules } from '../app/live-rules.ts';
import type { Problem } from '../contracts/index.ts';
import { userConfigDir } from '../node/state-dir.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { oneLine } from './terminal.ts';

export interface ConfigCommandOptions {
  readonly trustWorkspace?: boolean | undefined;
  readonly json?: boolean | undefined;
}

const userFile = (): string => join(userConfigDir(), 'config.yaml');

/** Exit code 1 when there is an error in it. */
export async function configCheckCommand(options: ConfigCommandOptions): Promise<ExitCode> {
  const folder = process.cwd();
  const trusted = options.trustWorkspace === true;
  const read = await loadConfig({ userFile: userFile(), folders: [folder], trusted });
  const problems = [...read.problems, ...new LiveRules(read).problems];
  const files = [read.file, ...read.workspaces.map(({ file }) => file)];
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ version: 1, files, problems }, null, 2)}\n`);
  } else {
    for (const problem of problems) process.stdout.write(`${oneLine(lineOf(problem))}\n`);
    const verdict = problems.length === 0 ? 'nothing is wrong' : `${problems.length} to look at`;
    process.stdout.write(`${oneLine(`${files.join(', ')}: ${verdict}`)}\n`);
  }
  return problems.some(({ severity }) => severity === 'error') ? EXIT.failed : EXIT.done;
}

function lineOf({ severity, message, range }: Problem): string {
  return `${range === undefined ? '' : `${range.file}:${range.line}:${range.column}: `}${severity}: ${message}`;
}

export function configPathCommand(options: ConfigCommandOptions): Promise<ExitCode> {
  const workspace = workspaceConfigFile(process.cwd());
  const text =
    options.json === true ? JSON.stringify({ version: 1, user: userFile(), workspace }, null, 2) : userFile();
  process.stdout.write(`${text}\n`);
  return Promise.resolve(EXIT.done);
}

export function configSchemaCommand(): Promise<ExitCode> {
  process.stdout.write(configJsonSchema());
  return Promise.resolve(EXIT.done);
}
