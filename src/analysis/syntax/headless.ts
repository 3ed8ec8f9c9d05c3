/** Finds the head of a function by its text alone, where the tree holds nothing but the function's block. */

export interface Head {
  readonly name: string;
  /** Where the name begins. */
  readonly start: number;
  readonly parameters: number;
}

/** How far before a block its head may begin, in characters. */
const REACH = 2_000;
const KEYWORDS: ReadonlySet<string> = new Set(['if', 'for', 'while', 'switch', 'return', 'sizeof', 'catch', 'do']);

/** The `name(parameters)` that stands right before a block; undefined when something else does. */
export function headBefore(text: string, block: number): Head | undefined {
  const from = Math.max(0, block - REACH);
  const before = text.slice(from, block).trimEnd();
  if (!before.endsWith(')')) return undefined;
  const open = opening(before);
  const name = /[A-Za-z_~][\w:~]*$/.exec(before.slice(0, open).trimEnd());
  if (open < 0 || name === null || KEYWORDS.has(name[0])) return undefined;
  return { name: name[0], start: from + name.index, parameters: countBetween(before.slice(open + 1, -1)) };
}

/** Index of the bracket that the last one closes; -1 without one. */
function opening(text: string): number {
  let depth = 0;
  for (let index = text.length - 1; index >= 0; index -= 1) {
    if (text[index] === ')') depth += 1;
    else if (text[index] === '(' && --depth === 0) return index;
  }
  return -1;
}

function countBetween(list: string): number {
  const flat = list.trim();
  if (flat === '' || flat === 'void') return 0;
  let depth = 0;
  let commas = 0;
  for (const character of flat) {
    if (character === '(' || character === '[' || character === '{') depth += 1;
    else if (character === ')' || character === ']' || character === '}') depth -= 1;
    else if (character === ',' && depth === 0) commas += 1;
  }
  return commas + 1;
}

/** Line breaks of a text between two places. */
export function countLineBreaks(text: string, start: number, end: number): number {
  let count = 0;
  for (let index = text.indexOf('\n', start); index >= 0 && index < end; index = text.indexOf('\n', index + 1))
    count += 1;
  return count;
}
