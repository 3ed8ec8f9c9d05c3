/** Routing: an intent finds the tools that mean it, in the words of their own schemas, and says why. */
import assert from 'node:assert/strict';
import { fitArguments } from '../../../src/orchestration/route/fit-arguments.ts';
import { type RouteRequest, type RouteSignals, route } from '../../../src/orchestration/route/route.ts';
import { ToolIndex } from '../../../src/orchestration/route/tool-index.ts';
import { KNOWN_TOOLS, tool } from '../../fixtures/known-tools.ts';

const index = new ToolIndex(KNOWN_TOOLS);
const ask = (request: Partial<RouteRequest>, signals?: RouteSignals): ReturnType<typeof route> =>
  route(index, { intent: 'search academic papers', args: { query: 'graphs' }, max: 4, ...request }, signals);
const names = (answer: ReturnType<typeof route>): readonly string[] =>
  answer.choices.map((choice) => `${choice.server}.${choice.tool.name}`);

describe('routing', () => {
  it('finds the tools that mean the intent, whatever words they use', () => {
    assert.deepEqual(names(ask({})).toSorted(), [
      'arxiv.search_papers',
      'openalex.find_works',
      'paper-search.search_semantic',
      'scholar.paperRelevanceSearch',
    ]);
    assert.deepEqual(names(ask({ intent: 'post to a chat channel', args: { channel_id: 'c', text: 't' }, max: 1 })), [
      'slack.slack_post_message',
    ]);
    assert.deepEqual(names(ask({ intent: 'find repos on GitHub', max: 1 })), ['github.search_repositories']);
    assert.deepEqual(names(ask({ intent: 'read a file', args: { path: 'a' }, max: 1 })), ['filesystem.read_file']);
  });

  it('chooses nothing when nothing speaks of the intent', () => {
    assert.deepEqual(ask({ intent: 'brew coffee' }), { choices: [], refused: [] });
  });

  it("gives the arguments in each tool's own words, and says what it changed", () => {
    const { choices } = ask({ args: { query: 'graphs', max_results: 60 } });
    const of = (server: string): (typeof choices)[number] | undefined => choices.find((one) => one.server === server);
    assert.deepEqual(of('scholar')?.args, { query: 'graphs', limit: 60 });
    assert.deepEqual(of('openalex')?.args, { search: 'graphs', per_page: 60 });
    assert.deepEqual(of('arxiv')?.args, { query: 'graphs', max_results: 50 });
    assert.match(of('arxiv')?.because.join('\n') ?? '', /max_results: 60 is over its maximum, 50 is asked for/);
    assert.match(of('openalex')?.because.join('\n') ?? '', /query as search; max_results as per_page/);
  });

  it('refuses a tool that wants what the step does not give, and says what', () => {
    const { choices, refused } = ask({ intent: 'download a paper', max: 1 });
    assert.ok(!choices.some((one) => one.tool.name === 'download_paper'));
    assert.match(refused.find((one) => one.tool === 'download_paper')?.because ?? '', /it wants paper_id/);
  });

  it('calls nothing that is forbidden or down, and says so', () => {
    const answer = ask(
      {},
      {
        forbidden: (server) => (server === 'arxiv' ? 'denied by rule 2 of config.yaml' : undefined),
        health: (server) => (server === 'scholar' ? 'down' : 'ready'),
      },
    );
    assert.ok(!names(answer).some((name) => /^(?:arxiv|scholar)\./.test(name)));
    const told = Object.fromEntries(answer.refused.map((one) => [one.server, one.because]));
    assert.equal(told.arxiv, 'denied by rule 2 of config.yaml');
    assert.equal(told.scholar, 'its server does not answer');
  });

  it('prefers what the user prefers, the quick and the cheap', () => {
    const first = (signals: RouteSignals): string | undefined => names(ask({}, signals))[0];
    const only = (wanted: string, yes: number, no: number) => (server: string) => (server === wanted ? yes : no);
    assert.match(first({ preference: (server) => (server === 'openalex' ? 'prefer' : undefined) }) ?? '', /^openalex/);
    assert.match(first({ latencyMs: only('scholar', 100, 60_000) }) ?? '', /^scholar/);
    assert.match(first({ cost: only('paper-search', 0, 5) }) ?? '', /^paper-search/);
  });

  it('takes one tool of each server, unless several are wanted', () => {
    const twins = new ToolIndex([
      tool('a', 'search_papers', 'Search papers', {}),
      tool('a', 'search_paper', 'Search paper', {}),
      tool('b', 'search_papers', 'Search papers', {}),
    ]);
    const request = { intent: 'search papers', args: {}, max: 3 };
    assert.equal(route(twins, request).choices.length, 2);
    assert.equal(route(twins, { ...request, onePerServer: false }).choices.length, 3);
  });
});

describe('fitting arguments', () => {
  const fitting = (given: Parameters<typeof fitArguments>[0], properties: object, required: readonly string[] = []) =>
    fitArguments(given, { type: 'object', properties: properties as never, required });

  it('keeps a name that the tool knows, even when another one is an alias of it', () => {
    const { args } = fitting({ q: 'a', query: 'b' }, { query: {}, text: {} });
    assert.deepEqual(args, { query: 'b', text: 'a' });
  });

  it('sees through case, hyphens and underscores', () => {
    assert.deepEqual(fitting({ max_results: 3, SortBy: 'date' }, { maxResults: {}, 'sort-by': {} }).args, {
      maxResults: 3,
      'sort-by': 'date',
    });
  });

  it('converts what is the same in another type, and drops what is not', () => {
    const properties = {
      year: { type: 'string' },
      limit: { type: 'integer' },
      tags: { type: ['array', 'null'] },
      on: { type: 'boolean' },
    };
    const fitted = fitting({ year: 2024, limit: '7', tags: 'x', on: 'maybe' }, properties);
    assert.deepEqual(fitted.args, { year: '2024', limit: 7, tags: ['x'] });
    assert.deepEqual(fitted.dropped, ['on']);
  });

  it('takes one of the choices of an enum, or drops the argument', () => {
    const properties = { sort_by: { enum: ['Relevance', 'submittedDate'] } };
    assert.deepEqual(fitting({ sort: 'relevance' }, properties).args, { sort_by: 'Relevance' });
    assert.deepEqual(fitting({ sort: 'stars' }, properties).dropped, ['sort']);
  });

  it('misses what is required and has no default', () => {
    const properties = { a: {}, b: { default: 1 } };
    assert.deepEqual(fitting({}, properties, ['a', 'b']).missing, ['a']);
  });

  it('passes everything to a tool that describes nothing', () => {
    assert.deepEqual(fitting({ anything: 1 }, {}).args, { anything: 1 });
    assert.deepEqual(fitArguments({ anything: 1 }, { type: 'object', additionalProperties: false }).dropped, [
      'anything',
    ]);
  });
});
