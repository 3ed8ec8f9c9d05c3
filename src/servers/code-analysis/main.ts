/** The code-analysis server: complexity, smells, patterns and documentation of a repository, over stdio. */
import { McpServer } from '@modelcontextprotocol/server';
import { openServerCache } from '../kit/cache.ts';
import { serveMain } from '../kit/serve.ts';
import { createWorkerPool, workerEntry } from '../kit/worker-pool.ts';
import { registerAdviceTools } from './advice-tools.ts';
import { registerGuides } from './guides.ts';
import { registerRepositoryTools } from './repository-tools.ts';
import type { AnalysisOutcome, AnalysisTask } from './tasks.ts';

serveMain('code-analysis', (options) => {
  const entry = workerEntry(import.meta.url);
  const pool = createWorkerPool<AnalysisTask, AnalysisOutcome>({ entry });
  const cache = openServerCache(options.cache, entry);
  return {
    createServer: () => {
      const server = new McpServer({ name: 'code-analysis', title: 'Code analysis', version: '0.1.0' });
      registerRepositoryTools(server, options, pool, cache);
      registerAdviceTools(server);
      registerGuides(server);
      return server;
    },
    dispose: () => pool.dispose(),
  };
});
