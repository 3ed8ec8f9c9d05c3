/** Reads the tables of a Markdown section, for documents that a guard holds against the source. */

export interface Row {
  /** Every `code` span of the first cell. */
  readonly names: readonly string[];
  /** The text of the other cells. */
  readonly rest: string;
}

const cells = (line: string): readonly string[] =>
  line
    .replace(/^\||\|\s*$/g, '')
    .split('|')
    .map((cell) => cell.trim());

/** The lines between the first heading that matches and the next one of its level or above. */
function section(text: string, heading: RegExp): readonly string[] {
  const lines = text.split('\n').map((line) => ({ line, title: /^(#+)\s+(.*)$/.exec(line) }));
  const start = lines.findIndex(({ title }) => title !== null && heading.test(title[2] ?? ''));
  if (start < 0) return [];
  const level = lines[start]?.title?.[1]?.length ?? 0;
  const after = lines.slice(start + 1);
  const end = after.findIndex(({ title }) => title !== null && (title[1]?.length ?? 0) <= level);
  return (end < 0 ? after : after.slice(0, end)).map(({ line }) => line);
}

/** The rows of every table in a section whose first cell names something in `code`. */
export function rowsUnder(text: string, heading: RegExp): readonly Row[] {
  return section(text, heading)
    .filter((line) => line.startsWith('|'))
    .map((line) => {
      const [first = '', ...others] = cells(line);
      return { names: [...first.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''), rest: others.join(' ').trim() };
    })
    .filter(({ names }) => names.length > 0);
}
