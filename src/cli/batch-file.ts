/** A file of calls, JSON Lines or a JSON array, with what is wrong at its place. */
import { messageOf } from '../base/errors.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { UsageError } from './exit-codes.ts';

export interface BatchEntry {
  /** Where it stands: `calls.jsonl:3`, or `calls.json[2]`. */
  readonly place: string;
  readonly server: string;
  readonly tool: string;
  readonly args: JsonObject;
}

const SHAPE = 'a call looks like {"server": "…", "tool": "…", "args": {…}}';
const KEYS = ['server', 'tool', 'args'];

/** @throws UsageError naming the place and what would be right */
export function parseBatch(text: string, file: string): readonly BatchEntry[] {
  const entries = text.trimStart().startsWith('[') ? arrayEntries(text, file) : lineEntries(text, file);
  if (entries.length === 0) throw new UsageError(`${file} has no calls; ${SHAPE}`);
  return entries;
}

function arrayEntries(text: string, file: string): readonly BatchEntry[] {
  const values = parseJson(text, file);
  if (!Array.isArray(values)) throw new UsageError(`${file} is not a JSON array of calls`);
  return values.map((value, index) => entryOf(value, `${file}[${index}]`));
}

function lineEntries(text: string, file: string): readonly BatchEntry[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const place = `${file}:${index + 1}`;
    return line.trim() === '' ? [] : [entryOf(parseJson(line, place), place)];
  });
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${place}: not JSON: ${messageOf(error)}`);
  }
}

function entryOf(value: unknown, place: string): BatchEntry {
  if (!isJsonObject(value)) throw new UsageError(`${place}: not an object; ${SHAPE}`);
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new UsageError(`${place}: unknown key "${unknown}"; ${SHAPE}`);
  const { server, tool, args = {} } = value;
  if (typeof server !== 'string' || server === '') throw new UsageError(`${place}: "server" must be a name; ${SHAPE}`);
  if (typeof tool !== 'string' || tool === '') throw new UsageError(`${place}: "tool" must be a name; ${SHAPE}`);
  if (!isJsonObject(args)) throw new UsageError(`${place}: "args" must be an object; ${SHAPE}`);
  return { place, server, tool, args };
}
