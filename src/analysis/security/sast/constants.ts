/** The value of an expression that is made of constants alone: `7 * 18 + n > 200`, `"ABC".charAt(1)`. */
import { findAssignments } from './paths.ts';
import type { Assignment, Expression, Scope } from './program.ts';

export type Constant = string | number | boolean;

const MAX_DEPTH = 12;

/** Undefined when any part is not known. */
export function constantOf(expression: Expression, scope: Scope, depth = 0): Constant | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const of = (part: Expression): Constant | undefined => constantOf(part, scope, depth + 1);
  switch (expression.kind) {
    case 'literal':
      return expression.isString ? expression.text : plainLiteral(expression.text);
    case 'name':
      return nameConstant(expression.name, expression.at.start, scope, depth);
    case 'concat':
      return expression.mayBeNumeric ? sum(expression.parts.map(of)) : undefined;
    case 'plain':
      return operation(expression.operator ?? '', expression.parts.map(of));
    case 'index':
      return characterAt(of(expression.object), of(expression.index));
    case 'call': {
      const { callee, args } = expression;
      if (callee.kind !== 'member' || args.length !== 1 || args[0] === undefined) return undefined;
      if (callee.property === 'charAt') return characterAt(of(callee.object), of(args[0]));
      if (callee.property === 'equals') return operation('==', [of(callee.object), of(args[0])]);
      return undefined;
    }
    default:
      return undefined;
  }
}

function nameConstant(name: string, position: number, scope: Scope, depth: number): Constant | undefined {
  const found = findAssignments(scope, name);
  if (found === undefined || found.scope.parameters.has(name)) return undefined;
  const before = found.scope === scope ? found.list.filter((one) => one.position <= position) : found.list;
  const last = before.at(-1);
  const isOnly = found.scope !== scope && before.length !== 1;
  if (last === undefined || isOnly || last.kind !== 'set' || !covers(last, position, found.scope === scope)) {
    return undefined;
  }
  return constantOf(last.value, found.scope, depth + 1);
}

function covers(assignment: Assignment, position: number, isSameScope: boolean): boolean {
  return !isSameScope || (assignment.block.start <= position && position <= assignment.block.end);
}

function plainLiteral(text: string): Constant | undefined {
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  const number = Number(text.replaceAll('_', '').replace(/(?<=^\d+)[lL]$/, ''));
  return text !== '' && Number.isFinite(number) ? number : undefined;
}

function sum(values: readonly (Constant | undefined)[]): Constant | undefined {
  if (values.some((value) => value === undefined)) return undefined;
  if (values.every((value) => typeof value === 'number')) return values.reduce((total, value) => total + value, 0);
  return values.join('').slice(0, 1_000);
}

function characterAt(text: Constant | undefined, at: Constant | undefined): Constant | undefined {
  return typeof text === 'string' && typeof at === 'number' ? text.at(at) : undefined;
}

function operation(operator: string, values: readonly (Constant | undefined)[]): Constant | undefined {
  const [left, right] = values;
  if (values.length === 1) return unary(operator, left);
  if (operator === 'case') return oneOf(left, values.slice(1));
  if (operator === '&&' || operator === 'and') return both(left, right);
  if (operator === '||' || operator === 'or') {
    const none = both(unary('!', left), unary('!', right));
    return none === undefined ? undefined : !none;
  }
  return left === undefined || right === undefined ? undefined : compared(operator, left, right);
}

function compared(operator: string, left: Constant, right: Constant): Constant | undefined {
  if (/^[!=]==?$/.test(operator)) return (left === right) === operator.startsWith('=');
  if (operator === 'in' || operator === 'not in') {
    if (typeof left !== 'string' || typeof right !== 'string') return undefined;
    return right.includes(left) === (operator === 'in');
  }
  return typeof left === 'number' && typeof right === 'number' ? arithmetic(operator, left, right) : undefined;
}

function unary(operator: string, value: Constant | undefined): Constant | undefined {
  if (operator === '-' && typeof value === 'number') return -value;
  if ((operator === '!' || operator === 'not') && value !== undefined) return !value;
  return undefined;
}

function both(left: Constant | undefined, right: Constant | undefined): Constant | undefined {
  if (left === false || right === false) return false;
  return left === undefined || right === undefined ? undefined : Boolean(left) && Boolean(right);
}

function oneOf(value: Constant | undefined, others: readonly (Constant | undefined)[]): Constant | undefined {
  if (value === undefined) return undefined;
  if (others.includes(value)) return true;
  return others.includes(undefined) ? undefined : false;
}

function arithmetic(operator: string, left: number, right: number): Constant | undefined {
  switch (operator) {
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return Number.isInteger(left) && Number.isInteger(right) ? Math.trunc(left / right) : left / right;
    case '//':
      return Math.floor(left / right);
    case '%':
      return left % right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    default:
      return undefined;
  }
}
