/** What a callee is called in full: imports, aliases and declared types resolved, so that rules can name it. */
import { dottedPath } from './lowering.ts';
import type { Assignment, Expression, Program, Scope } from './program.ts';

/** Resolving names ends here, however they refer to each other. */
const MAX_STEPS = 8;

/** The assignments of a name as seen from a scope: the nearest scope that knows it. */
export function findAssignments(
  scope: Scope,
  target: string,
): { readonly scope: Scope; readonly list: readonly Assignment[] } | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const list = at.assignments.get(target);
    if (list !== undefined) return { scope: at, list };
    if (at.parameters.has(target)) return undefined;
  }
  return undefined;
}

export function findParameter(scope: Scope, name: string): Scope | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    if (at.parameters.has(name)) return at;
    if (at.assignments.has(name)) return undefined;
  }
  return undefined;
}

export function declaredType(scope: Scope, name: string): string | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const type = at.types.get(name) ?? at.parameters.get(name)?.type;
    if (type !== undefined) return type;
  }
  return undefined;
}

/** `child_process.exec`, `Runtime.getRuntime().exec`, `new ProcessBuilder().start`; `?` stands for what has no name. */
export function qualify(expression: Expression, scope: Scope, program: Program, steps = 0): string {
  if (steps > MAX_STEPS) return '?';
  switch (expression.kind) {
    case 'name':
      return qualifyName(expression.name, scope, program, steps);
    case 'member':
      return `${qualify(expression.object, scope, program, steps + 1)}.${expression.property}`;
    case 'call':
      return qualifyCall(expression, scope, program, steps);
    case 'choice':
      return expression.options[0] === undefined ? '?' : qualify(expression.options[0], scope, program, steps + 1);
    default:
      return '?';
  }
}

function qualifyName(name: string, scope: Scope, program: Program, steps: number): string {
  const found = findAssignments(scope, name);
  // `const run = exec` and `Statement s = c.createStatement()`: an alias, or a value with a type of its own.
  const only = found?.list.length === 1 ? found.list[0] : undefined;
  if (only !== undefined && only.kind === 'set' && isAlias(only.value))
    return qualify(only.value, scope, program, steps + 1);
  if (findParameter(scope, name) !== undefined) return name;
  return program.imports.get(name) ?? name;
}

function isAlias(value: Expression): boolean {
  return dottedPath(value) !== undefined || (value.kind === 'call' && (value.isNew || isNaming(value)));
}

/** Calls whose result is best known by the call: `require('x')`, `promisify(f)`, `hashlib.new()`. */
function isNaming(value: Expression): boolean {
  return value.kind === 'call' && dottedPath(value.callee) !== undefined;
}

function qualifyCall(
  call: Expression & { readonly kind: 'call' },
  scope: Scope,
  program: Program,
  steps: number,
): string {
  const callee = qualify(call.callee, scope, program, steps + 1);
  const first = call.args[0];
  if (callee === 'require' || callee === '__import__' || callee === 'importlib.import_module') {
    return first?.kind === 'literal' ? first.text.replace(/^node:/, '') : '?';
  }
  if (/(^|\.)promisify$/.test(callee) && first !== undefined) return qualify(first, scope, program, steps + 1);
  return call.isNew ? `new ${callee}()` : `${callee}()`;
}

/** Every way to name a callee: by its path, and by the declared type of what it is called on. */
export function calleePaths(callee: Expression, scope: Scope, program: Program): readonly string[] {
  const paths = [qualify(callee, scope, program)];
  const plain = dottedPath(callee);
  if (plain !== undefined && plain !== paths[0]) paths.push(plain);
  if (callee.kind === 'member' && callee.object.kind === 'name') {
    const type = declaredType(scope, callee.object.name);
    if (type !== undefined) paths.push(`${type}.${callee.property}`);
  }
  return paths;
}

const GLOBS = new Map<string, RegExp>();

/** `*.execute` matches any receiver, `a.b` exactly itself, `*escape*` anything with it; `new X` a constructor. */
export function matchesPath(pattern: string, path: string): boolean {
  if (!pattern.includes('*')) return pattern === path;
  if (pattern.startsWith('*.') && !pattern.includes('*', 1)) return path.endsWith(pattern.slice(1));
  const glob = GLOBS.get(pattern) ?? new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, 'i');
  GLOBS.set(pattern, glob);
  return glob.test(path);
}

function escaped(text: string): string {
  return text.replace(/[$.+?^(){}|[\]\\]/g, '\\$&');
}
