/** From what zod says to what a person reads: the place, what is wrong, and what would be right. Pure. */
import type { z } from 'zod';
import type { Problem } from '../../contracts/index.ts';
import { nearestNames } from '../../mcp/nearest.ts';
import { factsOf, fieldAt } from './schema-tree.ts';
import type { YamlText } from './yaml-text.ts';

type Issue = z.core.$ZodIssue;

/** Those at the bottom, each with its path from the root. */
export function plainIssues(issues: readonly Issue[]): readonly Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    const branch = meantBranch(issue.errors);
    return branch === undefined
      ? [issue]
      : plainIssues(branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as Issue));
  });
}

/** Of the alternatives the one whose kind of value was written: its problems lie further in, or name keys. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) => issues.length > 0 && issues.every((issue) => !isOtherKind(issue)));
}

function isOtherKind({ code, path }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

export function toProblem(issue: Issue, text: YamlText, schema: z.ZodType): Problem {
  const [unknownKey] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  const isKey = unknownKey !== undefined || issue.code === 'invalid_key';
  const path = unknownKey === undefined ? issue.path : [...issue.path, unknownKey];
  const range = isKey ? text.keyRangeOf(path) : text.rangeOf(path);
  const where = issue.path.map(String).join('.') || 'the file';
  return { severity: 'error', code: 'config', message: `${where}: ${wordsOf(issue, text, schema)}`, range };
}

function wordsOf(issue: Issue, text: YamlText, schema: z.ZodType): string {
  switch (issue.code) {
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'invalid_type':
    case 'invalid_union':
    case 'invalid_value':
      return expectation(issue, text, schema);
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'over' : 'at least'} ${issue.minimum}${length(issue.origin)}${writtenAt(issue, text)}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}${length(issue.origin)}${writtenAt(issue, text)}`;
    default:
      return issue.message;
  }
}

const length = (origin: string): string => (origin === 'string' ? ' characters long' : '');

function expectation(issue: Issue, text: YamlText, schema: z.ZodType): string {
  const field = fieldAt(schema, issue.path);
  const facts = field === undefined ? undefined : factsOf(field);
  if (facts === undefined) return issue.message;
  const written = valueAt(text.raw, issue.path);
  if (written === undefined) return `is missing: ${facts.expected}`;
  const [nearest] = typeof written === 'string' ? nearestNames(written, facts.values.map(String)) : [];
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `must be ${facts.expected}, not ${shown(written)}${meant}`;
}

function writtenAt(issue: Issue, text: YamlText): string {
  const written = valueAt(text.raw, issue.path);
  return written === undefined ? '' : `, not ${shown(written)}`;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    raw,
  );
}

/** Characters of a wrong value that a message shows. */
const MAX_SHOWN = 40;

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
