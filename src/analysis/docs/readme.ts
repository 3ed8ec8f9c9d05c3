/** Completeness of a README: which of the parts a newcomer looks for are there. */
import type { DocumentFacts } from './markdown-facts.ts';

export const README_PARTS = [
  'title',
  'description',
  'installation',
  'usage',
  'licence',
  'contributing',
  'tests',
] as const;
export type ReadmePart = (typeof README_PARTS)[number];

/** Characters from which on a paragraph describes something. */
const MIN_DESCRIPTION = 40;

const HEADINGS: Readonly<Partial<Record<ReadmePart, RegExp>>> = {
  installation: /install|set-?\s?up\b|getting started|quick\s?-?start|download|requirements/i,
  usage:
    /usage|using\b|examples?\b|how to|getting started|quick\s?-?start|tutorial|commands|quick look|overview of the api|\bapi\b|daily/i,
  licence: /licen[cs]e|copying/i,
  contributing: /contribut|development|hacking|developers|get involved/i,
  tests: /\btest/i,
};

const INSTALL_COMMAND =
  /\b(?:npm (?:i|install|ci|start)|yarn add|pnpm add|npx |pip3? install|pipx install|poetry add|uv (?:add|pip)|go (?:get|install)|cargo (?:add|install)|gem install|composer require|brew install|apt(?:-get)? install|docker (?:run|pull)|mvn |gradle |dotnet add|make install)|<dependency>|implementation ['"(]/;
const TEST_COMMAND =
  /\b(?:npm (?:run )?test|yarn test|pnpm test|pytest|tox\b|python -m unittest|mvn (?:test|verify)|gradlew? (?:test|check)|go test|cargo test|make (?:test|check)|rake test|phpunit)/;

/** Parts of a README that are there; files beside it (LICENSE, CONTRIBUTING) count for their part. */
export function presentParts(readme: DocumentFacts, besides: readonly string[]): readonly ReadmePart[] {
  return README_PARTS.filter((part) => isPresent(part, readme, besides));
}

function isPresent(part: ReadmePart, readme: DocumentFacts, besides: readonly string[]): boolean {
  const pattern = HEADINGS[part];
  if (pattern !== undefined && readme.headings.some(({ text }) => pattern.test(text))) return true;
  const text = [...readme.paragraphs, ...readme.code];
  switch (part) {
    case 'title':
      return readme.headings.length > 0;
    case 'description':
      return readme.paragraphs.some((paragraph) => paragraph.trim().length >= MIN_DESCRIPTION);
    case 'installation':
      return text.some((block) => INSTALL_COMMAND.test(block));
    case 'usage':
      return readme.code.some((block) => !INSTALL_COMMAND.test(block));
    case 'licence':
      return besides.some((name) => /^(?:licen[cs]e|copying|unlicense)\b/i.test(name));
    case 'contributing':
      return besides.some((name) => /^contributing\b/i.test(name));
    case 'tests':
      return text.some((block) => TEST_COMMAND.test(block));
  }
}

/** The README of a repository among its paths: at the top, else in `.github` or `docs`; Markdown before other forms. */
export function findReadme(paths: readonly string[]): string | undefined {
  const candidates = paths.filter((path) =>
    /^(?:\.github\/|docs\/)?readme(?:\.(?:md|markdown|rst|txt|adoc))?$/i.test(path),
  );
  return candidates.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))[0];
}

function rank(path: string): number {
  const folder = path.includes('/') ? 10 : 0;
  const form = /\.(?:md|markdown)$/i.test(path) ? 0 : 1;
  return folder + form;
}
