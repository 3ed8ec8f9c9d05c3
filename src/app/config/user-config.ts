/** Reads the user's `config.yaml`: a configuration, or every problem in it at its line. */
import { readFile } from 'node:fs/promises';
import { messageOf } from '../../base/errors.ts';
import type { Problem } from '../../contracts/index.ts';
import { byLine, parseConfig } from './parse-config.ts';
import type { ReadConfig } from './read-config.ts';
import { EMPTY_CONFIG } from './schema.ts';

/** A missing file is an empty configuration. A section with a mistake is reported at its line and counts as empty. */
export async function readUserConfig(file: string): Promise<ReadConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return parseUserConfig('', file);
    return unreadable(file, `cannot be read: ${messageOf(error)}`);
  }
  return parseUserConfig(text, file);
}

export function parseUserConfig(text: string, file: string): ReadConfig {
  const { config, permissionRanges, problems, lostRules } = parseConfig(text, file);
  return {
    file,
    config,
    problems: byLine(problems),
    permissionRanges,
    lostRules,
    workspaces: [],
  };
}

function unreadable(file: string, message: string): ReadConfig {
  const problem: Problem = { severity: 'error', code: 'config', message, range: { file, line: 1, column: 1 } };
  return {
    file,
    config: EMPTY_CONFIG,
    problems: [problem],
    permissionRanges: [],
    lostRules: `${file} cannot be read`,
    workspaces: [],
  };
}
