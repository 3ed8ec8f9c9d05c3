/** Asks on the terminal what permissions leave to a person: one question at a time, and no answer means no. */
import { userInfo } from 'node:os';
import { systemClock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Disposable } from '../base/disposables.ts';
import { approvalDetail, visibleText } from '../contracts/approval-text.ts';
import type { ApprovalRecord, Approvals, ApprovalScope } from '../contracts/index.ts';

export interface Terminal {
  write(text: string): void;
  question(prompt: string): Promise<string>;
}

const SCOPES: Readonly<Record<string, ApprovalScope>> = { y: 'once', r: 'run', w: 'workspace', a: 'always' };
const PROMPT =
  'Approve? [y] once, [r] this run, [w] this workspace, [a] always; r*, w*, a* for every tool of its server; [N] no: ';

/** Answers every question that comes up until it is disposed. */
export function answerOnTerminal(approvals: Approvals, terminal: Terminal): Disposable {
  const asked = new Set<string>();
  let asking: Promise<void> = Promise.resolve();
  const look = (): void => {
    for (const record of approvals.waiting().filter(({ id }) => !asked.has(id))) {
      asked.add(record.id);
      asking = asking.then(() => ask(approvals, record, terminal));
    }
  };
  look();
  return approvals.onChange(look);
}

async function ask(approvals: Approvals, { id, request }: ApprovalRecord, terminal: Terminal): Promise<void> {
  if (!approvals.waiting().some((record) => record.id === id)) return;
  terminal.write(`\n${visibleText(request.summary)}\n${approvalDetail(request, systemClock.now())}\n`);
  const [, letter = '', star] = /^([yrwa])(\*?)$/.exec((await terminal.question(PROMPT)).trim().toLowerCase()) ?? [];
  const scope = SCOPES[letter];
  const reach = star === '*' && scope !== 'once' ? 'server' : 'tool';
  try {
    await approvals.decide(id, { approved: scope !== undefined, scope: scope ?? 'once', reach, by: whoDecides() });
  } catch (error) {
    terminal.write(`${messageOf(error)}\n`);
  }
}

/** The name of the user at this machine, for the record. */
export function whoDecides(): string {
  try {
    return userInfo().username;
  } catch {
    return 'command line'; // a user without an entry in the system's list
  }
}
