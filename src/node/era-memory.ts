/** Which protocol era each server spoke last, in one small file that any window may rewrite. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { messageOf } from '../base/errors.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { EraMemory } from '../contracts/server.ts';
import { isSystemError } from './process-group.ts';

/** The oldest verdicts go first beyond this many. */
const MAX_ENTRIES = 500;

export interface FileEraMemoryOptions {
  /** Absolute path of the file; it and its folder need not exist. */
  readonly file: string;
  /** Told when the file cannot be read or written; a forgotten verdict costs a probe and nothing else. */
  readonly onProblem: (message: string) => void;
}

/** Keeps its own copy in memory; two windows writing at once lose a verdict at worst, never the file. */
export function createFileEraMemory(options: FileEraMemoryOptions): EraMemory {
  let verdicts: Promise<Map<string, JsonObject>> | undefined;
  let writing: Promise<void> = Promise.resolve();
  const load = (): Promise<Map<string, JsonObject>> => {
    verdicts ??= readVerdicts(options);
    return verdicts;
  };
  const change = async (apply: (map: Map<string, JsonObject>) => void): Promise<void> => {
    const map = await load();
    apply(map);
    for (const oldest of [...map.keys()].slice(0, Math.max(0, map.size - MAX_ENTRIES))) map.delete(oldest);
    const text = `${JSON.stringify(Object.fromEntries(map), null, 1)}\n`;
    writing = writing.then(() => writeVerdicts(options, text));
    await writing;
  };
  return {
    get: async (key) => (await load()).get(key),
    set: (key, verdict) =>
      change((map) => {
        map.delete(key);
        map.set(key, verdict);
      }),
    delete: (key) => change((map) => void map.delete(key)),
  };
}

async function readVerdicts(options: FileEraMemoryOptions): Promise<Map<string, JsonObject>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(options.file, 'utf8'));
    if (!isJsonObject(parsed)) throw new Error('not an object');
    return new Map(Object.entries(parsed).filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1])));
  } catch (error) {
    const missing = isSystemError(error) && error.code === 'ENOENT';
    if (!missing)
      options.onProblem(`could not read ${options.file}: ${messageOf(error)}; every server is probed again`);
    return new Map();
  }
}

async function writeVerdicts(options: FileEraMemoryOptions, text: string): Promise<void> {
  try {
    await mkdir(dirname(options.file), { recursive: true });
    await writeFileAtomic(options.file, text);
  } catch (error) {
    options.onProblem(`could not write ${options.file}: ${messageOf(error)}`);
  }
}
