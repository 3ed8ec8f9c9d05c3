/** Reading one file of a repository as text: regular files only, bounded, never through a symbolic link. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '../base/errors.ts';
import type { SkippedPlace } from '../contracts/review.ts';

/** Bytes above which a file is not parsed. */
export const MAX_TEXT_BYTES = 2 * 1024 * 1024;

/** Bytes looked at to tell binary from text, as git does. */
const SNIFF_BYTES = 8_000;

export type FileText = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'binary' } | Skipped;

/** It exists but is not looked at; `reason` is for a person. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly reason: string;
  /** Left out on purpose, so nothing is missing: too large, or no file that holds a text. @default false */
  readonly deliberate?: boolean | undefined;
}

/** Reads a file of at most `maxBytes` bytes (default 2 MB). Never throws. */
export async function readText(path: string, maxBytes: number = MAX_TEXT_BYTES): Promise<FileText> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK a named pipe that took the file's place would hang the reader.
    handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    const reason = whyNot(await handle.stat(), maxBytes);
    if (reason !== undefined) return { kind: 'skipped', reason, deliberate: true };
    return decode(await handle.readFile());
  } catch (error) {
    return { kind: 'skipped', reason: `cannot be read: ${readReason(error)}` };
  } finally {
    await handle?.close();
  }
}

function whyNot(stats: Stats, maxBytes: number): string | undefined {
  if (!stats.isFile()) return 'not a regular file';
  if (stats.size > maxBytes) return tooLarge(stats.size, maxBytes);
  return undefined;
}

export function placeOf(file: string, { reason, deliberate }: Skipped): SkippedPlace {
  return deliberate === true ? { file, reason, deliberate } : { file, reason };
}

export function tooLarge(bytes: number, maxBytes: number): string {
  return `too large: ${megabytes(bytes)} MB, the limit is ${megabytes(maxBytes)} MB`;
}

function megabytes(bytes: number): string {
  return (bytes / (1024 * 1024)).toFixed(1);
}

/** True for bytes that hold no text: a NUL among the first 8,000, unless a byte-order mark says UTF-16. */
export function isBinary(bytes: Uint8Array): boolean {
  if (utf16(bytes)) return false;
  const end = Math.min(bytes.length, SNIFF_BYTES);
  for (let index = 0; index < end; index += 1) {
    if (bytes[index] === 0) return true;
  }
  return false;
}

function utf16(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xfe;
}

function decode(bytes: Buffer): FileText {
  if (isBinary(bytes)) return { kind: 'binary' };
  const text = utf16(bytes) ? bytes.toString('utf16le', 2) : bytes.toString('utf8');
  return { kind: 'text', text: text.startsWith('\uFEFF') ? text.slice(1) : text };
}

/** What the operating system said, without the absolute path that Node puts into its messages. */
export function readReason(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return messageOf(error);
  const known: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ENOENT: 'it no longer exists',
    ELOOP: 'it is a symbolic link',
    EIO: 'the disk reports an error',
  };
  const code = String(error.code);
  return known[code] ?? code;
}

/** Lines as an editor counts them: a last line without a line feed is one. */
export function countLines(text: string): number {
  if (text === '') return 0;
  let lines = 0;
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) lines += 1;
  return text.endsWith('\n') ? lines : lines + 1;
}
