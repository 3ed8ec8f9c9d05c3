/** Words of names, descriptions and intents in one form, so that `search_papers` meets "searching for a paper". Pure. */

/** Too common to tell one tool from another. */
const COMMON: ReadonlySet<string> = new Set(
  'a an and any as at be by can for from get given has have in into is it its of on one or return returns that the their them this to tool use used using via when which with you your'.split(
    ' ',
  ),
);

/** What servers call the same thing by different words; each row counts as its first word. */
const SAME: readonly (readonly string[])[] = [
  ['search', 'find', 'query', 'lookup', 'discover'],
  ['read', 'fetch', 'retrieve', 'load', 'download', 'open'],
  ['create', 'add', 'make', 'new', 'insert', 'write'],
  ['delete', 'remove', 'drop', 'destroy'],
  ['update', 'edit', 'modify', 'change', 'patch'],
  ['list', 'enumerate', 'browse'],
  ['run', 'execute', 'invoke'],
  ['paper', 'article', 'publication', 'literature', 'preprint'],
  ['academic', 'scholarly', 'scientific', 'scholar'],
  ['repository', 'repo'],
  ['document', 'doc'],
  ['summary', 'summarize', 'summarise'],
  ['analyze', 'analyse', 'analysis', 'inspect'],
  ['message', 'msg', 'chat'],
  ['image', 'picture', 'photo', 'screenshot'],
  ['web', 'internet', 'online'],
];

const CANONICAL: ReadonlyMap<string, string> = new Map(
  SAME.flatMap((row) => row.map((word) => [stem(word), stem(row[0] ?? word)] as const)),
);

/** Longest text that is read, in characters: descriptions are a server's word. */
const MAX_TEXT = 4_000;

/** Roots of words seen before: catalogs say the same few thousand words over and over. */
const roots = new Map<string, string | null>();
const MAX_REMEMBERED = 20_000;

/** The telling words of a text or an identifier, in order, repeated as often as they stand there. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const [written] of text.slice(0, MAX_TEXT).matchAll(/\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu)) {
    const root = rootOf(written.toLowerCase());
    if (root !== null) words.push(root);
  }
  return words;
}

/** Null for words that tell nothing. */
function rootOf(word: string): string | null {
  const known = roots.get(word);
  if (known !== undefined) return known;
  const stemmed = stem(word);
  const root = COMMON.has(word) ? null : (CANONICAL.get(stemmed) ?? stemmed);
  if (roots.size >= MAX_REMEMBERED) roots.clear();
  roots.set(word, root);
  return root;
}

/** English endings off: enough for a word to meet its plural and its participle, not a grammar. */
function stem(word: string): string {
  if (word.length < 4) return word;
  return word
    .replace(/(?:ies)$/, 'y')
    .replace(/(?<=[^s])s$/, '')
    .replace(/(?<=.{3})(?:ing|ed)$/, '')
    .replace(/(?<=.{3})e$/, '');
}
