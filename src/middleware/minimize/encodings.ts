/** The forms in which a credential travels: raw, base64, base64url, URL (once, twice), hex, JSON and HTML escaped. */

/** Below this a part of a base64 text says too little to be searched for, in characters. */
const MIN_PART = 8;

/** Every distinct text under which `secret` may show up, the secret itself first. */
export function encodingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const url = encodeURIComponent(secret.toWellFormed());
  return [
    ...new Set([
      secret,
      ...base64Of(bytes),
      url,
      lowerEscapes(url),
      url.replaceAll('%20', '+'),
      encodeURIComponent(url),
      encodeURIComponent(lowerEscapes(url)),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      jsonEscaped(secret),
      // A text that holds JSON inside JSON, and that once more.
      jsonEscaped(jsonEscaped(secret)),
      jsonEscaped(jsonEscaped(jsonEscaped(secret))),
      asciiOnly(jsonEscaped(secret)),
      jsonEscaped(secret).replaceAll('/', '\\/'),
      ...htmlOf(secret),
    ]),
  ];
}

/** Both alphabets, with and without padding, and what is left of it inside a longer text (`user:secret`). */
function base64Of(bytes: Buffer): readonly string[] {
  const whole = [bytes.toString('base64'), bytes.toString('base64url')];
  const inside = [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    // The first characters also carry bits of what stands before, the last one of what follows.
    const from = offset === 0 ? 0 : offset + 1;
    const to = Math.floor((shifted.length * 8) / 6);
    return [shifted.toString('base64').slice(from, to), shifted.toString('base64url').slice(from, to)];
  });
  return [...whole, whole[0]?.replace(/=+$/, '') ?? '', ...inside.filter((part) => part.length >= MIN_PART)];
}

function htmlOf(secret: string): readonly string[] {
  const common = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    common,
    common.replaceAll('"', '&quot;'),
    ...['&#39;', '&#x27;', '&apos;'].map((quote) => common.replaceAll('"', '&quot;').replaceAll("'", quote)),
    common.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
  ];
}

const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1);

const asciiOnly = (text: string): string =>
  text.replace(/[^\0-~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const lowerEscapes = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
