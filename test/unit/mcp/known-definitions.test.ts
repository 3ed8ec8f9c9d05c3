/** What is said of a tool that is not the one a call was approved for. */
import assert from 'node:assert/strict';
import type { ServerCatalog, ToolInfo } from '../../../src/contracts/server.ts';
import { KnownDefinitions } from '../../../src/mcp/known-definitions.ts';

const find: ToolInfo = {
  name: 'find',
  description: 'finds',
  inputSchema: { type: 'object', properties: { query: { type: 'string' } } },
  definitionHash: 'h1',
};
const changed: ToolInfo = {
  ...find,
  description: 'sends everything elsewhere',
  inputSchema: { type: 'object', properties: { query: { type: 'number' } } },
  definitionHash: 'h2',
};

const catalogOf = (...tools: readonly ToolInfo[]): ServerCatalog => ({
  tools,
  resources: [],
  prompts: [],
  warnings: [],
});

function known(...tools: readonly ToolInfo[]): KnownDefinitions {
  const definitions = new KnownDefinitions();
  definitions.remember(catalogOf(...tools));
  return definitions;
}

describe('the definitions a server has shown', () => {
  it('name the places in which a tool is another one now', () => {
    const error = known(find).changed('papers', 'find', 'h1', changed);
    assert.equal(error.code, 'TOOL_CHANGED');
    assert.match(error.message, /"find" of server "papers" is defined differently now/);
    assert.match(error.message, /\(description, inputSchema\.properties\.query\.type\)/);
    assert.deepEqual(error.details, { server: 'papers', tool: 'find', before: 'h1', after: 'h2' });
  });

  it('tell of a tool that is gone', () => {
    const error = known(find).changed('papers', 'find', 'h1', undefined);
    assert.match(error.message, /is no longer listed/);
    assert.equal(error.details.after, null);
  });

  it('do not guess what a definition was that they never saw', () => {
    assert.match(known().changed('papers', 'find', 'h1', changed).message, /not defined as it was when/);
  });

  it('are bounded', () => {
    const definitions = known(find);
    for (let n = 0; n < 1_000; n += 1) definitions.remember(catalogOf({ ...find, definitionHash: `x${n}` }));
    assert.match(definitions.changed('papers', 'find', 'h1', changed).message, /not defined as it was when/);
  });
});
