/** Lists that others rely on: changing one is a decision, taken here as well as in the source. */
import assert from 'node:assert/strict';
import { ERROR_CODES, type ErrorCode } from '../../src/base/errors.ts';
import { BUNDLED_SERVERS, type RunEventType, STEP_KINDS, type StepKind } from '../../src/contracts/index.ts';
import { assertNone } from './kit/exceptions.ts';
import { rowsUnder } from './kit/markdown-table.ts';
import { readText } from './kit/tree.ts';

/** True: trying again may help. */
const TRANSIENT = {
  PERMISSION_DENIED: false,
  SCOPE_DENIED: false,
  APPROVAL_DENIED: false,
  APPROVAL_EXPIRED: false,
  TIMEOUT: true,
  CANCELLED: false,
  CONNECTION_LOST: true,
  SERVER_START_FAILED: true,
  TOOL_NOT_FOUND: false,
  TOOL_CHANGED: false,
  TOOL_ERROR: false,
  RATE_LIMITED: true,
  BREAKER_OPEN: true,
  VALIDATION_FAILED: false,
  PROTOCOL_ERROR: false,
  INTERNAL: false,
} as const satisfies Record<ErrorCode, boolean>;

const EVENT_TYPES = {
  'run.created': true,
  'run.cancelling': true,
  'run.ended': true,
  'step.started': true,
  'step.asked': true,
  'step.succeeded': true,
  'step.failed': true,
  'step.cancelled': true,
  'step.skipped': true,
} as const satisfies Record<RunEventType, true>;

const KINDS = {
  call: true,
  route: true,
  approve: true,
  transform: true,
  workflow: true,
  agent: true,
  debate: true,
  plan: true,
} as const satisfies Record<StepKind, true>;

/** The keys of an interface, as its source spells them. */
function keysOfInterface(source: string, name: string): readonly string[] {
  const body = new RegExp(`interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? '';
  return [...body.matchAll(/^ {2}'?([\w.]+)'?\??:/gm)].map((match) => match[1] ?? '');
}

describe('pinned lists', () => {
  it('are the error codes, and which of them are transient', () => {
    const actual = Object.fromEntries(Object.entries(ERROR_CODES).map(([code, { transient }]) => [code, transient]));
    assert.deepEqual(actual, TRANSIENT);
  });

  it('are the error codes as src/ARCHITECTURE.md explains them', () => {
    const rows = rowsUnder(readText('src/ARCHITECTURE.md'), /^errors$/i);
    assert.deepEqual(rows.flatMap(({ names }) => names).sort(), Object.keys(TRANSIENT).sort());
    const told = Object.fromEntries(rows.flatMap(({ names, rest }) => names.map((name) => [name, /^yes /.test(rest)])));
    assert.deepEqual(told, TRANSIENT);
    assertNone(rows.filter(({ rest }) => rest.length < 10).map(({ names }) => `${names.join(', ')}: no explanation`));
  });

  it('are the types of run events, which journals on disk hold', () => {
    const keys = keysOfInterface(readText('src/contracts/run.ts'), 'RunEventData');
    assert.deepEqual([...keys].sort(), Object.keys(EVENT_TYPES).sort());
  });

  it('are the kinds of steps, which workflow files hold', () => {
    assert.deepEqual([...STEP_KINDS].sort(), Object.keys(KINDS).sort());
  });

  it('are the ids of the bundled servers, which configurations hold', () => {
    assert.deepEqual([...BUNDLED_SERVERS], ['code-analysis', 'security-scanner']);
  });
});

describe("the pinned lists' canary", () => {
  it('is an interface with a key too many, and the key is seen', () => {
    const source =
      "export interface Data {\n  'a.b': { readonly x: 1 };\n  readonlyish: number;\n  'c.d'?: string;\n}\n";
    assert.deepEqual(keysOfInterface(source, 'Data'), ['a.b', 'readonlyish', 'c.d']);
  });

  it('is a document with rows under other headings, and only its own count', () => {
    const text =
      '# Error codes\n\n| code | meaning |\n|---|---|\n| `A` | one |\n| `B`, `C` | two |\n\n# Other\n\n| `D` | x |\n';
    assert.deepEqual(rowsUnder(text, /^error codes/i), [
      { names: ['A'], rest: 'one' },
      { names: ['B', 'C'], rest: 'two' },
    ]);
  });
});
