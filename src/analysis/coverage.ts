/** What a result does not speak of: files in programming languages for which there is no analysis. */
import { byCodeUnit } from './walk.ts';

/** Languages without statements of their own, in which there is nothing to analyse as code. */
const DATA: ReadonlySet<string> = new Set(
  (
    'html svg ejs handlebars css scss sass less xml json yaml toml ini properties dotenv markdown mdx restructuredtext ' +
    'asciidoc text latex protobuf graphql terraform cmake makefile dockerfile ignore'
  ).split(' '),
);

/** True for a programming language, as opposed to data, markup and configuration. */
export function isCode(language: string | null): language is string {
  return language !== null && !DATA.has(language);
}

/** Number of files by language, in the order of the names; undefined when there are none. */
export function countLanguages(languages: readonly string[]): Readonly<Record<string, number>> | undefined {
  if (languages.length === 0) return undefined;
  const counts = new Map<string, number>();
  for (const language of languages) counts.set(language, (counts.get(language) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => byCodeUnit(a, b)));
}
