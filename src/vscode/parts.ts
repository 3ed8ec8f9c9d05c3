/** What the contributions are given to work with. */
import type { Clock } from '../base/clock.ts';
import type { Log } from './background.ts';
import type { ConfigFiles } from './configuration/config-files.ts';
import type { ConfigLanguage } from './configuration/language-loader.ts';
import type { ConfigurationDiagnostics } from './diagnostics/configuration.ts';
import type { FindingDiagnostics } from './diagnostics/findings.ts';
import type { Engine } from './engine.ts';
import type { OutputChannels } from './output/channels.ts';
import type { ResultDocuments } from './panels/result-documents.ts';
import type { ReviewPanels } from './panels/review-panels.ts';
import type { Reviews } from './reviews.ts';
import type { RunsTree } from './trees/runs-tree.ts';
import type { ServersTree } from './trees/servers-tree.ts';

export interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  readonly engine: Engine;
  readonly channels: OutputChannels;
  readonly findings: FindingDiagnostics;
  readonly configuration: ConfigurationDiagnostics;
  readonly configFiles: ConfigFiles;
  readonly configLanguage: () => ConfigLanguage;
  readonly panels: ReviewPanels;
  readonly results: ResultDocuments;
  readonly reviews: Reviews;
  readonly servers: ServersTree;
  readonly runs: RunsTree;
}
