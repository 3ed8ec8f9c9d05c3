/** Starts pipelines: the built-in workflow files, with the tools that the configuration points their steps at. */
import type { JsonObject } from '../base/json.ts';
import type { RunHandle, WorkflowSource } from '../contracts/index.ts';
import type { ReadConfig } from './config/read-config.ts';
import type { Workflows } from './workflows.ts';

export interface PipelinesOptions {
  readonly workflows: Workflows;
  /** The text of a built-in workflow file, by name. */
  readonly pipeline: (name: string) => Promise<WorkflowSource>;
  /** As of now; it may be edited while the app runs. */
  readonly config: () => ReadConfig;
}

export type StartPipeline = (name: string, title: string, inputs: JsonObject) => Promise<RunHandle>;

export function createPipelines({ workflows, pipeline, config }: PipelinesOptions): StartPipeline {
  return async (name, title, inputs) => {
    const tools = config().config.pipelines[name] ?? {};
    const plan = workflows.plan(await pipeline(name), { where: `config.yaml: pipelines.${name}`, tools });
    return workflows.start({ plan, inputs, title, caller: name });
  };
}
