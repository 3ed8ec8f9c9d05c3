/** The phases that `npm test` consists of, in their order, and how a command line names them. */
export const phaseNames = ['check', 'unit', 'conformance', 'faults', 'host', 'e2e'] as const;

export type PhaseName = (typeof phaseNames)[number];

/** No names mean all phases; a wrong name is an error that lists the right ones. */
export function parsePhases(args: readonly string[]): ReadonlySet<PhaseName> {
  if (args.length === 0) return new Set(phaseNames);
  return new Set(args.map(phaseNamed));
}

function phaseNamed(text: string): PhaseName {
  const name = phaseNames.find((known) => known === text);
  if (name === undefined) throw new Error(`unknown phase '${text}'; there are ${phaseNames.join(', ')}`);
  return name;
}
