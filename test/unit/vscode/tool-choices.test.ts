/** What *Run Tool…* offers before a server has been chosen. */
import assert from 'node:assert/strict';
import type { ServerSnapshot } from '../../../src/contracts/index.ts';
import { toolChoices } from '../../../src/vscode/commands/tool-choices.ts';

const server = (id: string, state: ServerSnapshot['state'], tools: readonly string[] = []): ServerSnapshot => ({
  definition: {
    id,
    label: id,
    origin: { kind: 'bundled' },
    launch: { type: 'stdio', command: 'x', args: [], env: {} },
    inputs: [],
  },
  state,
  catalog: {
    tools: tools.map((name) => ({ name, inputSchema: {}, definitionHash: '' })),
    resources: [],
    prompts: [],
    warnings: [],
  },
});

describe('toolChoices', () => {
  it('names the tools of ready servers, then the servers that have to be started', () => {
    const ready = { status: 'ready', era: 'modern', protocolVersion: 'v' } as const;
    const choices = toolChoices([
      server('idle', { status: 'stopped' }, ['hidden']),
      server('one', ready, ['a', 'b']),
      server('broken', { status: 'failed', reason: 'no' }),
      server('two', ready, ['a']),
    ]);
    assert.deepEqual(
      choices.map((choice) =>
        choice.kind === 'tool'
          ? `${choice.server.definition.id}.${choice.tool.name}`
          : `start ${choice.server.definition.id}`,
      ),
      ['one.a', 'one.b', 'two.a', 'start idle', 'start broken'],
    );
  });
});
