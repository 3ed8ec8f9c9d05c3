/** A YAML file with the means to say where something stands in it. Pure. */
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type { Problem, SourceRange } from '../../contracts/index.ts';

type Path = readonly PropertyKey[];

export interface YamlText {
  readonly file: string;
  readonly document: Document.Parsed;
  /** As plain values; undefined while it is no YAML. */
  readonly raw: unknown;
  /** Why it is no YAML, at its line. */
  readonly problems: readonly Problem[];
  /** Of the value at a path; of the nearest key above it when it is not there. */
  rangeOf(path: Path): SourceRange;
  /** Of the key that a path ends with. */
  keyRangeOf(path: Path): SourceRange;
  /** Where a value or a list item begins. */
  startOf(path: Path): SourceRange;
}

/** @param file - shown in problems, never opened */
export function readYaml(text: string, file: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const range = (from: number, to: number): SourceRange => {
    const start = lines.linePos(from);
    const end = lines.linePos(Math.max(from, to));
    return { file, line: atLeast1(start.line), column: atLeast1(start.col), endLine: end.line, endColumn: end.col };
  };
  const ofNode = (node: Node | undefined): SourceRange => {
    const [from = 0, to = from] = node?.range ?? [];
    return range(from, to);
  };
  const rangeOf = (path: Path): SourceRange => {
    const value = path.length === 0 ? undefined : document.getIn(path, true);
    if (isNode(value) && !isEmpty(value)) return ofNode(value);
    return ofNode(nearestNode(document, path));
  };
  const syntax = [...document.errors, ...document.warnings].map((error): Problem => {
    const [from, to] = error.pos;
    const message = error.message.split('\n')[0] ?? error.message;
    return { severity: 'error', code: 'config/yaml', message, range: range(from, to) };
  });
  const converted = syntax.length > 0 ? { raw: undefined, problems: syntax } : toPlain(document, file);
  return {
    file,
    document,
    ...converted,
    rangeOf,
    keyRangeOf: (path) => {
      const pair = pairAt(document, path);
      return pair === undefined ? rangeOf(path) : ofNode(keyNode(pair));
    },
    startOf: (path) => {
      const { line, column } = rangeOf(path);
      return { file, line, column };
    },
  };
}

/** Aliases that would unfold without end are a mistake as well. */
function toPlain(document: Document.Parsed, file: string): Pick<YamlText, 'raw' | 'problems'> {
  try {
    return { raw: document.toJS({ maxAliasCount: 100 }), problems: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      raw: undefined,
      problems: [{ severity: 'error', code: 'config/yaml', message, range: { file, line: 1, column: 1 } }],
    };
  }
}

/** `key:` with nothing after it has a value of no length somewhere behind. */
function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}

function pairAt(document: Document.Parsed, path: Path): Pair | undefined {
  const parent = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const key = path.at(-1);
  return parent.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key));
}

/** The key or list item that stands nearest above. */
function nearestNode(document: Document.Parsed, path: Path): Node | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const pair = pairAt(document, path.slice(0, length));
    if (pair !== undefined) return keyNode(pair);
    const item = document.getIn(path.slice(0, length), true);
    if (isNode(item)) return item;
  }
  return undefined;
}

function keyNode(pair: Pair): Node | undefined {
  return isNode(pair.key) ? pair.key : undefined;
}

const atLeast1 = (place: number): number => Math.max(1, place);
