/** What people decided and granted, for views and the command line; each decision goes into the audit log. */
import type { Clock } from '../base/clock.ts';
import type { ApprovalRecord, AuditLog, AuditRecord, Grant, Granted } from '../contracts/index.ts';
import type { Grants } from '../middleware/approval/grants.ts';

interface DecisionRecordsOptions {
  readonly clock: Clock;
  /** @default nothing is recorded */
  readonly auditLog?: AuditLog | undefined;
  readonly onError: (error: unknown) => void;
}

export class DecisionRecords {
  readonly #options: DecisionRecordsOptions;

  constructor(options: DecisionRecordsOptions) {
    this.#options = options;
  }

  decided({ id, request, decision }: ApprovalRecord): void {
    if (decision === undefined) return;
    const { approved, by } = decision;
    this.#write({
      callId: id,
      principal: request.requestor,
      server: request.server,
      target: request.tool,
      run: request.run,
      step: request.step,
      decision: {
        effect: approved ? 'allow' : 'deny',
        because: `${approved ? reachOf(decision) : 'refused'} by ${by}`,
      },
      argumentsHash: this.#options.auditLog?.keyedHash(request.argumentsDigest) ?? '',
    });
  }

  revoked(grant: Grant, by: string): void {
    this.#write({
      callId: grant.id,
      principal: grant.principal,
      server: grant.server,
      target: grant.tool,
      run: grant.run,
      decision: { effect: 'deny', because: `revoked by ${by}: it was ${reachOf(grant)} by ${grant.by}` },
      argumentsHash: '',
    });
  }

  #write(record: Omit<AuditRecord, 'at' | 'kind' | 'approval'>): void {
    const { auditLog, clock, onError } = this.#options;
    // Somebody may close the program right after having decided.
    auditLog?.append({ ...record, at: clock.now(), kind: 'approval', approval: record.callId }, true).catch(onError);
  }
}

export function grantsOf(grants: Grants, records: DecisionRecords): Granted {
  return {
    async list() {
      await grants.refresh();
      return grants.list();
    },
    async revoke(id, by) {
      await grants.refresh();
      const grant = grants.list().find((each) => each.id === id);
      if (grant === undefined || !(await grants.revoke(id))) return false;
      records.revoked(grant, by);
      return true;
    },
    onChange: grants.onChange,
  };
}

function reachOf({ scope, reach }: Pick<Grant, 'scope' | 'reach'>): string {
  const whole = reach === 'server' ? ' for the whole server' : '';
  switch (scope) {
    case 'once':
      return 'approved once';
    case 'run':
      return `approved for the run${whole}`;
    case 'workspace':
      return `approved for the workspace${whole}`;
    case 'always':
      return `approved for good${whole}`;
  }
}
