/** The protocol between the extension host and the review panel: typed descriptors, one transport. */
import type { NotificationType, RequestType } from 'vscode-messenger-common';
import type { ReviewReport } from './review.ts';

/** What the panel shows while the run goes on and when it has ended. */
export interface ReviewPanelState {
  /** What the panel remembers to be restored from after a reload. */
  readonly runId: string;
  readonly title: string;
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly steps: readonly {
    readonly id: string;
    readonly label: string;
    readonly status: 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';
    readonly durationMs?: number | undefined;
    readonly progress?: string | undefined;
    readonly error?: string | undefined;
  }[];
  /** Of the whole run, once it has ended. */
  readonly durationMs?: number | undefined;
  readonly report: ReviewReport | null;
  /** Present when the run failed as a whole. */
  readonly error?: string | undefined;
}

/** Panel → host: it can show something; the host answers with what there is. */
export const panelReady: RequestType<void, ReviewPanelState> = { method: 'review/ready' };
/** Host → panel: there is something new to show. */
export const stateChanged: NotificationType<ReviewPanelState> = { method: 'review/stateChanged' };
/** Panel → host: open this place in an editor. `file` is relative to the report's root. */
export const openPlace: NotificationType<{ readonly file: string; readonly line: number }> = {
  method: 'review/openPlace',
};
export const cancelReview: NotificationType<void> = { method: 'review/cancel' };
export const rerunReview: NotificationType<void> = { method: 'review/rerun' };
