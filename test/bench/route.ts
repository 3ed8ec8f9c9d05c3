/** How long routing takes over many tools: `npm run bench:route [-- --quick]`. Bar: 50 servers with 1,000 tools, under 20 ms. */
import { parseArgs } from 'node:util';
import { route } from '../../src/orchestration/route/route.ts';
import { ToolIndex } from '../../src/orchestration/route/tool-index.ts';
import { KNOWN_TOOLS } from '../fixtures/known-tools.ts';
import { report } from './result.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const SERVERS = 50;
const TOOLS = 1_000;
const rounds = values.quick ? 50 : 500;

const tools = Array.from({ length: TOOLS }, (_, number) => {
  const known = KNOWN_TOOLS[number % KNOWN_TOOLS.length];
  if (known === undefined) throw new RangeError('there are no known tools');
  const { tool } = known;
  const description =
    `${tool.description} Variant ${number} of many, with notes on area ${number % 37} and its uses.`.repeat(3);
  return { server: `server-${number % SERVERS}`, tool: { ...tool, name: `${tool.name}_${number}`, description } };
});
const intents = ['search academic papers', 'read a file', 'create an issue on GitHub', 'post a message', 'web search'];

const building = quantiles(20, () => new ToolIndex(tools.map(({ server, tool }) => ({ server, tool: { ...tool } }))));
const again = quantiles(rounds, () => new ToolIndex(tools));
const index = new ToolIndex(tools);
const answering = quantiles(rounds, (round) =>
  route(index, { intent: intents[round % intents.length] ?? '', args: { query: 'x', max_results: 20 }, max: 4 }),
);
console.table({ 'first index': building, 'index after a change': again, 'one answer': answering });
report(
  'route',
  {
    'first index, p50 ms': building.p50,
    'index after a change, p50 ms': again.p50,
    'answer, p50 ms': answering.p50,
    'answer, p95 ms': answering.p95,
  },
  [{ what: 'an answer from the index, p95 ms', value: answering.p95, limit: 20 }],
);

function quantiles(times: number, work: (round: number) => unknown): { readonly p50: number; readonly p95: number } {
  const took = Array.from({ length: times }, (_, round) => {
    const began = performance.now();
    work(round);
    return performance.now() - began;
  }).sort((a, b) => a - b);
  const at = (share: number): number => Math.round((took[Math.floor(share * (times - 1))] ?? 0) * 1_000) / 1_000;
  return { p50: at(0.5), p95: at(0.95) };
}
