/** The journal on a real disk. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalStore, RunEvent } from '../../../src/contracts/index.ts';
import { createJournalStore } from '../../../src/node/journal-store.ts';
import { isIntact, makeEvent } from '../../../src/workflow/journal-event.ts';

describe('the journal store', () => {
  let directory: string;
  let store: JournalStore;
  const events: readonly RunEvent[] = [
    makeEvent('r1', 0, 1, 'run.cancelling', { reason: 'first' }),
    makeEvent('r1', 1, 2, 'step.skipped', { step: 'a', reason: 'second' }),
    makeEvent('r1', 2, 3, 'run.ended', { status: 'cancelled' }),
  ];
  const file = (): string => join(directory, 'runs', 'r1', 'events.jsonl');

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'journal-'));
    store = createJournalStore({ directory, isIntact });
    const journal = await store.create('r1');
    await Promise.all(events.map((event) => journal.append(event)));
    await journal.close();
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('gives back what was appended, in order', async () => {
    assert.deepEqual(await store.read('r1'), { events });
  });

  it('reads everything before a torn last line, and says that it is torn', async () => {
    await appendFile(file(), '{"v":1,"seq":3,"at"');
    assert.deepEqual(await store.read('r1'), { events, damage: 'the last event was not written whole' });
  });

  it('stops at a line that was changed, and names it', async () => {
    const text = await readFile(file(), 'utf8');
    await writeFile(file(), text.replace('second', 'sEcond'));
    assert.deepEqual(await store.read('r1'), { events: events.slice(0, 1), damage: 'line 2 is not what was written' });
  });

  it('stops where a line is missing', async () => {
    const lines = (await readFile(file(), 'utf8')).split('\n');
    await writeFile(file(), lines.filter((_, index) => index !== 1).join('\n'));
    assert.equal((await store.read('r1')).damage, 'line 2 is not what was written');
  });

  it('keeps large values beside it and notices when one was changed', async () => {
    const journal = await store.create('r2');
    const ref = await journal.putBlob({ list: [1, 2, 3] });
    assert.deepEqual(await store.readBlob('r2', ref), { list: [1, 2, 3] });
    await writeFile(join(directory, 'runs', 'r2', 'blobs', ref.blob), '{"list":[1,2,4]}');
    await assert.rejects(store.readBlob('r2', ref), /was changed on disk/);
    await journal.close();
  });

  it('lists runs newest first, and none before the first', async () => {
    await (await store.create('r0')).close();
    assert.deepEqual(await store.list(), ['r1', 'r0']);
    assert.deepEqual(await createJournalStore({ directory: join(directory, 'empty'), isIntact }).list(), []);
  });

  it('never leaves its folder, whatever a run is called', async () => {
    await assert.rejects(async () => store.read('../r1'), /not a name of a run/);
    await assert.rejects(async () => store.writeFile('r1', '../../report.json', ''), /not a name of a run/);
  });
});
