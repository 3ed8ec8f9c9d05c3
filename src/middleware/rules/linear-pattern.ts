/** Regular expressions of rules, in an engine that is linear in the text: a pattern cannot freeze us. */
import { RE2JS } from 're2js';
import { messageOf } from '../../base/errors.ts';

export interface LinearPattern {
  readonly source: string;
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean;
  /** Whether it covers the whole text. */
  covers(text: string): boolean;
  /** `$&` is the match, `$1` its first group. */
  replaceAll(text: string, replacement: string): string;
}

const MAX_SOURCE = 1_000;

/** @throws TypeError for what is no regular expression, or one with look-around or back-references. */
export function linearPattern(source: string): LinearPattern {
  if (source === '') throw new TypeError('an empty pattern matches everything: write what it must find');
  if (source.length > MAX_SOURCE) {
    throw new TypeError(`a pattern of ${source.length} characters is too long: at most ${MAX_SOURCE}`);
  }
  const compiled = compile(source);
  return {
    source,
    test: (text) => compiled.test(text),
    covers: (text) => compiled.testExact(text),
    replaceAll: (text, replacement) => (compiled.test(text) ? compiled.matcher(text).replaceAll(replacement) : text),
  };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source));
  } catch (error) {
    throw new TypeError(
      `"${source}" is no pattern that can be matched in linear time (no look-around, no back-references): ${messageOf(error)}`,
      { cause: error },
    );
  }
}
