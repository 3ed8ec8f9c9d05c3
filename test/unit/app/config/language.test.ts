/** What an editor offers and says in a config.yaml. */
import assert from 'node:assert/strict';
import { complete, diagnose, hoverAt, type Suggestion } from '../../../../src/app/config/language.ts';
import type { LiveNames } from '../../../../src/app/config/unknown-servers.ts';

const NAMES: LiveNames = [
  { id: 'wiki', tools: ['get_page', 'delete_page'] },
  { id: 'crm', tools: [] },
];

/** @param marked - the text with `|` where the cursor is */
function offered(marked: string): readonly Suggestion[] {
  const offset = marked.indexOf('|');
  return complete(marked.replace('|', ''), offset, NAMES);
}

const labels = (marked: string): readonly string[] => offered(marked).map(({ label }) => label);

describe('completion in config.yaml', () => {
  it('offers the sections in an empty file, and those that are missing in another', () => {
    assert.deepEqual(labels('|').slice(0, 2), ['version', 'pipelines']);
    const further = labels('version: 1\nlayers:\n  retry: false\nmi|');
    assert.ok(further.includes('minimize') && !further.includes('version'));
  });

  it('offers the fields of a section, with default and meaning, in every style of YAML', () => {
    const block = offered('version: 1\nlayers:\n  retry:\n    retries: 2\n    |');
    assert.ok(!block.some(({ label }) => label === 'retries'));
    const base = block.find(({ label }) => label === 'base');
    assert.equal(base?.detail, 'time, default 1s');
    assert.match(base?.documentation ?? '', /Longest first wait/);
    assert.equal(base?.insert, 'base: $0');
    assert.ok(labels('layers:\n  timeout:\n    |').includes('minSamples'));
    assert.deepEqual(labels('layers: { concurrency: { gl| } }'), ['global', 'perServer']);
    assert.equal(offered('layers:\n  ca|').find(({ label }) => label === 'cache')?.insert, 'cache:\n  $0');
  });

  it('offers values: of an enumeration, of switches, of durations', () => {
    assert.deepEqual(labels('permissions:\n  - effect: |'), ['allow', 'ask', 'deny']);
    assert.deepEqual(labels('tools:\n  wiki.*: { risk: | }'), ['low', 'medium', 'high', 'critical']);
    assert.ok(labels('layers:\n  retry: |').includes('false'));
    assert.equal(labels('layers:\n  timeout:\n    initial: |')[0], '30s');
    assert.ok(labels('minimize:\n  - tools: crm.*\n    output:\n      detect: [|]').includes('email'));
  });

  it('offers servers and tools by their live names', () => {
    const tools = labels('permissions:\n  - effect: deny\n    tools: |');
    assert.deepEqual(tools, ['*.*', 'wiki.*', 'wiki.get_page', 'wiki.delete_page', 'crm.*']);
    assert.ok(labels('tools:\n  wiki.|').includes('wiki.delete_page'));
    assert.equal(offered('tools:\n  |').find(({ label }) => label === '*.*')?.insert, "'*.*':\n  $0");
    assert.deepEqual(labels('layers:\n  concurrency:\n    perServer:\n      |'), ['wiki', 'crm']);
  });

  it('offers nothing where nothing is known', () => {
    assert.deepEqual(labels('nonsense:\n  |'), []);
    assert.deepEqual(labels('layers:\n  retry:\n    retries: 3\n# |'), []);
  });
});

describe('hover in config.yaml', () => {
  const text = 'version: 1\nlayers:\n  retry:\n    retries: 2\ntools:\n  wiki.*: { risk: high }\n';

  it('says what a field means, what it may be, its default, and what a workspace may do', () => {
    const hover = hoverAt(text, text.indexOf('retries') + 2);
    assert.equal(
      hover?.markdown,
      '**layers.retry.retries**: Attempts after the first.\n\nMay be a whole number.\n\nDefault: `3`\n\nA workspace may only lower it.',
    );
    assert.equal(text.slice(hover?.from, hover?.to), 'retries');
    assert.match(hoverAt(text, text.indexOf('high'))?.markdown ?? '', /low or medium or high or critical/);
  });

  it('says nothing where there is nothing to say', () => {
    assert.equal(hoverAt('nonsense: 1\n', 2), undefined);
    assert.equal(hoverAt('', 0), undefined);
  });
});

describe('diagnostics in config.yaml', () => {
  const said = (problems: ReturnType<typeof diagnose>): readonly string[] =>
    problems.map(({ severity, message, range }) => `${severity} ${range?.line}:${range?.column} ${message}`);

  it("are the schema's, the rules', and those of servers that nobody has configured", () => {
    const text = `version: 1
permissions:
  - { effect: deny, tools: wiki.* }
  - { effect: allow, tools: wiki.get_page }
tools:
  wikki.*: { risk: low }
layers:
  retry: { retries: -1 }
`;
    assert.deepEqual(said(diagnose({ text, file: '/c.yaml' }, NAMES)), [
      'error 4:5 this rule can never decide: whatever it is about is denied by rule 1 of c.yaml:3, and deny goes before allow',
      'warning 6:3 no server "wikki" is configured; did you mean "wiki"?',
      'error 8:21 layers.retry.retries: must be at least 0, not -1',
    ]);
  });

  it("of a workspace's file are its own, and what it may not widen", () => {
    const user = { text: 'version: 1\nlayers: { retry: { retries: -1 } }\n', file: '/user.yaml' };
    const text = "version: 1\npermissions: [{ effect: allow, tools: '*.*' }]\nlayers: { audit: false }\n";
    const [allow, audit, ...rest] = said(diagnose({ text, file: '/repo/config.yaml', user }, []));
    assert.match(allow ?? '', /^error 2:15 a workspace can only narrow/);
    assert.match(audit ?? '', /^error 3:18 layers\.audit: a workspace may only tighten/);
    assert.deepEqual(rest, []);
  });
});
