/** The code-analysis server over stdio, asked by clients of both protocols. */
import { deferred } from '../../../../src/base/deferred.ts';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import type { Client } from '@modelcontextprotocol/client';
import type {
  ActionItemsResult,
  AnalyzeDocumentationResult,
  AnalyzeRepositoryResult,
  ListFilesResult,
  RecommendationsResult,
} from '../../../../src/contracts/review.ts';
import { connectLegacy, connectModern, spawnServer } from '../../../fixtures/bundled-server.ts';
import { type FileTree, fileTree } from '../../../fixtures/file-tree.ts';

const COMPLEX = `function tangled(a, b) {\n${'  if (a && b || a && a) return 1;\n'.repeat(16)}}\n`;
/** Takes seconds to parse: an expression that never ends. */
const ENDLESS = 'x = 1 + \n'.repeat(60_000);

const TOOLS = [
  'list_files',
  'analyze_repository',
  'analyze_documentation',
  'generate_recommendations',
  'create_action_items',
];

interface CallOptions {
  readonly signal: AbortSignal;
  readonly onprogress: () => void;
}

/** Asks nine times while a call is at work, then cancels it: the median wait in milliseconds and the call's end. */
async function whileBusy(
  begin: (options: CallOptions) => Promise<unknown>,
  ask: () => Promise<unknown>,
): Promise<{ readonly median: number; readonly ended: string }> {
  const controller = new AbortController();
  const started = deferred<void>();
  const call = begin({ signal: controller.signal, onprogress: started.resolve }).then(
    () => 'done',
    () => 'cancelled',
  );
  await started.promise;
  const waits: number[] = [];
  for (let index = 0; index < 9; index += 1) {
    const start = performance.now();
    await ask();
    waits.push(performance.now() - start);
  }
  controller.abort();
  return { ended: await call, median: waits.sort((a, b) => a - b)[4] ?? Number.POSITIVE_INFINITY };
}

describe('the code-analysis server', () => {
  let tree: FileTree;
  let args: readonly string[];

  before(async () => {
    tree = await fileTree({
      'repo/README.md': '# Small\n[dead](none.md)\n',
      'repo/src/a.js': `import './b.js';\n${COMPLEX}`,
      'repo/src/b.js': "import './a.js';\ntry { f(); } catch {}\n",
      'repo/src/broken.py': 'def f(:\n  pass\ndef g():\n  pass\n',
      'repo/src/huge.js': 'var a;\n'.repeat(400_000),
      'repo/src/A.java': 'class A { int f(int a) { return a > 0 ? 1 : 2; } }\n',
      'repo/node_modules/x/index.js': COMPLEX,
      'slow/a.py': ENDLESS,
      'slow/b.py': ENDLESS,
      'slow/c.py': ENDLESS,
      'outside/secret.js': COMPLEX,
    });
    await chmod(join(tree.root, 'outside'), 0o755);
    args = [
      '--root',
      join(tree.root, 'repo'),
      '--root',
      join(tree.root, 'slow'),
      '--clones',
      join(tree.root, 'clones'),
    ];
  });
  after(() => tree.dispose());

  describe('for a client of the 2026 protocol', () => {
    let client: Client;

    before(async () => {
      client = await connectModern('code-analysis', args);
    });
    after(() => client.close());

    const call = async <T>(name: string, input: Record<string, unknown> = {}): Promise<T> => {
      const reply = await client.callTool({ name, arguments: input });
      assert.ok(!reply.isError, JSON.stringify(reply.content));
      return reply.structuredContent as T;
    };
    const failure = async (name: string, input: Record<string, unknown>): Promise<string> => {
      const reply = await client.callTool({ name, arguments: input });
      assert.equal(reply.isError, true);
      return JSON.stringify(reply.content);
    };

    it('offers tools with schemas, a resource and a prompt', async () => {
      assert.equal(client.getProtocolEra(), 'modern');
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ name }) => name),
        TOOLS,
      );
      assert.ok(tools.every((tool) => tool.outputSchema?.type === 'object' && tool.description !== undefined));
      const [resource] = (await client.listResources()).resources;
      const { contents } = await client.readResource({ uri: resource?.uri ?? '' });
      assert.match(JSON.stringify(contents), /complexity\/cyclomatic/);
      const prompt = await client.getPrompt({ name: 'review_repository', arguments: { path: '/x' } });
      assert.match(JSON.stringify(prompt.messages), /analyze_repository/);
    });

    it('lists files with languages, and without dependencies', async () => {
      const { files, totals, truncated, root } = await call<ListFilesResult>('list_files');
      assert.equal(root, join(tree.root, 'repo'));
      assert.deepEqual(
        files.map(({ path, lines }) => [path, lines]),
        [
          ['README.md', 2],
          ['src/A.java', 1],
          ['src/a.js', 19],
          ['src/b.js', 2],
          ['src/broken.py', 4],
          ['src/huge.js', 400_001],
        ],
      );
      assert.deepEqual([totals.files, totals.languages.python?.files, truncated], [6, 1, false]);
    });

    it('finds, measures, and says what it could not look at', async () => {
      const result = await call<AnalyzeRepositoryResult>('analyze_repository', { path: '.' });
      assert.deepEqual(
        result.findings.map(({ ruleId, file, startLine, severity }) => [ruleId, file, startLine, severity]),
        [
          ['pattern/import-cycle', 'src/a.js', 1, 'medium'],
          ['complexity/cyclomatic', 'src/a.js', 2, 'high'],
          ['smell/empty-handler', 'src/b.js', 2, 'medium'],
        ],
      );
      const tangled = result.metrics?.functions.find(({ name }) => name === 'tangled');
      assert.deepEqual([tangled?.cyclomatic, tangled?.parameters, tangled?.lines, tangled?.nesting], [65, 2, 18, 1]);
      assert.deepEqual(result.partial, ['src/broken.py']);
      assert.deepEqual(
        result.skipped.map(({ file }) => file),
        ['src/huge.js'],
      );
    });

    it('finds only what was asked for', async () => {
      const result = await call<AnalyzeRepositoryResult>('analyze_repository', {
        analysis_types: ['smells'],
        include_metrics: false,
      });
      assert.deepEqual(
        result.findings.map(({ ruleId }) => ruleId),
        ['smell/empty-handler'],
      );
      assert.equal(result.metrics, undefined);
      const severe = await call<AnalyzeRepositoryResult>('analyze_repository', { severity_threshold: 'high' });
      assert.equal(severe.findings.length, 1);
    });

    it('gives the same answer every time', async () => {
      const once = await call('analyze_repository');
      assert.deepEqual(await call('analyze_repository'), once);
    });

    it('goes from findings to recommendations to action items', async () => {
      const code = await call<AnalyzeRepositoryResult>('analyze_repository');
      const docs = await call<AnalyzeDocumentationResult>('analyze_documentation');
      assert.equal(docs.documentation.links.dead, 1);
      const findings = [...code.findings, ...docs.findings].map((one) => ({ ...one, server: 's', tool: 't' }));
      const input = { findings, documentation: docs.documentation };
      const { recommendations } = await call<RecommendationsResult>('generate_recommendations', input);
      assert.match(recommendations[0]?.title ?? '', /^High cyclomatic complexity in src/);
      const { actionItems } = await call<ActionItemsResult>('create_action_items', { recommendations, max: 3 });
      assert.deepEqual(
        actionItems.map(({ priority }) => priority),
        [1, 2, 3],
      );
      assert.match(actionItems[0]?.title ?? '', /^Simplify src\/a\.js:2/);
    });

    it('clones a repository once and reads the clone by its path', async () => {
      const repo = join(tree.root, 'repo');
      const git = (...rest: readonly string[]): unknown =>
        execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...rest], {
          cwd: repo,
          stdio: 'ignore',
        });
      git('init', '-q');
      try {
        git('add', 'src/a.js', 'src/b.js');
        git('commit', '-q', '-m', 'one');
        const url = pathToFileURL(repo).href;
        const seen: number[] = [];
        const onprogress = ({ progress }: { progress: number }): void => void seen.push(progress);
        const reply = await client.callTool({ name: 'list_files', arguments: { url } }, { onprogress });
        const { root, source, commit, files } = reply.structuredContent as ListFilesResult;
        assert.ok(root.startsWith(join(tree.root, 'clones')));
        assert.deepEqual([source, files.length, commit?.length], [url, 2, 40]);
        assert.equal(seen[0], 0.5);
        const result = await call<AnalyzeRepositoryResult>('analyze_repository', { path: root });
        assert.equal(result.findings.length, 3);
        assert.deepEqual(await call<AnalyzeRepositoryResult>('analyze_repository', { url }), result);
      } finally {
        await rm(join(repo, '.git'), { recursive: true });
      }
    });

    it('says in words what is wrong with a call', async () => {
      assert.match(
        await failure('analyze_repository', { path: join(tree.root, 'outside') }),
        /outside this server's roots/,
      );
      assert.match(await failure('analyze_repository', { path: 'nowhere' }), /no such folder: nowhere/);
      assert.match(await failure('list_files', { path: 'README.md' }), /not a folder/);
      assert.match(await failure('list_files', { url: 'file:///etc' }), /outside this server's roots/);
      assert.match(await failure('list_files', { url: '--upload-pack=x' }), /not the URL of a git repository/);
      assert.match(await failure('analyze_repository', { analysis_types: ['all'] }), /analysis_types/);
    });

    it('reports progress towards a total', async () => {
      const seen: { progress: number; total?: number | undefined }[] = [];
      const onprogress = (progress: { progress: number; total?: number }): void => void seen.push(progress);
      await client.callTool({ name: 'analyze_repository', arguments: {} }, { onprogress });
      assert.ok(seen.length > 0);
      assert.ok(
        seen.every(({ progress, total }, index) => total === 18 && progress > (seen[index - 1]?.progress ?? 0)),
      );
    });

    it('answers others while it analyses, and stops when it is cancelled', async () => {
      const request = { name: 'analyze_repository', arguments: { path: join(tree.root, 'slow') } };
      const busy = await whileBusy(
        (options) => client.callTool(request, options),
        () => client.listTools(),
      );
      assert.equal(busy.ended, 'cancelled');
      assert.ok(busy.median < 100, `${busy.median} ms`);
      // The workers are free again at once: what was cancelled does not go on.
      assert.equal((await call<AnalyzeRepositoryResult>('analyze_repository')).findings.length, 3);
    });
  });

  describe('for a client of the 2025 protocol', () => {
    it('lists, calls, reports progress and answers pings while it analyses', async () => {
      const client = await connectLegacy('code-analysis', args);
      try {
        const { tools } = await client.listTools();
        assert.deepEqual(
          tools.map(({ name }) => name),
          TOOLS,
        );
        const reply = await client.callTool({ name: 'analyze_repository', arguments: {} });
        assert.equal((reply.structuredContent as AnalyzeRepositoryResult).findings.length, 3);
        const request = { name: 'analyze_repository', arguments: { path: join(tree.root, 'slow') } };
        const busy = await whileBusy(
          (options) => client.callTool(request, undefined, options),
          () => client.ping(),
        );
        assert.equal(busy.ended, 'cancelled');
        assert.ok(busy.median < 100, `${busy.median} ms`);
      } finally {
        await client.close();
      }
    });
  });

  it('ends when its input ends, even at work', async () => {
    const child = spawnServer('code-analysis', args);
    const request = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'analyze_repository', arguments: {} },
    };
    child.stdin?.write(`${JSON.stringify(request)}\n`);
    child.stdin?.end();
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  });

  it('says what is wrong with its command line and ends', async () => {
    const child = spawnServer('code-analysis', ['--port', '1']);
    assert.ok(child.stderr);
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    assert.match(said, /code-analysis: .*--port/);
    assert.equal(code, 2);
  });
});
