/** One entry of a list or table that is filled step by step: `list.add(x); list.remove(0); list.get(1)`. */
import { type Constant, constantOf } from './constants.ts';
import { blockOf, isDead } from './facts.ts';
import { findAssignments } from './paths.ts';
import type { Assignment, Expression, Scope } from './program.ts';

/** Steps followed for one collection. */
const MAX_STEPS = 100;

interface Table {
  readonly items: Expression[];
  readonly entries: Map<string, Expression>;
}

/** The expression behind `name[key]`; `missing` for an entry that nobody made, undefined when it cannot be known. */
export function entryOf(
  name: string,
  key: readonly Expression[],
  position: number,
  scope: Scope,
): Expression | 'missing' | undefined {
  const found = findAssignments(scope, name);
  const wanted = keyText(key, scope);
  if (found === undefined || found.scope !== scope || wanted === undefined) return undefined;
  const steps = found.list.filter((step) => step.position <= position && !isDead(scope, step.position));
  const from = steps.findLastIndex((step) => step.kind === 'set');
  const start = steps[from];
  if (start === undefined || steps.length - from > MAX_STEPS) return undefined;
  const table = emptyOrWritten(start.value);
  if (table === undefined || !surely(start, position, scope)) return undefined;
  for (const step of steps.slice(from + 1)) {
    if (!surely(step, position, scope) || !apply(table, step, scope)) return undefined;
  }
  const index = Number(wanted);
  const entry = table.entries.get(wanted) ?? (Number.isInteger(index) ? table.items.at(index) : undefined);
  return entry ?? 'missing';
}

function surely(step: Assignment, position: number, scope: Scope): boolean {
  const block = blockOf(step, scope);
  return block.start <= position && position <= block.end;
}

function emptyOrWritten(value: Expression): Table | undefined {
  if (value.kind === 'list') return { items: [...value.items], entries: new Map() };
  if (value.kind === 'object') return value.isOpen ? undefined : { items: [], entries: new Map(value.entries) };
  if (value.kind !== 'call' || value.args.length + value.named.size > 0) return undefined;
  const name =
    value.callee.kind === 'member' ? value.callee.property : value.callee.kind === 'name' ? value.callee.name : '';
  return /(^|\.)(\w*List|\w*Map|Map|Vector|Properties|dict|list|OrderedDict|\w*ConfigParser|Stack|Hashtable)$/.test(
    name,
  )
    ? { items: [], entries: new Map() }
    : undefined;
}

function keyText(key: readonly Expression[], scope: Scope): string | undefined {
  const parts: Constant[] = [];
  for (const part of key) {
    const value = constantOf(part, scope);
    if (value === undefined) return undefined;
    parts.push(value);
  }
  return parts.join('\0');
}

/** False when it cannot be told what the step did. */
function apply(table: Table, step: Assignment, scope: Scope): boolean {
  const key = keyText(step.key ?? [], scope);
  if (key === undefined) return false;
  if (step.kind === 'put') {
    table.entries.set(key, step.value);
    return true;
  }
  const index = key === '' ? undefined : Number(key);
  if (index !== undefined && !Number.isInteger(index)) return step.kind === 'remove' && table.entries.delete(key);
  if (step.kind === 'remove') {
    table.items.splice(index ?? -1, 1);
    return true;
  }
  if (step.kind !== 'append') return false;
  if (index === undefined) table.items.push(step.value);
  else table.items.splice(index, 0, step.value);
  return true;
}
