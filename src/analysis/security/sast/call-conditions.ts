/** Whether a call is as a sink asks: its receiver, its arguments, its keywords and options, and how it is written. */
import { qualify } from './paths.ts';
import type { Call, Expression, Program, Scope, Span } from './program.ts';
import type { CallSink, NamedCondition } from './rule.ts';

export interface CallContext {
  readonly program: Program;
  readonly scope: Scope;
}

/** @param textOf the literal text of a value, with U+FFFD for what is not constant */
export function callFits(
  sink: CallSink,
  call: Call,
  context: CallContext,
  textOf: (value: Expression) => string,
): boolean {
  const count = call.args.length + call.named.size;
  if (count < sink.minimumArguments || count > sink.maximumArguments) return false;
  if (!receiverFits(sink, call, context) || !sourceFits(sink, call, context)) return false;
  if (!sink.named.every((condition) => namedFits(condition, call, context))) return false;
  return sink.requires.every(({ argument, text }) => {
    const value = call.args[argument];
    return value !== undefined && text.test(textOf(value));
  });
}

/** The arguments a sink looks at; none when the call does not have the one it asks for. */
export function candidatesOf(sink: CallSink, call: Call): readonly Expression[] {
  if (sink.argument === 'receiver') return call.callee.kind === 'member' ? [call.callee.object] : [];
  if (sink.argument === 'any') return [...call.args, ...call.named.values()];
  const only = call.args.length === 0 && sink.argument === 0 ? [...call.named.values()][0] : undefined;
  const found = typeof sink.argument === 'number' ? (call.args[sink.argument] ?? only) : call.named.get(sink.argument);
  return found === undefined ? [] : [found];
}

function receiverFits(sink: CallSink, call: Call, { program, scope }: CallContext): boolean {
  if (sink.receiver === undefined && sink.notReceiver === undefined) return true;
  const object = call.callee.kind === 'member' ? call.callee.object : undefined;
  const paths = object === undefined ? [''] : [textOf(program.source, object.at), qualify(object, scope, program)];
  if (sink.notReceiver !== undefined && paths.some((path) => sink.notReceiver?.test(path))) return false;
  return sink.receiver === undefined || paths.some((path) => sink.receiver?.test(path));
}

/** The call, and what the object it is called on was made of. */
function sourceFits(sink: CallSink, call: Call, { program, scope }: CallContext): boolean {
  if (sink.source === undefined && sink.unlessSource === undefined) return true;
  const object = call.callee.kind === 'member' ? call.callee.object : undefined;
  const made = object?.kind === 'name' ? onlyValue(object.name, scope) : undefined;
  const text = `${made === undefined ? '' : `${textOf(program.source, made.at)} `}${textOf(program.source, call.at)}`;
  if (sink.unlessSource?.test(text)) return false;
  return sink.source === undefined || sink.source.test(text);
}

/** `shell=True`, or `{shell: true}` in any argument that is an object written out. */
function namedFits(condition: NamedCondition, call: Call, { program, scope }: CallContext): boolean {
  const value = call.named.get(condition.name) ?? optionOf(condition.name, call, scope);
  if (value === undefined) return condition.orMissing === true;
  return condition.value.test(textOf(program.source, value.at));
}

function optionOf(name: string, call: Call, scope: Scope): Expression | undefined {
  for (const argument of call.args) {
    const known = argument.kind === 'name' ? onlyValue(argument.name, scope) : argument;
    const value = known?.kind === 'object' ? known.entries.get(name) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

function onlyValue(name: string, scope: Scope): Expression | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
    const list = at.assignments.get(name);
    if (list !== undefined) return list.length === 1 ? list[0]?.value : undefined;
  }
  return undefined;
}

function textOf(source: string, at: Span): string {
  return source.slice(at.start, at.end);
}
