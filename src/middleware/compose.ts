/** Puts the layers of the governed call in their one order around the terminal `Invoke`. */
import type { Invoke, Middleware } from '../contracts/index.ts';

/** Every layer of the stack, outermost first. A layer may be absent; the order may not differ. */
export const LAYERS = [
  'trace',
  'minimizeInput',
  'audit',
  'permissions',
  'approval',
  'cache',
  'idempotency',
  'minimizeOutput',
  'hedge',
  'retry',
  'breaker',
  'rateLimit',
  'concurrency',
  'timeout',
  'recovery',
] as const;

export type LayerName = (typeof LAYERS)[number];
export type Layers = Partial<Readonly<Record<LayerName, Middleware>>>;

/**
 * Wraps `terminal` in `middlewares`, the first listed outermost.
 *
 * @example
 * const invoke = compose(directory.invoke, [trace(options), timeout(options)]);
 */
export function compose(terminal: Invoke, middlewares: readonly Middleware[]): Invoke {
  return middlewares.reduceRight<Invoke>((next, middleware) => middleware(next), terminal);
}

/**
 * Composes named layers in the order of `LAYERS`, however the record lists them.
 *
 * @throws TypeError naming a layer that does not exist.
 */
export function composeStack(terminal: Invoke, layers: Layers): Invoke {
  const unknown = Object.keys(layers).filter((name) => !LAYERS.includes(name as LayerName));
  if (unknown.length > 0) {
    throw new TypeError(`unknown middleware ${unknown.join(', ')}; there are ${LAYERS.join(', ')}`);
  }
  const present = LAYERS.flatMap((name) => layers[name] ?? []);
  return compose(terminal, present);
}
