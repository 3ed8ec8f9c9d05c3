/**
 * 10,000 random single edits, deletions, reorderings and truncations of audit logs on disk, every second one of a log
 * whose oldest files were let go of: `npm run campaign:audit`.
 */
import { parseArgs } from 'node:util';
import { report } from '../bench/result.ts';
import { TAMPERINGS, TamperedLog } from '../fixtures/audit-tampering.ts';

const { values: flags } = parseArgs({
  options: {
    /** A minute's worth. */
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});

const count = flags.quick ? 1_000 : 10_000;
const logs = [
  await TamperedLog.open(Number(flags.seed)),
  await TamperedLog.open(Number(flags.seed) + 1, true),
] as const;
const found: Record<string, number> = {};
const missed: Record<string, number> = {};
let falseAlarms = 0;
for (let turn = 0; turn < count; turn += 1) {
  const kind = TAMPERINGS[turn % TAMPERINGS.length] as (typeof TAMPERINGS)[number];
  const log = logs[Math.floor(turn / TAMPERINGS.length) % 2 === 0 ? 0 : 1];
  const tally = (await log.isFound(kind)) ? found : missed;
  tally[kind] = (tally[kind] ?? 0) + 1;
  if (turn % 97 === 0 && !(await log.isIntact())) falseAlarms += 1;
}
for (const log of logs) await log.dispose();
const missedInAll = Object.values(missed).reduce((sum, each) => sum + each, 0);
report('audit', { tamperings: count, ...found, missed: missedInAll, falseAlarms }, [
  { what: 'missed', value: missedInAll, limit: 0 },
  { what: 'false alarms', value: falseAlarms, limit: 0 },
  { what: 'tamperings', value: count, limit: flags.quick ? 1_000 : 10_000, kind: 'atLeast' },
]);
