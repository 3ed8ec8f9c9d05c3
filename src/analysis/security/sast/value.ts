/** What is known of a value, and how values make up others. */

export interface Value {
  readonly shape: 'constant' | 'dynamic' | 'built';
  /** True when it holds text from a request. */
  readonly tainted: boolean;
  /** Its literal text, bounded, with U+FFFD for what is not constant. */
  readonly text: string;
}

const HOLE = '\uFFFD';
export const MAX_TEXT = 2_000;

export const HARMLESS: Value = { shape: 'constant', tainted: false, text: '0' };
export const UNKNOWN: Value = { shape: 'dynamic', tainted: false, text: HOLE };
export const TAINTED: Value = { shape: 'dynamic', tainted: true, text: HOLE };
export const NOTHING: Value = { shape: 'constant', tainted: false, text: '' };

/** A text of several parts; without any literal text among `a + b` it may be a sum, and counts as dynamic. */
export function concatenated(values: readonly Value[], mayBeNumeric: boolean, isBuilt = true): Value {
  const text = values
    .map((value) => value.text)
    .join('')
    .slice(0, MAX_TEXT);
  const tainted = values.some((value) => value.tainted);
  if (values.every((value) => value.shape === 'constant')) return { shape: 'constant', tainted, text };
  const hasText = text.replaceAll(HOLE, '').length > 0;
  const wasBuilt = values.some((value) => value.shape === 'built');
  const shape = wasBuilt || (isBuilt && (hasText || !mayBeNumeric) && values.length > 1) ? 'built' : 'dynamic';
  return { shape, tainted, text };
}

export function anyOf(values: readonly Value[]): Value {
  if (values.length === 1 && values[0] !== undefined) return values[0];
  const tainted = values.some((value) => value.tainted);
  const text = values
    .map((value) => value.text)
    .join(' ')
    .slice(0, MAX_TEXT);
  if (values.some((value) => value.shape === 'built')) return { shape: 'built', tainted, text };
  return { shape: values.every((value) => value.shape === 'constant') ? 'constant' : 'dynamic', tainted, text };
}

/** `"…".replace(x, y)`, `', '.join(parts)`: free if the receiver or what goes in is. */
export function preserved(receiver: Value, args: readonly Value[]): Value {
  if (args.every((value) => value.shape === 'constant')) return receiver;
  return concatenated([receiver, ...args], receiver.shape !== 'constant');
}
