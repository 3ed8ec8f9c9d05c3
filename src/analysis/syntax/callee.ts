/** Which function of the same file a call may mean, and which functions call themselves in a circle. */
import { stronglyConnected } from '../strongly-connected.ts';

const CALL =
  /(?:(this|self|Self|static|\$this|cls)\s*(?:\.|->|::|\?\.))?([\p{L}_$#][\p{L}\p{N}_$]*[?!]?)\s*(?:::)?(?:<[\w\s,:<>[\]]{0,80}>)?\s*\(/uy;

/** `.name` for a call through the object itself, `name` for a plain one; undefined for calls of something else. */
export function calleeAt(text: string, start: number): string | undefined {
  CALL.lastIndex = start;
  const match = CALL.exec(text);
  return match?.[2] === undefined ? undefined : `${match[1] === undefined ? '' : '.'}${match[2]}`;
}

export interface Caller {
  readonly name: string;
  readonly method: boolean;
  readonly calls: ReadonlySet<string>;
}

/**
 * The indices of the functions that are part of a cycle of calls within the file.
 * A name that several functions bear says nothing about which of them is meant.
 * @param plainMethods a method is called without naming its object, as in Java
 */
export function recursive(functions: readonly Caller[], plainMethods: boolean): ReadonlySet<number> {
  const byName = new Map<string, number[]>();
  functions.forEach(({ name }, index) => {
    const simple = simpleName(name);
    byName.set(simple, [...(byName.get(simple) ?? []), index]);
  });
  const target = (call: string): number | undefined => {
    const found = byName.get(call.replace(/^\./, '')) ?? [];
    const [index] = found;
    if (index === undefined || found.length > 1) return undefined;
    const fits = functions[index]?.method === true ? plainMethods || call.startsWith('.') : !call.startsWith('.');
    return fits ? index : undefined;
  };
  const graph = new Map<number, readonly number[]>();
  functions.forEach(({ calls }, index) => {
    const targets = [...calls].map(target).filter((one) => one !== undefined);
    if (targets.length > 0) graph.set(index, targets);
  });
  const alone = [...graph].filter(([index, targets]) => targets.includes(index)).map(([index]) => index);
  const together = stronglyConnected([...graph.keys()], (index) => graph.get(index) ?? []);
  return new Set([...alone, ...together.filter((members) => members.length > 1).flat()]);
}

function simpleName(name: string): string {
  return /[^.:]*$/.exec(name)?.[0] ?? name;
}
