/** How every benchmark reports: a table for people, then one `RESULT` line for machines. */

export interface Bar {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  /** Which side of the limit is right. @default 'atMost' */
  readonly kind?: 'atMost' | 'atLeast' | undefined;
}

/** Every value must keep to its limit. The process exits with 1 when one does not. */
export function report(name: string, figures: Readonly<Record<string, number>>, bars: readonly Bar[]): void {
  console.table(
    Object.fromEntries(Object.entries(figures).map(([what, value]) => [what, { value: Number(value.toFixed(3)) }])),
  );
  const judged = bars.map((bar) => ({ ...bar, met: isMet(bar) }));
  console.log(`RESULT ${JSON.stringify({ name, figures, bars: judged })}`);
  if (judged.some(({ met }) => !met)) process.exitCode = 1;
}

/** A value that is not a number meets nothing. */
function isMet({ value, limit, kind }: Bar): boolean {
  return kind === 'atLeast' ? value >= limit : value <= limit;
}
