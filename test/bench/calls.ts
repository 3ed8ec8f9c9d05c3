/** What a governed call costs beside a bare one: `npm run bench:calls [-- --quick] [-- --transport stdio] [-- --size 100]`. */
import { parseArgs } from 'node:util';
import { type Contender, type ContenderName, openContenders, TRANSPORTS } from './calls/contenders.ts';
import type { TransportName } from './calls/contenders.ts';
import { floorOf } from './calls/floor.ts';
import { type Arm, measure, median, type Plan, sustained } from './calls/measure.ts';
import { payloadOf, type Size, SIZES } from './calls/payload.ts';
import { type Bar, report } from './result.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, transport: { type: 'string' }, size: { type: 'string' } },
});
const quick = values.quick === true;

/** How far the control may be off before a cell is measured again, and how often it is. */
const TOLERANCE = 0.05;
const TRIES = quick ? 2 : 5;
const PLANS: Readonly<Record<Size, Plan>> = quick
  ? {
      100: { block: 20, rounds: 30, warmUp: 600 },
      10240: { block: 10, rounds: 16, warmUp: 150 },
      1048576: { block: 1, rounds: 5, warmUp: 2 },
    }
  : {
      100: { block: 20, rounds: 150, warmUp: 2_000 },
      10240: { block: 10, rounds: 100, warmUp: 500 },
      1048576: { block: 2, rounds: 25, warmUp: 6 },
    };
const SUSTAINED: Readonly<Record<TransportName, number>> = { memory: 4_000, stdio: 4_000, http: 800 };

const SIZE_NAMES: Readonly<Record<Size, string>> = { 100: '100 B', 10240: '10 KB', 1048576: '1 MB' };
/** What the whole stack may cost, over the bare call. */
const LIMITS: Readonly<Record<TransportName, Readonly<Record<Size, number>>>> = {
  memory: { 100: 1.8, 10240: 5, 1048576: 5 },
  stdio: { 100: 1.6, 10240: 2, 1048576: 2 },
  http: { 100: 1.2, 10240: Number.POSITIVE_INFINITY, 1048576: Number.POSITIVE_INFINITY },
};

/** Medians in microseconds; not a number where the control never held. */
interface Cell {
  readonly transport: TransportName;
  readonly size: Size;
  readonly raw: number;
  readonly full: number;
  readonly langchain: number;
  /** The control's median over raw's. */
  readonly control: number;
  readonly tries: number;
}

let serial = 0;
const next = (size: Size) => () => {
  serial += 1;
  return payloadOf(size, serial);
};
const cells: Cell[] = [];
const figures: Record<string, number> = {};
for (const transport of TRANSPORTS) {
  if (values.transport !== undefined && values.transport !== transport) continue;
  const contenders = await openContenders(transport);
  for (const size of SIZES) {
    if (values.size === undefined || Number(values.size) === size) cells.push(await cell(transport, size, contenders));
  }
  if (!quick) await sustain(transport, contenders);
  for (const contender of Object.values(contenders)) await contender.dispose();
}
for (const found of cells) describe(found);
report('calls', figures, bars());

async function cell(
  transport: TransportName,
  size: Size,
  contenders: Readonly<Record<ContenderName, Contender>>,
): Promise<Cell> {
  const arm = (name: string, of: ContenderName): Arm => ({ name, call: (args) => contenders[of].call(size, args) });
  const arms = [arm('raw', 'raw'), arm('full', 'full'), arm('control', 'raw'), arm('langchain', 'langchain')];
  for (let tries = 1; ; tries += 1) {
    const samples = await measure(arms, PLANS[size], next(size));
    const [raw = 0, full = 0, again = 0, langchain = 0] = arms.map(({ name }) => median(samples.get(name) ?? []));
    const found: Cell = { transport, size, raw, full, langchain, control: again / raw, tries };
    const holds = Math.abs(again / raw - 1) <= TOLERANCE;
    process.stdout.write(`${transport}, ${size} bytes: ${line(found)}${holds ? '' : '; discarded'}\n`);
    if (holds) return found;
    if (tries === TRIES) return { ...found, raw: Number.NaN, full: Number.NaN, langchain: Number.NaN };
  }
}

function line({ raw, full, langchain, control }: Cell): string {
  const times = (value: number): string => `${value.toFixed(1)} µs, ${(value / raw).toFixed(2)} ×`;
  return `raw ${raw.toFixed(1)} µs, full ${times(full)}, langchain ${times(langchain)}, control ${control.toFixed(3)} ×`;
}

/** Medians leave out what is done later; here everything put off is waited for. */
async function sustain(
  transport: TransportName,
  { raw, full }: Readonly<Record<ContenderName, Contender>>,
): Promise<void> {
  const plan = { calls: SUSTAINED[transport], rounds: 5 };
  const [bare, governed] = await sustained([raw, full], plan, next(100));
  figures[`${transport}, 100 B, sustained: raw, µs`] = bare ?? Number.NaN;
  figures[`${transport}, 100 B, sustained: full, µs`] = governed ?? Number.NaN;
}

function describe({ transport, size, raw, full, langchain, control, tries }: Cell): void {
  const name = `${transport}, ${SIZE_NAMES[size]}`;
  const floor = floorOf(size);
  Object.assign(figures, {
    [`${name}: raw, µs`]: raw,
    [`${name}: full, µs`]: full,
    [`${name}: langchain, µs`]: langchain,
    [`${name}: full / raw`]: full / raw,
    [`${name}: langchain / raw`]: langchain / raw,
    [`${name}: control / raw`]: control,
    [`${name}: tries`]: tries,
    [`${name}: floor (raw, and all data hashed and looked at once) / raw`]: (raw + floor) / raw,
  });
}

function bars(): readonly Bar[] {
  return cells.flatMap((found): readonly Bar[] => {
    const { transport, size, raw, full, langchain } = found;
    const name = `${transport}, ${SIZE_NAMES[size]}`;
    const limit = LIMITS[transport][size];
    const ratio: Bar = { what: `${name}: full / raw`, value: full / raw, limit };
    if (size !== 100) return Number.isFinite(limit) ? [ratio] : [];
    const cheaper: Bar = { what: `${name}: full / langchain`, value: full / langchain, limit: 1 };
    const extra: Bar = { what: `${name}: full - raw, µs`, value: full - raw, limit: 20 };
    return transport === 'stdio' ? [ratio, extra, cheaper] : [ratio, cheaper];
  });
}
