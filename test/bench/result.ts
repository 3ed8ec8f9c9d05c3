/** How every benchmark reports: a table for people, then one `RESULT` line for machines. */

export interface Bar {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
}

/** Every value must be at most its limit. The process exits with 1 when one is not. */
export function report(name: string, figures: Readonly<Record<string, number>>, bars: readonly Bar[]): void {
  console.table(
    Object.fromEntries(Object.entries(figures).map(([what, value]) => [what, { value: Number(value.toFixed(3)) }])),
  );
  const judged = bars.map((bar) => ({ ...bar, met: bar.value <= bar.limit }));
  console.log(`RESULT ${JSON.stringify({ name, figures, bars: judged })}`);
  if (judged.some(({ met }) => !met)) process.exitCode = 1;
}
