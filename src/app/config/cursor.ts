/** Where in the schema a place in the text is, also while the line is being written. Pure. */
import { isMap, isPair, isScalar, isSeq, type Node, type Pair, parseDocument, type Scalar, visit } from 'yaml';

type Path = readonly (string | number)[];

/** The word at the cursor and what it stands for. */
export interface Cursor {
  /** Of the mapping that a key would be added to, of the value, or of the list item. */
  readonly path: Path;
  readonly role: 'key' | 'value';
  /** Offsets of the word that is there already. */
  readonly from: number;
  readonly to: number;
  /** Keys that stand beside it. */
  readonly siblings: readonly string[];
  /** Whether it is in `{…}` or `[…]`. */
  readonly isFlow: boolean;
  /** Whether a colon follows already. */
  readonly hasColon: boolean;
}

/** Stands for the word that is being written; no file has it. */
const MARK = 'mcpConductorCursor';
const WORD = /[^\s,:{}[\]#'"]/;

export function cursorAt(text: string, offset: number): Cursor | undefined {
  let from = offset;
  while (from > 0 && WORD.test(text[from - 1] ?? '')) from -= 1;
  let to = offset;
  while (to < text.length && WORD.test(text[to] ?? '')) to += 1;
  const hasColon = /^['"]?\s*:/.test(text.slice(to));
  const document = parseDocument(`${text.slice(0, from)}${MARK}${text.slice(to)}`, { prettyErrors: false });
  const rest = { from, to, hasColon };
  let found: Cursor | undefined;
  visit(document, {
    Scalar: (place, node, ancestors) => {
      if (!String(node.value).includes(MARK)) return undefined;
      found = { ...rest, ...cursorOf(place, ancestors as readonly (Node | Pair)[]) };
      return visit.BREAK;
    },
  });
  return (
    found ?? (document.contents === null ? { ...rest, path: [], role: 'key', siblings: [], isFlow: false } : undefined)
  );
}

function cursorOf(
  place: unknown,
  ancestors: readonly (Node | Pair)[],
): Pick<Cursor, 'path' | 'role' | 'siblings' | 'isFlow'> {
  const isFlow = ancestors.some((node) => (isMap(node) || isSeq(node)) && node.flow === true);
  const parent = ancestors.at(-1);
  const path = pathOf(ancestors);
  if (isPair(parent) && place === 'key') {
    const map = ancestors.at(-2);
    const siblings = isMap(map) ? map.items.filter((item) => item !== parent).map((item) => nameOf(item)) : [];
    return { path: path.slice(0, -1), role: 'key', siblings, isFlow };
  }
  const item = isSeq(parent) && typeof place === 'number' ? [...path, place] : path;
  return { path: item, role: 'value', siblings: [], isFlow };
}

/** Of the innermost pair or list item. */
function pathOf(ancestors: readonly (Node | Pair)[]): Path {
  return ancestors.flatMap((node, index): Path => {
    const inner = ancestors[index + 1];
    if (isPair(node)) return [nameOf(node)];
    return isSeq(node) && inner !== undefined ? [node.items.indexOf(inner)] : [];
  });
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String((key as Scalar).value) : '';
}

/** What stands at a place of a finished text. */
export interface Word {
  /** Of the field that the word names, or is the value of. */
  readonly path: Path;
  readonly from: number;
  readonly to: number;
}

export function wordAt(text: string, offset: number): Word | undefined {
  let found: Word | undefined;
  visit(parseDocument(text, { prettyErrors: false }), {
    Scalar: (place, node, ancestors) => {
      const [from = 0, to = 0] = node.range ?? [];
      if (offset < from || offset > to) return undefined;
      const nodes = ancestors as readonly (Node | Pair)[];
      const path = pathOf(nodes);
      found = { path: isSeq(nodes.at(-1)) && typeof place === 'number' ? [...path, place] : path, from, to };
      return visit.BREAK;
    },
  });
  return found;
}
