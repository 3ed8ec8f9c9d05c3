/** A program on the other side that is no MCP server is told apart from one that is only untidy. */
import assert from 'node:assert/strict';
import { StdoutChatter } from '../../../../src/mcp/transport/stdout-chatter.ts';
import { VirtualClock } from '../../../fixtures/virtual-clock.ts';

function setUp() {
  const clock = new VirtualClock();
  const given: string[] = [];
  return { clock, given, chatter: new StdoutChatter(clock, (message) => given.push(message)) };
}

describe('what a program writes to standard output that is no message', () => {
  it('is taken for the wrong program 5 s after the last sign of life', async () => {
    const { clock, given, chatter } = setUp();
    chatter.wrote('Listening on http://localhost:3000\n');
    await clock.advance(4_000);
    chatter.stirred();
    await clock.advance(4_900);
    assert.deepEqual(given, []);
    await clock.advance(100);
    assert.match(given[0] ?? '', /^wrote "Listening on http:\/\/localhost:3000" to its standard output, where MCP/);
  });

  it('is given 15 s in all, however much it writes', async () => {
    const { clock, given, chatter } = setUp();
    for (let second = 0; second < 15; second += 1) {
      chatter.wrote(`tick ${second}`);
      await clock.advance(1_000);
    }
    assert.equal(given.length, 1);
    assert.match(given[0] ?? '', /"tick 0"/);
  });

  it('does no harm when messages follow, or came before', async () => {
    const { clock, given, chatter } = setUp();
    chatter.wrote('> server@1.0.0 start');
    chatter.spoke();
    chatter.wrote('connected to the database');
    await clock.advance(60_000);
    assert.deepEqual([given, chatter.epitaph(), clock.pending], [[], '', 0]);
  });

  it('does not count what is written to standard error alone', async () => {
    const { clock, given, chatter } = setUp();
    chatter.stirred();
    await clock.advance(60_000);
    assert.deepEqual(given, []);
  });

  it('is told of a program that has ended, in short', () => {
    const { chatter } = setUp();
    chatter.wrote('x'.repeat(200));
    assert.equal(
      chatter.epitaph(),
      `; it wrote "${'x'.repeat(80)}…" to its standard output, where MCP messages belong`,
    );
  });
});
