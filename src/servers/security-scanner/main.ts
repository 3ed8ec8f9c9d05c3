/** The security-scanner server: secrets, dangerous code and dependencies of a repository, over stdio. */
import { McpServer } from '@modelcontextprotocol/server';
import type { ScanOutcome, ScanTask } from '../../analysis/security/scan-file.ts';
import { serveMain } from '../kit/serve.ts';
import { createWorkerPool, workerEntry } from '../kit/worker-pool.ts';
import { registerGuides } from './guides.ts';
import { registerScanTool } from './scan-tool.ts';

serveMain('security-scanner', (options) => {
  const pool = createWorkerPool<ScanTask, ScanOutcome>({ entry: workerEntry(import.meta.url) });
  return {
    createServer: () => {
      const server = new McpServer({ name: 'security-scanner', title: 'Security scanner', version: '0.1.0' });
      registerScanTool(server, options, pool);
      registerGuides(server);
      return server;
    },
    dispose: () => pool.dispose(),
  };
});
