/**
 * HMAC-SHA-256 (RFC 2104) over Node's one-shot hash: `createHmac` makes a key object for every call, which costs more
 * than the hash, and each governed call needs two.
 */
import { hash } from 'node:crypto';

const BLOCK = 64;
const DIGEST = 32;
/** Longer texts get a buffer of their own. */
const SCRATCH = 65_536;

/** @returns a function that gives the HMAC (hex) of a text under `key` */
export function keyedHasher(key: Buffer): (text: string) => string {
  const block = Buffer.alloc(BLOCK);
  (key.length > BLOCK ? hash('sha256', key, 'buffer') : key).copy(block);
  const inner = Buffer.alloc(BLOCK + SCRATCH);
  const outer = Buffer.alloc(BLOCK + DIGEST);
  for (const [index, byte] of block.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  return (text) => {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    const fits = text.length * 3 <= SCRATCH;
    const message = fits
      ? inner.subarray(0, BLOCK + inner.write(text, BLOCK, 'utf8'))
      : Buffer.concat([inner.subarray(0, BLOCK), Buffer.from(text, 'utf8')]);
    hash('sha256', message, 'buffer').copy(outer, BLOCK);
    return hash('sha256', outer);
  };
}
