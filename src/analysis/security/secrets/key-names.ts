/** What the name of a variable, field or option says about its value. */

/** What kind of credential a name promises; `weak` names need a value that is plainly random. */
export type KeyCategory = 'password' | 'secret' | 'token' | 'key' | 'weak';

/** Found inside longer names; every hit is looked at as a whole name afterwards. */
export const KEY_HINT =
  /pass(?:word|wd|phrase|code|wrd)?|pwd|psw|secret|token|(?:api|access|auth|account|private|encrypt(?:ion)?|sign(?:ing|ature)?|master|client|shared|session|crypt(?:o)?|storage|service|app|license|hmac|aes|jwt|bot|deploy|webhook)[ _.-]?key|bearer|credential|\bcreds?\b|authorization|\bauth\b|salt|nonce|\bkey\b|_key\b|[a-z]Key\b|_auth\b|connection[ _-]?string/gi;

const PASSWORD = /^(pass|password|passwd|passwrd|passphrase|passcode|pwd|psw|pswd|userpass|dbpass|mypass)$/;
const TOKEN = /^(token|bearer|authorization|jwt|pat)$/;
const SECRET = /^(secret|secrets|credential|credentials|creds|cred)$/;
const STRONG_KEY =
  /^(api|access|auth|account|private|encrypt|encryption|sign|signing|signature|master|client|shared|session|crypt|crypto|storage|service|app|license|hmac|aes|jwt|bot|deploy|webhook|secret)$/;
const WEAK = /^(key|auth|salt|nonce|hmac|signature)$/;

/** Last words that make the value something about the credential instead of the credential. */
const ABOUT = new Set(
  (
    'file files path paths dir url uri urls endpoint host name names id ids identifier field fields label labels length len size type types expiry expires ' +
    'expiration expire exp ttl timeout policy regex regexp pattern format hint placeholder message messages msg error errors prompt title text ' +
    'description desc help count total min max minimum maximum header headers prefix suffix index column columns env var variable param params parameter ' +
    'class method methods algorithm algo alg usage limit limits provider manager service store storage generator validator validation validate encoder ' +
    'required enabled disabled enable disable check checked reset change changed update updated created at date time version mode scope scopes ' +
    'request response handler callback function func event events view page link button form screen dialog icon tag tags strength rule rules ' +
    'visible visibility input inputs output confirm confirmation mismatch issuer audience kind status state source location ref reference references ' +
    'bytes bits rotation grant grants address arg args option options alias encoding charset separator delimiter template list set map spec ' +
    'exists missing invalid valid incorrect wrong failed failure success forgot lost recovery question answer digest checksum fingerprint hash hashed'
  ).split(' '),
);

/** Words anywhere that make it a text for people. */
const FOR_PEOPLE =
  /^(label|lbl|title|tooltip|mandatory|forgot|hint|placeholder|caption|heading|warning|advice|invalid|incorrect|wrong|missing|required|show|hide|toggle|translate|i18n|validate|validation|msg|message|error|err)$/;

/** Words anywhere that name something else entirely. */
const UNRELATED =
  /^(public|primary|foreign|sort|cache|partition|keyboard|keyword|keywords|keyframe|keyframes|shortcut|hot|bind|binding|press|pressed|code|event|translation|i18n|locale|message|msg|row|column|group|registry|tokenizer|tokenize|csrf|xsrf|pad|padding|bypass|compass|passing|passed|passive|passenger|passport|author|authors|test|dedup|unique|index|react|query|storage|license|map|websocket|sha|sha1|sha256|md5|integrity|checksum)$/;

/** `dbPassword`, `DB_PASSWORD`, `db-password` → db, password. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/\d+$/, ''))
    .filter((word) => word !== '');
}

/** The category of a name, or undefined when it names no credential. */
export function classifyKey(name: string): KeyCategory | undefined {
  const words = wordsOf(name);
  const last = words.at(-1);
  if (last === undefined || words.length > 8 || ABOUT.has(last)) return undefined;
  if (words.some((word) => FOR_PEOPLE.test(word))) return undefined;
  const strong = strongCategory(words, name);
  if (strong !== undefined) return strong;
  if (words.some((word) => UNRELATED.test(word))) return undefined;
  if (words.some((word) => WEAK.test(word))) return 'weak';
  return undefined;
}

function strongCategory(words: readonly string[], name: string): KeyCategory | undefined {
  if (words.some((word) => PASSWORD.test(word)) || /(password|passwd|passphrase)$/i.test(name)) return 'password';
  if (words.some((word) => /^(csrf|xsrf|public|pad|sort|next|page|continuation)$/.test(word))) return undefined;
  if (words.some((word) => SECRET.test(word)) || /secret(key)?$/i.test(name)) return 'secret';
  if (words.some((word) => TOKEN.test(word)) || /token$/i.test(name)) return 'token';
  const keyAt = words.indexOf('key');
  if (keyAt > 0 && STRONG_KEY.test(words[keyAt - 1] ?? '')) return 'key';
  return /(api|access|auth|private|secret|encryption|signing|master|account)key$/i.test(name) ? 'key' : undefined;
}
