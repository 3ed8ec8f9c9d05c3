/** What every storage of questions and of grants does, whatever keeps it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ApprovalDecision,
  ApprovalRecord,
  ApprovalStorage,
  Grant,
  GrantStorage,
} from '../../src/contracts/index.ts';
import { createFileApprovalStorage, createFileGrantStorage } from '../../src/node/approval-storage.ts';
import { MemoryApprovalStorage, MemoryGrantStorage } from '../fixtures/approval-memory.ts';

const question = (id: string): ApprovalRecord => ({
  id,
  submittedAt: 1,
  parked: true,
  request: {
    operation: 'wiki.delete_page',
    summary: 'a person wants to run wiki.delete_page',
    server: 'wiki',
    tool: 'delete_page',
    args: { page: 'Zoë \u202e' },
    argumentsDigest: 'digest',
    serverIdentity: 'identity',
    definitionHash: 'hash',
    risk: 'high',
    reasons: ['a rule'],
    affectedSystems: ['wiki'],
    preview: { text: 'not known', changes: [] },
    requestor: { kind: 'person', id: 'local' },
    deadline: 2,
  },
});
const yes: ApprovalDecision = { approved: true, scope: 'once', reach: 'tool', by: 'ada', at: 3 };
const no: ApprovalDecision = { ...yes, approved: false, by: 'eve' };

const grant = (id: string, change: Partial<Grant> = {}): Grant => ({
  id,
  scope: 'workspace',
  reach: 'tool',
  server: 'wiki',
  tool: 'delete_page',
  serverIdentity: 'identity',
  definitions: { delete_page: { hash: 'hash' } },
  principal: { kind: 'person', id: 'local' },
  workspace: '/here',
  by: 'ada',
  at: 1,
  ...change,
});

/** @param open - two holders of one storage, as two processes are */
function keepsQuestions(open: () => readonly [ApprovalStorage, ApprovalStorage]): void {
  let a: ApprovalStorage;
  let b: ApprovalStorage;
  beforeEach(() => {
    [a, b] = open();
  });

  it('gives others what was asked, as it was, until it is removed', async () => {
    assert.deepEqual(await b.load(), []);
    await a.save(question('q1'));
    assert.deepEqual(await b.load(), [question('q1')]);
    assert.equal(await b.remove('q1'), true);
    assert.deepEqual(await a.load(), []);
  });

  it('takes the answer of one of all who answer', async () => {
    await a.save(question('q1'));
    const taken = await Promise.all([a.decide('q1', yes), b.decide('q1', no), a.decide('q1', no), b.decide('q1', yes)]);
    assert.equal(taken.filter((isOurs) => isOurs).length, 1);
    const [kept] = await a.load();
    assert.deepEqual(kept?.decision, taken[0] || taken[3] ? yes : no);
  });

  it('takes no answer to what was never asked, or is gone', async () => {
    assert.equal(await a.decide('q1', yes), false);
    await a.save(question('q1'));
    await a.remove('q1');
    assert.equal(await b.decide('q1', yes), false);
    await a.save(question('q1'));
    assert.deepEqual(await a.load(), [question('q1')]);
  });

  it('lets one of all who come have the answer', async () => {
    await a.save(question('q1'));
    await b.decide('q1', yes);
    const removed = await Promise.all([a.remove('q1'), b.remove('q1'), a.remove('q1'), b.remove('q1')]);
    assert.equal(removed.filter((isOurs) => isOurs).length, 1);
    assert.deepEqual(await b.load(), []);
  });
}

function keepsGrants(open: () => readonly [GrantStorage, GrantStorage]): void {
  it('gives others what was granted, and removes each once', async () => {
    const [a, b] = open();
    const granted = [
      grant('g1'),
      grant('g2', { scope: 'always' }),
      grant('g3', { scope: 'once', argumentsDigest: 'd' }),
    ];
    for (const each of granted) await a.save(each);
    const loaded = [...(await b.load())].sort((one, other) => one.id.localeCompare(other.id));
    assert.deepEqual(loaded, granted);
    for (const { id } of granted) {
      const removed = await Promise.all([a.remove(id), b.remove(id), a.remove(id)]);
      assert.equal(removed.filter((isOurs) => isOurs).length, 1);
    }
    assert.deepEqual(await a.load(), []);
    assert.equal(await a.remove('g1'), false);
  });
}

describe('questions in memory', () => {
  keepsQuestions(() => {
    const storage = new MemoryApprovalStorage();
    return [storage, storage];
  });
});

describe('grants in memory', () => {
  keepsGrants(() => {
    const storage = new MemoryGrantStorage();
    return [storage, storage];
  });
});

describe('on disk', () => {
  let folder: string;
  let problems: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'approvals-'));
    problems = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const onProblem = (message: string): void => void problems.push(message);
  const questions = (): ApprovalStorage => createFileApprovalStorage({ directory: join(folder, 'asked'), onProblem });
  const grants = (): GrantStorage =>
    createFileGrantStorage({ workspace: join(folder, 'here'), user: join(folder, 'all'), onProblem });

  describe('questions', () => keepsQuestions(() => [questions(), questions()]));
  describe('grants', () => keepsGrants(() => [grants(), grants()]));

  it('are files of their owner alone, and those for good lie with the user', async () => {
    await grants().save(grant('g1'));
    await grants().save(grant('g2', { scope: 'always' }));
    await questions().save(question('q1'));
    await questions().decide('q1', yes);
    const files = ['here/g1.json', 'all/g2.json', 'asked/q1.json', 'asked/q1.answer.json'];
    for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    assert.deepEqual(readdirSync(join(folder, 'asked')).sort(), ['q1.answer.json', 'q1.json']);
  });

  for (const [what, damage] of [
    ['cut short', (text: string) => text.slice(0, 30)],
    ['empty', () => ''],
    ['of another shape', () => '{"id":"g1","scope":"always"}'],
    ['by another name', (text: string) => text.replace('"g1"', '"g9"')],
    ['of an unknown scope', (text: string) => text.replace('"workspace"', '"everything"')],
  ] as const) {
    it(`count for nothing when ${what}, which is told once`, async () => {
      await grants().save(grant('g1'));
      await grants().save(grant('g2'));
      const file = join(folder, 'here', 'g1.json');
      writeFileSync(file, damage(readFileSync(file, 'utf8')));
      const storage = grants();
      for (const _ of [1, 2]) assert.deepEqual(await storage.load(), [grant('g2')]);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', /g1\.json cannot be read and counts for nothing/);
    });
  }

  it('leave out an answer that cannot be read, and one without a question', async () => {
    const storage = questions();
    await storage.save(question('q1'));
    writeFileSync(join(folder, 'asked', 'q1.answer.json'), '{"approved":true}');
    writeFileSync(join(folder, 'asked', 'q2.answer.json'), JSON.stringify({ id: 'q2', ...yes }));
    assert.deepEqual(await storage.load(), [question('q1')]);
    assert.deepEqual(readdirSync(join(folder, 'asked')).sort(), ['q1.answer.json', 'q1.json']);
  });

  it('never leave their folder, whatever an id says', async () => {
    mkdirSync(join(folder, 'asked'));
    writeFileSync(join(folder, 'precious.json'), JSON.stringify(grant('precious')));
    await assert.rejects(questions().remove('../precious'), /is no id/);
    await assert.rejects(grants().save(grant('../../precious')), /is no id/);
    assert.deepEqual(readdirSync(folder).sort(), ['asked', 'here', 'precious.json']);
  });
});
