/** Which function of the same file a call means, and who calls a function. */
import { findAssignments } from './paths.ts';
import type { Call, CallSite, Expression, Program, Scope } from './program.ts';

/** Functions of one name, and callers of one function, that are looked into. */
const MAX_CANDIDATES = 3;
const MAX_CALLERS = 6;

/** Empty when it is not a function of this file, or cannot be told. */
export function functionsMeant(call: Call, scope: Scope, program: Program): readonly Scope[] {
  const { callee } = call;
  if (callee.kind === 'function') return [callee.scope];
  if (call.isNew) return [];
  if (callee.kind === 'name') return byArity(program.functions.get(callee.name) ?? [], call);
  if (callee.kind !== 'member') return [];
  const named = program.functions.get(callee.property);
  if (named === undefined) return [];
  const owner = ownerOf(callee.object, scope, program);
  return owner === undefined
    ? []
    : byArity(
        named.filter((one) => one.owner === owner),
        call,
      );
}

function byArity(list: readonly Scope[], call: Call): readonly Scope[] {
  const fitting = list.filter((one) => parameterNames(one).length >= call.args.length);
  return fitting.length > MAX_CANDIDATES ? [] : fitting;
}

/** The class of an object that is made in this file, or of `this`. */
function ownerOf(object: Expression, scope: Scope, program: Program): string | undefined {
  if (object.kind === 'name' && /^(this|self|cls)$/.test(object.name)) return ownerAround(scope);
  if (object.kind === 'name') {
    if (program.classes.has(object.name)) return object.name;
    const found = findAssignments(scope, object.name);
    const only = found?.list.length === 1 ? found.list[0]?.value : undefined;
    return only?.kind === 'call' ? madeClass(only, program) : undefined;
  }
  return object.kind === 'call' ? madeClass(object, program) : undefined;
}

function madeClass(call: Call, program: Program): string | undefined {
  return call.callee.kind === 'name' && program.classes.has(call.callee.name) ? call.callee.name : undefined;
}

function ownerAround(scope: Scope): string | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    if (at.owner !== '') return at.owner;
  }
  return undefined;
}

/** Without the receiver that Python's methods name first. */
function parameterNames(scope: Scope): readonly string[] {
  return [...scope.parameters.keys()].filter((name, at) => at > 0 || !/^(self|cls)$/.test(name));
}

/** What a call gives to each parameter. */
export function argumentsOf(call: Call, scope: Scope): ReadonlyMap<string, Expression> {
  const given = new Map<string, Expression>();
  for (const [at, name] of parameterNames(scope).entries()) {
    const argument = call.args[at] ?? call.named.get(name);
    if (argument !== undefined) given.set(name, argument);
  }
  return given;
}

/** The calls of this file that mean a function. */
export function callersOf(scope: Scope, program: Program): readonly CallSite[] {
  if (scope.name === '') return [];
  const sites = program.calls.get(scope.name) ?? [];
  if (sites.length > MAX_CALLERS * 4) return [];
  return sites.filter((site) => functionsMeant(site.call, site.scope, program).includes(scope)).slice(0, MAX_CALLERS);
}
