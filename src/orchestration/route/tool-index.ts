/** Ranked search over the tools of all servers: BM25F (Robertson, Zaragoza, Taylor, 2004) over names and descriptions. Pure. */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import type { ServerId, ToolInfo } from '../../contracts/index.ts';
import { wordsOf } from './words.ts';

export interface IndexedTool {
  readonly server: ServerId;
  readonly tool: ToolInfo;
}

export interface Hit extends IndexedTool {
  /** Higher is better; comparable within one search only. */
  readonly relevance: number;
  /** The words of the intent that it has. */
  readonly matched: readonly string[];
}

/** A word counts the more the nearer it stands to the name; long texts are held against a tool less than long names. */
const FIELDS = [
  { weight: 3, b: 0.3, textOf: (tool: ToolInfo) => tool.name },
  { weight: 2, b: 0.3, textOf: (tool: ToolInfo) => tool.title ?? '' },
  { weight: 1, b: 0.75, textOf: (tool: ToolInfo) => tool.description ?? '' },
  { weight: 0.5, b: 0.75, textOf: (tool: ToolInfo) => schemaText(tool.inputSchema) },
] as const;
/** What the name of its server adds for a word, whatever its length. */
const SERVER_WEIGHT = 1;
const K1 = 1.2;

/** Properties of one schema that are read. */
const MAX_PROPERTIES = 50;

function schemaText(schema: JsonObject): string {
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : [];
  return properties
    .slice(0, MAX_PROPERTIES)
    .map(([name, property]) => `${name} ${isJsonObject(property) ? String(property.description ?? '') : ''}`)
    .join(' ');
}

interface Entry extends IndexedTool {
  /** Weighted and length-normalized frequency of each word over all fields. */
  readonly frequencies: ReadonlyMap<string, number>;
}

/** Built once for a catalog; a search looks only at the tools that have a word of the intent. */
export class ToolIndex {
  readonly #entries: readonly Entry[];
  readonly #holders = new Map<string, number[]>();

  constructor(tools: readonly IndexedTool[]) {
    const counted = tools.map(({ tool }) => countFields(tool));
    const averages = FIELDS.map((_, field) => averageLength(counted.map((fields) => fields[field])));
    this.#entries = tools.map((one, index) => {
      const frequencies = new Map<string, number>();
      for (const word of new Set(wordsOf(one.server))) frequencies.set(word, SERVER_WEIGHT);
      for (const [field, { weight, b }] of FIELDS.entries()) {
        const { words, length } = counted[index]?.[field] ?? NOTHING;
        const norm = 1 - b + b * (length / (averages[field] || 1));
        for (const [word, count] of words)
          frequencies.set(word, (frequencies.get(word) ?? 0) + (weight * count) / (norm || 1));
      }
      for (const word of frequencies.keys()) this.#hold(word, index);
      return { ...one, frequencies };
    });
  }

  #hold(word: string, index: number): void {
    const holders = this.#holders.get(word);
    if (holders === undefined) this.#holders.set(word, [index]);
    else holders.push(index);
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Best first; of equals the one that was indexed first. */
  search(intent: string): readonly Hit[] {
    const scores = new Map<number, { relevance: number; readonly matched: string[] }>();
    for (const word of new Set(wordsOf(intent))) {
      const holders = this.#holders.get(word) ?? [];
      // Smoother than BM25's own, which makes nothing of what most tools of a small catalog say.
      const idf = Math.log(1 + this.size / Math.max(1, holders.length));
      for (const index of holders) {
        const frequency = this.#entries[index]?.frequencies.get(word) ?? 0;
        const score = scores.get(index) ?? { relevance: 0, matched: [] };
        score.relevance += (idf * frequency) / (K1 + frequency);
        score.matched.push(word);
        scores.set(index, score);
      }
    }
    return [...scores]
      .sort(([a, left], [b, right]) => right.relevance - left.relevance || a - b)
      .flatMap(([index, score]) => {
        const entry = this.#entries[index];
        return entry === undefined ? [] : [{ server: entry.server, tool: entry.tool, ...score }];
      });
  }
}

interface Counted {
  readonly words: ReadonlyMap<string, number>;
  readonly length: number;
}

const NOTHING: Counted = { words: new Map(), length: 0 };

/** A tool keeps its words when other tools of the catalog change. */
const countedTools = new WeakMap<ToolInfo, readonly Counted[]>();

function countFields(tool: ToolInfo): readonly Counted[] {
  const known = countedTools.get(tool);
  if (known !== undefined) return known;
  const counted = FIELDS.map(({ textOf }) => countWords(textOf(tool)));
  countedTools.set(tool, counted);
  return counted;
}

function countWords(text: string): Counted {
  const all = wordsOf(text);
  const words = new Map<string, number>();
  for (const word of all) words.set(word, (words.get(word) ?? 0) + 1);
  return { words, length: all.length };
}

function averageLength(counted: readonly (Counted | undefined)[]): number {
  return counted.reduce((sum, one) => sum + (one?.length ?? 0), 0) / Math.max(1, counted.length);
}
