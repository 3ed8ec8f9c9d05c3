/** `${{ secrets.NAME }}`: a credential by its name, which only the transport turns into its value. */

const REFERENCE = /\$\{\{\s*secrets\.([A-Za-z_]\w{0,99})\s*\}\}/g;

/** Names of credentials: what an environment variable may be called, too. */
export const SECRET_NAME_HELP = 'letters, digits and _, beginning with a letter or _, at most 100 of them';

export function isSecretName(name: string): boolean {
  return /^[A-Za-z_]\w{0,99}$/.test(name);
}

/** The names a text refers to, in their order. */
export function secretReferences(text: string): readonly string[] {
  return text.includes('${{') ? [...text.matchAll(REFERENCE)].map(([, name]) => name as string) : [];
}

/**
 * Replaces every reference once: a value that itself looks like a reference stays as it is.
 *
 * @param between - what becomes of the text around them
 */
export async function resolveSecretReferences(
  text: string,
  valueOf: (name: string) => Promise<string>,
  between: (text: string) => Promise<string> = (part) => Promise.resolve(part),
): Promise<string> {
  const parts: string[] = [];
  let last = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [whole, name = ''] = match;
    parts.push(await between(text.slice(last, match.index)), await valueOf(name));
    last = match.index + whole.length;
  }
  return parts.join('') + (await between(text.slice(last)));
}
