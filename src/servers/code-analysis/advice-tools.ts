/** The tools that turn findings into what to do: recommendations, then action items. */
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { planActions } from '../../analysis/advice/action-items.ts';
import { recommend } from '../../analysis/advice/recommendations.ts';
import {
  actionItemsResultSchema,
  dependencyEntrySchema,
  documentationSchema,
  findingInputSchema,
  recommendationSchema,
  recommendationsResultSchema,
} from '../../analysis/schemas.ts';
import { registerTool } from '../kit/tools.ts';

export function registerAdviceTools(server: McpServer): void {
  registerTool(server, {
    name: 'generate_recommendations',
    title: 'Recommend',
    description:
      'Groups findings by rule and area and ranks the groups by severity × confidence × reach, each with places and a reason. Deterministic.',
    input: z.object({
      findings: z.array(findingInputSchema).max(50_000),
      documentation: documentationSchema.nullish(),
      dependencies: z.array(dependencyEntrySchema).max(100_000).nullish(),
      max: z.int().min(1).max(50).default(50),
    }),
    output: recommendationsResultSchema,
    run: async ({ findings, documentation, dependencies, max }) => ({
      recommendations: recommend({
        findings,
        documentation: documentation ?? undefined,
        dependencies: dependencies ?? undefined,
        max,
      }),
    }),
    summarize: ({ recommendations }) =>
      recommendations.map((one) => `${one.score} ${one.severity} ${one.title}`).join('\n') || 'nothing to recommend',
  });
  registerTool(server, {
    name: 'create_action_items',
    title: 'Plan actions',
    description:
      'Breaks recommendations down into ranked action items, each with file, line, reason and effort. Deterministic.',
    input: z.object({
      recommendations: z.array(recommendationSchema).max(1_000),
      max: z.int().min(1).max(100).default(20),
    }),
    output: actionItemsResultSchema,
    run: async ({ recommendations, max }) => ({ actionItems: planActions(recommendations, max) }),
    summarize: ({ actionItems }) =>
      actionItems.map((item) => `${item.priority}. ${item.title}, effort ${item.effort}`).join('\n') || 'nothing to do',
  });
}
