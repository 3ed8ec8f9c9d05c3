/** Lists of several sources as one: each thing once, ranked by all of them (guide: merge_and_rank_results). Pure. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { groupSame } from './identity.ts';

export const RANKINGS = ['rrf', 'score', 'recency', 'none'] as const;
export type Ranking = (typeof RANKINGS)[number];

/** One source's list, best first. */
export interface RankedList {
  /** `server.tool`, as a rule. */
  readonly source: string;
  readonly items: readonly JsonValue[];
}

export interface MergeOptions {
  /** Fields by which items are known, the surest first. @default none: nothing is merged */
  readonly identify?: readonly string[] | undefined;
  /**
   * `rrf`: reciprocal rank fusion (Cormack et al., 2009), `score`: the items' own scores, scaled per source to 0 to 1,
   * `recency`: newest first, `none`: as they come, source by source. @default 'rrf'
   */
  readonly rank?: Ranking | undefined;
  /** What one source counts beside the others. @default 1 each */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** RRF's constant: the higher, the less the first places stand out. @default 10 */
  readonly k?: number | undefined;
  /** Field of an item's own score, for `score`. @default 'score' */
  readonly scoreField?: string | undefined;
  /** Fields of an item's date or year, for `recency`; the first that is there counts. @default date, published, year */
  readonly dateFields?: readonly string[] | undefined;
  /** Items that are kept. @default all */
  readonly limit?: number | undefined;
}

/** Where a merged item was found. Places count from 1. */
export interface Provenance {
  readonly score: number;
  readonly from: readonly { readonly source: string; readonly place: number }[];
}

export interface Merged {
  /** Best first; an item found several times has the fields of all its finds, the heaviest source's first. */
  readonly items: readonly JsonValue[];
  /** Of each item, in the same order. */
  readonly provenance: readonly Provenance[];
}

const DATE_FIELDS = ['date', 'published', 'publishedAt', 'published_at', 'updated', 'year'];

interface Find {
  readonly item: JsonValue;
  readonly source: string;
  readonly place: number;
  readonly weight: number;
  /** Of its own list, scaled to 0 to 1. */
  readonly scaled: number;
}

/** @throws RangeError for a weight, a constant or a limit that makes no sense */
export function merge(lists: readonly RankedList[], options: MergeOptions = {}): Merged {
  const { identify = [], rank = 'rrf', weights = {}, k = 10, limit = Number.POSITIVE_INFINITY } = options;
  check('k', k);
  check('limit', limit);
  for (const [source, weight] of Object.entries(weights)) check(`the weight of ${source}`, weight);
  const finds = lists.flatMap((list) => findsOf(list, weights[list.source] ?? 1, options.scoreField ?? 'score'));
  const groups = groupSame(
    finds.map(({ item }) => item),
    identify,
  ).map((group) => group.flatMap((index) => finds[index] ?? []));
  const scoreOf = SCORES[rank];
  const scored = groups.map((group) => ({ group, score: scoreOf(group, { ...options, k }) }));
  // Sorting keeps the order of equals: the first source's come first.
  if (rank !== 'none') scored.sort((a, b) => b.score - a.score);
  const kept = scored.slice(0, limit);
  return {
    items: kept.map(({ group }) => united(group)),
    provenance: kept.map(({ group, score }) => ({
      score,
      from: group.map(({ source, place }) => ({ source, place })),
    })),
  };
}

function check(what: string, value: number): void {
  if (!(value >= 0)) throw new RangeError(`merge: ${what} must be at least 0, not ${String(value)}`);
}

function findsOf({ source, items }: RankedList, weight: number, scoreField: string): readonly Find[] {
  const own = items.map((item) => (isJsonObject(item) ? Number(item[scoreField] ?? Number.NaN) : Number.NaN));
  const known = own.filter((score) => Number.isFinite(score));
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  return items.map((item, index) => {
    const score = own[index] ?? Number.NaN;
    // Alone, or all alike: there is nothing between best and worst.
    const scaled = Number.isFinite(score) ? (span > 0 ? (score - least) / span : 1) : 0;
    return { item, source, place: index + 1, weight, scaled };
  });
}

type ScoreOf = (group: readonly Find[], options: MergeOptions & { readonly k: number }) => number;

const SCORES: Readonly<Record<Ranking, ScoreOf>> = {
  rrf: (group, { k }) => sumOverSources(group, ({ weight, place }) => weight / (k + place)),
  score: (group) => sumOverSources(group, ({ weight, scaled }) => weight * scaled),
  recency: (group, { dateFields = DATE_FIELDS }) => Math.max(...group.map(({ item }) => timeOf(item, dateFields))),
  none: () => 0,
};

/** A source that lists one thing twice speaks for it once, with its better place. */
function sumOverSources(group: readonly Find[], scoreOf: (find: Find) => number): number {
  const best = new Map<string, number>();
  for (const find of group) best.set(find.source, Math.max(best.get(find.source) ?? 0, scoreOf(find)));
  return [...best.values()].reduce((sum, score) => sum + score, 0);
}

/** Milliseconds since the epoch; what has no date is older than everything. */
function timeOf(item: JsonValue, fields: readonly string[]): number {
  if (!isJsonObject(item)) return Number.NEGATIVE_INFINITY;
  for (const field of fields) {
    const value = item[field];
    const time =
      typeof value === 'number' ? timeOfNumber(value) : typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (Number.isFinite(time)) return time;
  }
  return Number.NEGATIVE_INFINITY;
}

/** A year, or milliseconds since the epoch. */
function timeOfNumber(value: number): number {
  return Number.isSafeInteger(value) && value < 10_000 ? Date.UTC(value, 0, 1) : value;
}

function united(group: readonly Find[]): JsonValue {
  const [first, ...others] = [...group].sort((a, b) => b.weight - a.weight || a.place - b.place);
  if (first === undefined || !isJsonObject(first.item) || others.length === 0) return first?.item ?? null;
  // A map, because a server may name a field `__proto__`.
  const result = new Map(Object.entries(first.item));
  for (const { item } of others) if (isJsonObject(item)) addMissing(result, item);
  return Object.fromEntries(result);
}

function addMissing(into: Map<string, JsonValue | undefined>, from: JsonObject): void {
  for (const [field, value] of Object.entries(from)) if (isEmpty(into.get(field))) into.set(field, value);
}

function isEmpty(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
