/** What the server offers besides tools: the list of its rules, and a prompt that asks for a review. */
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { RULES } from '../../analysis/code/rules.ts';

const RULES_URI = 'conductor://code-analysis/rules';

export function registerGuides(server: McpServer): void {
  const description = 'Every rule of this server: what it looks for and what would be right';
  server.registerResource('rules', RULES_URI, { title: 'Rules', description, mimeType: 'application/json' }, (uri) => {
    const rules = Object.entries(RULES).map(([id, rule]) => ({ id, ...rule }));
    return { contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(rules, null, 2) }] };
  });
  server.registerPrompt(
    'review_repository',
    {
      title: 'Review a repository',
      description: 'Asks for a review of a folder with the tools of this server',
      argsSchema: z.object({ path: z.string().describe('Folder to review') }),
    },
    ({ path }) => ({ messages: [{ role: 'user', content: { type: 'text', text: reviewRequest(path) } }] }),
  );
}

function reviewRequest(path: string): string {
  return [
    `Review the repository in ${JSON.stringify(path)}.`,
    'Call analyze_repository and analyze_documentation on that path,',
    'then generate_recommendations with all findings, and create_action_items with the recommendations.',
    'Report the five most important action items first, each with its file, line and reason;',
    'name everything the tools list as skipped or partial.',
  ].join(' ');
}
