/** Which items of several sources are the same thing: by keys first, then by titles that hardly differ. Pure. */
import { isJsonObject, type JsonValue } from '../../base/json.ts';

/** Title words of which two items must share this part to count as one. */
const NEAR_TITLE = 0.9;

/** Shorter titles say too little to be matched by resemblance. */
const LEAST_WORDS = 4;

/**
 * Groups of indexes that are one thing each, in the order of their first members.
 *
 * @param identify - fields by which items are known, the surest first: two items that agree in one are the same, unless
 * a surer one that both have says otherwise
 */
export function groupSame(items: readonly JsonValue[], identify: readonly string[]): readonly (readonly number[])[] {
  const groups = new Groups(items.map((item) => identify.map((field) => keyOf(item, field))));
  for (let rule = 0; rule < identify.length; rule += 1) groups.joinByKey(rule);
  const title = identify.indexOf('title');
  if (title >= 0) groups.joinNear(items, title);
  return groups.list();
}

/** Undefined for what is missing or says nothing. */
function keyOf(item: JsonValue, field: string): string | undefined {
  if (!isJsonObject(item)) return undefined;
  const value = item[field];
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  const key = normalized(field, value);
  return key === '' ? undefined : key;
}

/** The forms in which one identifier is written. */
function normalized(field: string, value: string): string {
  const text = value.trim().toLowerCase();
  switch (field.toLowerCase()) {
    case 'doi':
      return text.replace(/^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:\s*)/, '');
    case 'arxivid':
    case 'arxiv_id':
      return text
        .replace(/^(?:https?:\/\/(?:www\.)?arxiv\.org\/(?:abs|pdf)\/|arxiv:\s*)/, '')
        .replace(/v\d+(?:\.pdf)?$/, '');
    case 'url':
      return text
        .replace(/^https?:\/\/(?:www\.)?/, '')
        .replace(/#.*$/, '')
        .replace(/\/$/, '');
    case 'title':
      return words(text).join(' ');
    default:
      return text;
  }
}

/** Letters and digits alone, without accents. */
function words(text: string): readonly string[] {
  const plain = text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '');
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Disjoint sets of items; each knows the keys of its members, so that sets that contradict each other stay apart. */
class Groups {
  readonly #keys: readonly (readonly (string | undefined)[])[];
  readonly #parent: number[];
  /** By the set's representative: the keys of its members, rule by rule. */
  readonly #known: Set<string>[][];

  constructor(keys: readonly (readonly (string | undefined)[])[]) {
    this.#keys = keys;
    this.#parent = keys.map((_, index) => index);
    this.#known = keys.map((own) => own.map((key) => new Set(key === undefined ? [] : [key])));
  }

  joinByKey(rule: number): void {
    const first = new Map<string, number[]>();
    for (const [index, own] of this.#keys.entries()) {
      const key = own[rule];
      if (key === undefined) continue;
      const others = first.get(key);
      if (others === undefined) first.set(key, [index]);
      // One key may name several things that surer keys keep apart: each is tried.
      else if (!others.some((other) => this.#join(other, index, rule))) others.push(index);
    }
  }

  joinNear(items: readonly JsonValue[], rule: number): void {
    const titles = items.map((item) => {
      const title = isJsonObject(item) ? item.title : undefined;
      return [...new Set(typeof title === 'string' ? words(title) : [])];
    });
    for (const [a, b] of nearPairs(titles)) this.#join(a, b, rule);
  }

  #root(index: number): number {
    let root = index;
    while (this.#parent[root] !== root) root = this.#parent[root] ?? root;
    this.#parent[index] = root;
    return root;
  }

  /** @returns true when both are in one set afterwards */
  #join(a: number, b: number, rule: number): boolean {
    const [into, from] = [this.#root(a), this.#root(b)].sort((x, y) => x - y) as [number, number];
    if (into === from) return true;
    const known = this.#known[into] ?? [];
    const added = this.#known[from] ?? [];
    if (contradict(known, added, rule)) return false;
    this.#parent[from] = into;
    for (const [at, keys] of added.entries()) for (const key of keys) known[at]?.add(key);
    return true;
  }

  list(): readonly (readonly number[])[] {
    const groups = new Map<number, number[]>();
    for (const index of this.#parent.keys()) {
      const root = this.#root(index);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [index]);
      else group.push(index);
    }
    return [...groups.values()];
  }
}

/** Both have a surer key, and share none of it. */
function contradict(a: readonly Set<string>[], b: readonly Set<string>[], rule: number): boolean {
  for (let surer = 0; surer < rule; surer += 1) {
    const left = a[surer] ?? new Set();
    const right = b[surer] ?? new Set();
    if (left.size > 0 && right.size > 0 && ![...right].some((key) => left.has(key))) return true;
  }
  return false;
}

/** Pairs whose words overlap enough (Jaccard), found through the words they share and not by comparing all with all. */
function nearPairs(titles: readonly (readonly string[])[]): readonly (readonly [number, number])[] {
  const holders = new Map<string, number[]>();
  return titles.flatMap((title, index) => {
    if (title.length < LEAST_WORDS) return [];
    return [...sharedWith(title, index, holders)].flatMap(([other, count]): (readonly [number, number])[] => {
      const union = title.length + (titles[other]?.length ?? 0) - count;
      return count / union >= NEAR_TITLE ? [[other, index]] : [];
    });
  });
}

/** Number of words shared with each title before; the title's own words are noted. */
function sharedWith(
  title: readonly string[],
  index: number,
  holders: Map<string, number[]>,
): ReadonlyMap<number, number> {
  const shared = new Map<number, number>();
  for (const word of title) {
    const known = holders.get(word) ?? [];
    for (const other of known) shared.set(other, (shared.get(other) ?? 0) + 1);
    known.push(index);
    holders.set(word, known);
  }
  return shared;
}
