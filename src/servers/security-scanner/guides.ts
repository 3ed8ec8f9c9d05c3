/** What the server offers besides its tool: the list of its rules, and a prompt that asks for a security review. */
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { RULE_CATALOG } from '../../analysis/security/rule-catalog.ts';

const RULES_URI = 'conductor://security-scanner/rules';

export function registerGuides(server: McpServer): void {
  const description = 'Every rule of this server: what it looks for, its CWE, why it matters and what would be right';
  server.registerResource('rules', RULES_URI, { title: 'Rules', description, mimeType: 'application/json' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(RULE_CATALOG, null, 2) }],
  }));
  server.registerPrompt(
    'security_review',
    {
      title: 'Review the security of a repository',
      description: 'Asks for a security review of a folder with the tool of this server',
      argsSchema: z.object({ path: z.string().describe('Folder to review') }),
    },
    ({ path }) => ({ messages: [{ role: 'user', content: { type: 'text', text: reviewRequest(path) } }] }),
  );
}

function reviewRequest(path: string): string {
  return [
    `Review the security of the repository in ${JSON.stringify(path)}.`,
    'Call scan_repository on that path.',
    'For every finding of severity high or critical open its place and say whether a stranger can reach it, and how to fix it.',
    'Never repeat a secret; name its file and line.',
    'Name everything the tool lists as skipped.',
  ].join(' ');
}
