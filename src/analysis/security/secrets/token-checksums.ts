/** Checksums inside tokens: the last six characters of GitHub's and npm's are the CRC-32 of the others in base 62. */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 6;

/** `none` for tokens that carry no checksum that is known here. */
export function checksumOf(token: string): 'right' | 'wrong' | 'none' {
  const [, body = ''] = /^(?:gh[pousr]|npm)_([A-Za-z0-9]{36})$/.exec(token) ?? [];
  if (body === '') return 'none';
  return base62(crc32(body.slice(0, -LENGTH))) === body.slice(-LENGTH) ? 'right' : 'wrong';
}

/** CRC-32 of ISO 3309, bit by bit: tokens are short, and Node 20 has it only in its later releases. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text, 'latin1')) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function base62(value: number): string {
  let rest = value;
  let text = '';
  do {
    text = `${DIGITS.charAt(rest % 62)}${text}`;
    rest = Math.floor(rest / 62);
  } while (rest > 0);
  return text.padStart(LENGTH, '0');
}
