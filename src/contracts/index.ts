/** The nouns and the ports. The only barrel in the house. */
export * from './app.ts';
export * from './approvals.ts';
export * from './audit.ts';
export * from './call.ts';
export * from './call-record.ts';
export * from './credentials.ts';
export * from './governance.ts';
export * from './ids.ts';
export * from './metrics.ts';
export * from './ports.ts';
export * from './rate-limit.ts';
export * from './review.ts';
export * from './review-text.ts';
export * from './run.ts';
export * from './server.ts';
export * from './workflow.ts';
