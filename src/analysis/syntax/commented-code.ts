/** Comments that are code: conservative, for prose taken for code is worse than code taken for prose. */
import type { ParsedLanguage } from '../languages.ts';

/** Fewer lines are an aside. */
const LEAST_LINES = 3;
/** Share of lines that have to read like code, and of those that can be nothing else. */
const SHARE = { plausible: 0.9, certain: 0.6 };

const INDENTED: ReadonlySet<ParsedLanguage> = new Set(['python', 'ruby']);
const EXAMPLE = /\b(?:e\.?g\.?|i\.e\.|for example|example|usage|output|returns?:|prints)\b|=>\s*$|^>>>|^\$ /im;

const CERTAIN = {
  braces: /[;{}]\s*$|^\s*[\w.$]+\([^()]*\)[;,]?$|\}\s*(?:else|catch)\b/,
  indented:
    /^\s*(?:(?:if|elif|for|while|def|class|with|except)\b.+:|(?:else|try|finally):|[\w.[\]'"]+ [-+*/]?= .+|[\w.]+\(.*\)|import [\w.]+|from [\w.]+ import .+|return [\w.[\]()'"]+|end|@\w+.*)$/,
};
const PLAUSIBLE = {
  braces: /[;{}(),:&|+=?[\]]\s*$|^\s*[[\](){}.]/,
  indented: /[:,([{\\)\]}]\s*$|^\s*[\])}]/,
};

/** @param comment the whole comment, or a run of comments of one line each */
export function isCommentedCode(comment: string, language: ParsedLanguage): boolean {
  if (/^\s*(?:\/\*[*!]|\/\/[/!]|#!)/.test(comment) || EXAMPLE.test(comment)) return false;
  const lines = comment
    .split('\n')
    .map((line) =>
      line
        .replace(/\*+\/\s*$/, '')
        .replace(/^\s*(?:\/\/+|\/\*+|\*+|#+)?\s?/, '')
        .trimEnd(),
    )
    .filter((line) => line.trim() !== '');
  if (lines.length < LEAST_LINES) return false;
  const form = INDENTED.has(language) ? 'indented' : 'braces';
  const certain = lines.filter((line) => CERTAIN[form].test(line)).length;
  const plausible = lines.filter((line) => CERTAIN[form].test(line) || PLAUSIBLE[form].test(line)).length;
  return plausible >= lines.length * SHARE.plausible && certain >= lines.length * SHARE.certain;
}
