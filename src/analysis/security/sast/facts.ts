/** What the conditions around a place say: that it is never reached, always reached, or that a value was checked there. */
import { constantOf } from './constants.ts';
import { findAssignments } from './paths.ts';
import type { Assignment, Fact, Program, Scope, Span } from './program.ts';
import type { Pattern } from './rule.ts';

/** Facts looked at for one place: a function with more branches than this was not typed by anyone. */
const MAX_FACTS = 400;

function around(scope: Scope, position: number): readonly Fact[] {
  const { facts } = scope;
  if (facts.length > MAX_FACTS) return [];
  return facts.filter(({ range }) => range.start <= position && position <= range.end);
}

/** True when a condition made of constants keeps the program from getting there. */
export function isDead(scope: Scope, position: number): boolean {
  return around(scope, position).some(({ test, holds }) => {
    const value = constantOf(test, scope);
    return value !== undefined && Boolean(value) !== holds;
  });
}

/** The block all of which an assignment counts for: a branch that is always taken belongs to the block around it. */
export function blockOf({ block, position }: Assignment, scope: Scope): Span {
  let widest = block;
  for (const { test, holds, range, outer } of around(scope, position)) {
    if (range.start > widest.start || range.end < widest.end || outer.end < widest.end) continue;
    const value = constantOf(test, scope);
    if (value === undefined || Boolean(value) !== holds) continue;
    if (widest.start >= range.start && widest.end <= range.end) widest = outer;
  }
  return widest;
}

/** Checks that make any value harmless: being one of a list, being a fixed text, or having a form from start to end. */
const GENERAL: readonly RegExp[] = [
  /^[^!].*(\.(includes|has|contains|containsKey|hasOwnProperty|hasOwn)\(([\w.]+, )?\{value\}\)|^\{value\} in [\w[({])/,
  /^!\(.*(!.*\.(includes|has|contains|containsKey|hasOwnProperty)\(\{value\}\)|\{value\} not in [\w[({])/,
  /^\{value\}(\.\w+\(\))? ?===? ?["'][^"']*["']$|^["'][^"']*["']\.equals\(\{value\}\)$/,
  /^[^!].*(\/\^[^/]*\$\/[a-z]*\.test\(\{value\}|fullmatch\(|\.matches\("|re\.match\(r?["']\^[^"']*\$["'], ?\{value\})/,
  /^!\(.*(!\/\^[^/]*\$\/[a-z]*\.test\(\{value\}|not re\.(fullmatch|match)\(|!\{value\}\.matches\("|!Number\.isInteger|isNaN\()/,
  /^[^!]*\{value\}\.(isdigit|isalnum|isnumeric|isidentifier|isdecimal)\(\)|^!\(.*not \{value\}\.(isdigit|isalnum|isnumeric|isdecimal)\(\)/,
];

/** True when a condition around the place says that the value behind `name` was checked. */
export function isGuarded(
  name: string,
  position: number,
  scope: Scope,
  program: Program,
  guards: readonly Pattern[],
): boolean {
  for (const { test, holds } of around(scope, position)) {
    const text = program.source.slice(test.at.start, Math.min(test.at.end, test.at.start + 400));
    const marked = marking(text, name, scope, program);
    if (marked === undefined) continue;
    const shown = holds ? marked : `!(${marked})`;
    if (GENERAL.some((guard) => guard.test(shown)) || guards.some((guard) => guard.test(shown))) return true;
  }
  return false;
}

/** The condition with `{value}` for the name, or for another that was made of it; undefined when it is about neither. */
function marking(text: string, name: string, scope: Scope, program: Program): string | undefined {
  const bare = text.replace(/^\((.*)\)$/s, '$1');
  const direct = replaceName(bare, name);
  if (direct !== bare) return direct;
  for (const [word] of bare.matchAll(/[A-Za-z_$][\w$]*/g)) {
    const only = findAssignments(scope, word)?.list[0]?.value.at;
    if (only === undefined) continue;
    const made = program.source.slice(only.start, Math.min(only.end, only.start + 400));
    if (replaceName(made, name) !== made) return replaceName(bare, word);
  }
  return undefined;
}

function replaceName(text: string, name: string): string {
  const escaped = name.replace(/[$.]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\w$.])${escaped}(?![\\w$])`, 'g'), '{value}');
}
