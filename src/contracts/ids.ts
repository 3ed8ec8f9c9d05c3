/** Every command, view, setting and output channel, in one record each; a test pins them to package.json both ways. */

export const COMMANDS = {
  reviewRepository: 'mcp-conductor.reviewRepository',
  openReview: 'mcp-conductor.openReview',
  runTool: 'mcp-conductor.runTool',
  startServer: 'mcp-conductor.startServer',
  stopServer: 'mcp-conductor.stopServer',
  restartServer: 'mcp-conductor.restartServer',
  refreshServers: 'mcp-conductor.refreshServers',
  showServerLog: 'mcp-conductor.showServerLog',
  openConfiguration: 'mcp-conductor.openConfiguration',
  editConfiguration: 'mcp-conductor.editConfiguration',
  showLog: 'mcp-conductor.showLog',
  cancelRun: 'mcp-conductor.cancelRun',
  clearFindings: 'mcp-conductor.clearFindings',
  showApprovals: 'mcp-conductor.showApprovals',
  revokeApproval: 'mcp-conductor.revokeApproval',
  verifyAudit: 'mcp-conductor.verifyAudit',
  setCredential: 'mcp-conductor.setCredential',
} as const;

export const VIEW_CONTAINER = 'mcp-conductor';

export const VIEWS = {
  servers: 'mcp-conductor.servers',
  runs: 'mcp-conductor.runs',
} as const;

export const PANELS = {
  review: 'mcp-conductor.reviewPanel',
} as const;

/** Of the user alone: a workspace must not be able to send anything anywhere. */
export const SETTINGS = {
  reviewOnline: 'mcp-conductor.review.online',
} as const;

/** Keys that `when` clauses of the manifest read. */
export const CONTEXT_KEYS = {
  serversRunning: 'mcp-conductor.serversRunning',
  runActive: 'mcp-conductor.runActive',
  hasFindings: 'mcp-conductor.hasFindings',
} as const;

export const CHANNELS = {
  summary: 'MCP Conductor',
  trace: 'MCP Conductor: Trace',
} as const;

/** Ids that no file may define: what answers to them is always ours. */
export const BUNDLED_SERVERS = ['code-analysis', 'security-scanner'] as const;
export type BundledServerId = (typeof BUNDLED_SERVERS)[number];

/** Kept for bundled servers to come, so that no configuration grows into them. */
export const RESERVED_SERVER_IDS: readonly string[] = [
  ...BUNDLED_SERVERS,
  'literature',
  'documents',
  'code-search',
  'conductor',
];
