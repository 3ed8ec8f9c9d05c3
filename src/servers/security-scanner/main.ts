/** The security-scanner server: secrets, dangerous code and dependencies of a repository, over stdio. */
import { McpServer } from '@modelcontextprotocol/server';
import type { ScanOutcome, ScanTask } from '../../analysis/security/scan-file.ts';
import { openServerCache } from '../kit/cache.ts';
import { serveMain } from '../kit/serve.ts';
import { createWorkerPool, workerEntry } from '../kit/worker-pool.ts';
import { registerGuides } from './guides.ts';
import { registerScanTool } from './scan-tool.ts';

serveMain('security-scanner', (options) => {
  const entry = workerEntry(import.meta.url);
  const pool = createWorkerPool<ScanTask, ScanOutcome>({ entry });
  const cache = openServerCache(options.cache, entry);
  return {
    createServer: () => {
      const server = new McpServer({ name: 'security-scanner', title: 'Security scanner', version: '0.1.0' });
      registerScanTool(server, options, pool, cache);
      registerGuides(server);
      return server;
    },
    dispose: () => pool.dispose(),
  };
});
