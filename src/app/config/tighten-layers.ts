/** What a workspace may make of the layers: lower limits, shorter times, on or off where that lets less happen. Pure. */
import { z } from 'zod';
import type { Tighter } from './fields.ts';
import { configSchema, type UserConfig } from './schema.ts';
import { alternatives, factsOf, fieldAt, keysOf, metaOf } from './schema-tree.ts';
import { asWritten } from './units.ts';

type Layers = UserConfig['layers'];
type Section = Readonly<Record<string, unknown>>;

/** Something that a workspace says and may not: where, and what holds instead. */
export interface Widening {
  readonly path: readonly string[];
  readonly because: string;
}

/**
 * @param written - the workspace's layers as they stand in the file, whose keys are what it says something about
 * @param parsed - the same with defaults and units worked out
 */
export function tightenLayers(
  user: Layers,
  written: Section,
  parsed: Layers,
): { readonly layers: Layers; readonly widenings: readonly Widening[] } {
  const widenings: Widening[] = [];
  const layers: Record<string, unknown> = { ...user };
  for (const name of Object.keys(written)) {
    if (!Object.hasOwn(parsed, name)) continue;
    const path = ['layers', name];
    const own = (user as Section)[name];
    layers[name] = tightenLayer({ path, own, said: written[name], parsed: (parsed as Section)[name] }, widenings);
  }
  return { layers: layers as Layers, widenings };
}

interface LayerWish {
  readonly path: readonly string[];
  /** What the user has: a section with every default, or `false`. */
  readonly own: unknown;
  /** What the workspace wrote. */
  readonly said: unknown;
  readonly parsed: unknown;
}

function tightenLayer(wish: LayerWish, widenings: Widening[]): unknown {
  const { path, own, said, parsed } = wish;
  const schema = fieldAt(configSchema, path);
  if (schema === undefined) return own;
  const { tighter } = metaOf(schema);
  if (parsed === false || own === false) {
    if (parsed === own) return own;
    const isTighter = tighter === (parsed === false ? 'off' : 'on');
    if (isTighter) return parsed;
    widenings.push({ path, because: parsed === false ? 'it is on in yours' : 'it is off in yours' });
    return own;
  }
  return tightenSection(path, schema, { own: completed(own as Section), said: said as Section, parsed }, widenings);
}

/** A limit that follows from another one is spelled out before it is compared with. */
function completed(own: Section): Section {
  const { perSecond } = own;
  return typeof perSecond === 'number' && own.burst === undefined ? { ...own, burst: Math.max(1, perSecond) } : own;
}

function tightenSection(
  path: readonly string[],
  schema: z.ZodType,
  { own, said, parsed }: { readonly own: Section; readonly said: Section; readonly parsed: unknown },
  widenings: Widening[],
): Section {
  const result: Record<string, unknown> = { ...own };
  for (const key of keysOf(schema)) {
    if (!Object.hasOwn(said, key)) continue;
    const field = fieldAt(schema, [key]);
    if (field === undefined) continue;
    const wish = (parsed as Section)[key];
    const verdict = tightenField(field, own[key], wish);
    if (verdict.widens.length === 0) result[key] = verdict.value;
    else widenings.push(...verdict.widens.map(({ below, because }) => ({ path: [...path, key, ...below], because })));
  }
  return result;
}

interface Verdict {
  readonly value: unknown;
  readonly widens: readonly { readonly below: readonly string[]; readonly because: string }[];
}

function tightenField(field: z.ZodType, own: unknown, wish: unknown): Verdict {
  const { tighter } = metaOf(field);
  if (JSON.stringify(own) === JSON.stringify(wish)) return { value: own, widens: [] };
  if (tighter === undefined) return { value: own, widens: [{ below: [], because: 'it is for you alone to say' }] };
  const isRecord = alternatives(field).some((one) => one instanceof z.ZodRecord);
  if (isRecord) return tightenRecord(field, tighter, own as Section, wish as Section);
  if (isTighterNumber(tighter, own, wish)) return { value: wish, widens: [] };
  const { unit } = factsOf(field);
  const because = `${asWritten(wish, unit)} is ${tighter === 'less' ? 'more' : 'less'} than your ${asWritten(own, unit)}`;
  return { value: own, widens: [{ below: [], because }] };
}

/** By name: what the user says nothing of has no limit of its own. */
function tightenRecord(field: z.ZodType, tighter: Tighter, own: Section, wish: Section): Verdict {
  const names = Object.keys(wish);
  const wider = names.filter((name) => own[name] !== undefined && !isTighterNumber(tighter, own[name], wish[name]));
  const { unit } = factsOf(field);
  return {
    value: { ...own, ...wish },
    widens: wider.map((name) => ({
      below: [name],
      because: `${asWritten(wish[name], unit)} is ${tighter === 'less' ? 'more' : 'less'} than your ${asWritten(own[name], unit)}`,
    })),
  };
}

function isTighterNumber(tighter: Tighter, own: unknown, wish: unknown): boolean {
  if (typeof wish !== 'number') return false;
  if (typeof own !== 'number') return true;
  return tighter === 'less' ? wish <= own : wish >= own;
}
