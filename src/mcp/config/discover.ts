/** Every place servers are defined in, read into one list: the first definition of an id wins, the others are told about. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { Problem, ServerDefinition, ServerOrigin } from '../../contracts/server.ts';
import { type ParsedFile, parseServerFile } from './parse-file.ts';
import type { WorkspaceFolder } from './resolve-launch.ts';

export interface DiscoverOptions {
  readonly bundled: readonly ServerDefinition[];
  /** Files named on the command line: what is asked for so explicitly goes before what lies in a folder. */
  readonly configFiles: readonly string[];
  /** Folders whose `.vscode/mcp.json` is read. */
  readonly folders: readonly WorkspaceFolder[];
}

/** A file larger than this is not a list of servers, in bytes. */
const MAX_BYTES = 5_000_000;

/** Where a folder's servers are defined. */
function workspaceServerFile(folder: WorkspaceFolder): string {
  return join(folder.path, '.vscode', 'mcp.json');
}

/** Never throws: what cannot be read is a problem, and the rest counts. */
export async function discoverServers(options: DiscoverOptions): Promise<ParsedFile> {
  const files = await Promise.all([
    ...options.configFiles.map((file) => readServerFile({ kind: 'config', file }, true)),
    ...options.folders.map((folder) => {
      const origin = { kind: 'workspace', folder: folder.path, file: workspaceServerFile(folder) } as const;
      return readServerFile(origin, false);
    }),
  ]);
  const problems = files.flatMap((file) => file.problems);
  const winners = new Map<string, ServerDefinition>();
  for (const definition of [...options.bundled, ...files.flatMap((file) => file.servers)]) {
    const first = winners.get(definition.id);
    if (first === undefined) winners.set(definition.id, definition);
    else problems.push(shadowed(definition, first));
  }
  return { servers: [...winners.values()], problems };
}

async function readServerFile(
  origin: Exclude<ServerOrigin, { kind: 'bundled' }>,
  required: boolean,
): Promise<ParsedFile> {
  const { file } = origin;
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > MAX_BYTES) throw new Error(`the file is larger than ${MAX_BYTES} bytes`);
    return parseServerFile({ file, text, origin, foreign: origin.kind === 'config' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !required) return { servers: [], problems: [] };
    const message = code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read: ${messageOf(error)}`;
    return {
      servers: [],
      problems: [{ severity: 'error', code: 'unreadable', message, range: { file, line: 1, column: 1 } }],
    };
  }
}

function shadowed(loser: ServerDefinition, winner: ServerDefinition): Problem {
  const place =
    winner.origin.kind === 'bundled'
      ? 'the extension itself'
      : `${winner.origin.file}${winner.range === undefined ? '' : `, line ${winner.range.line}`}`;
  return {
    severity: 'warning',
    code: 'shadowed',
    message: `server "${loser.label}" is not used: "${winner.id}" is defined first in ${place}`,
    range: loser.range,
  };
}
