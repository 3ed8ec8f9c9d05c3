/** 200 planted credentials in eight encodings, at every place a product could pick them up: `npm run campaign:leaks`. */
import { parseArgs } from 'node:util';
import { report } from '../bench/result.ts';
import { ENCODING_NAMES } from '../fixtures/leak/credentials.ts';
import { proveNoLeak } from '../fixtures/leak/proof.ts';

const { values: flags } = parseArgs({
  options: {
    /** A minute's worth. */
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});

const startedAt = performance.now();
const proof = await proveNoLeak({ credentials: flags.quick ? 40 : 200, seed: Number(flags.seed), perCall: 25 });
for (const { where, credential, form } of proof.leaks.slice(0, 50)) {
  console.log(`LEAK in ${where}: credential ${credential} as ${JSON.stringify(form)}`);
}
report(
  'leaks',
  {
    credentials: proof.credentials,
    encodings: ENCODING_NAMES.length,
    planted: proof.planted,
    calls: proof.calls,
    texts: proof.texts,
    megabytes: proof.characters / 1e6,
    leaks: proof.leaks.length,
    seconds: (performance.now() - startedAt) / 1_000,
  },
  [
    { what: 'leaks', value: proof.leaks.length, limit: 0 },
    { what: 'credentials', value: proof.credentials, limit: flags.quick ? 40 : 200, kind: 'atLeast' },
    { what: 'encodings', value: ENCODING_NAMES.length, limit: 8, kind: 'atLeast' },
  ],
);
