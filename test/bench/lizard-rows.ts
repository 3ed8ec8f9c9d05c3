/** lizard's rows, and which of our functions belongs to which of them. */
import { groupBy } from '../../src/analysis/group-by.ts';

export interface Row {
  /** Relative to the repository. */
  readonly file: string;
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly cyclomatic: number;
  readonly parameters: number;
}

interface Place {
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
}

export interface Verdict<Function> {
  readonly row: Row;
  readonly match: Function | undefined;
}

/** Reads the rows of one repository from CSV with the header `file,function,start_line,end_line,ccn,parameters,…`. */
export function readRows(csv: string, repository: string): readonly Row[] {
  const prefix = `repos/${repository}/`;
  return csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [file = '', name = '', start, end, cyclomatic, parameters] = fields(line);
      return {
        file: file.startsWith(prefix) ? file.slice(prefix.length) : file,
        name,
        startLine: Number(start),
        endLine: Number(end),
        cyclomatic: Number(cyclomatic),
        parameters: Number(parameters),
      };
    });
}

function fields(line: string): readonly string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, field = '']) =>
    field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field,
  );
}

/** Pairs rows and functions of one file that start on the same line: by name and end, then by end, then by order. */
export function verdicts<Function extends Place>(
  rows: readonly Row[],
  functions: readonly Function[],
): readonly Verdict<Function>[] {
  const ours = groupBy(functions, (one) => one.startLine);
  const found = new Map<Row, Function>();
  const passes: readonly ((row: Row, one: Function) => boolean)[] = [
    (row, one) => one.endLine === row.endLine && one.name === row.name,
    (row, one) => one.endLine === row.endLine,
    () => true,
  ];
  for (const fits of passes) {
    for (const row of rows) {
      const candidates = ours.get(row.startLine);
      if (found.has(row) || candidates === undefined) continue;
      const index = candidates.findIndex((one) => fits(row, one));
      if (index >= 0) found.set(row, ...(candidates.splice(index, 1) as [Function]));
    }
  }
  return rows.map((row) => ({ row, match: found.get(row) }));
}
