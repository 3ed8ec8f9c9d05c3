/** `${…}` in a definition: what each name means, resolved when the server starts and not before. */

/** Resolves one variable; undefined leaves it as it is written. @throws when it has a meaning but no value */
export type ResolveVariable = (name: string, argument: string | undefined) => Promise<string | undefined>;

const VARIABLE = /\$\{([A-Za-z][\w-]*)(?::([^}]*))?\}/g;

/** Replaces every variable in a text, once: a value that itself looks like a variable stays as it is. */
export async function substitute(text: string, resolve: ResolveVariable): Promise<string> {
  const parts: string[] = [];
  let last = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const [whole, name = '', argument] = match;
    parts.push(text.slice(last, match.index), (await resolve(name, argument)) ?? whole);
    last = match.index + whole.length;
  }
  return parts.join('') + text.slice(last);
}
