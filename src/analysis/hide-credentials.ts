/** Addresses as they may be repeated: without user info, and without the values that a query or a fragment carries. */

/** Up to the last `@`: a password may hold `/`, `?` and `#`, which an address should write encoded. A port is none. */
const USER_INFO = /\/\/(?:[^\s/:@]{0,4000}:(?!\d{1,5}(?:[/?#]|$))[^\s<>"'`]{0,4000}|[^\s/?#<>"'`]{0,4000})@/g;
const QUERY = /\?([^\s#<>"'`)\]]+)/g;
const FRAGMENT = /([#&;])([\w.-]+)=([^\s&#;<>"'`)\]]+)/g;

/** What package managers write behind `#`: names of branches, folders and digests. */
const HARMLESS = /^(?:egg|subdirectory|semver|commit|branch|head|tag|rev|ref|path|workspace|cwd|name|md5|sha\d{1,3})$/i;

/** Masks the credentials in every address or link of a text; anything else stays as it is. */
export function hideCredentials(text: string): string {
  return text
    .replace(USER_INFO, '//…@')
    .replace(QUERY, (_, query: string) => `?${query.split('&').map(withoutValue).join('&')}`)
    .replace(FRAGMENT, (whole, sign: string, name: string) => (HARMLESS.test(name) ? whole : `${sign}${name}=…`));
}

/** A part without a name is all value. */
function withoutValue(part: string): string {
  const equals = part.indexOf('=');
  return equals <= 0 ? '…' : `${part.slice(0, equals)}=…`;
}
